import { access, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Command } from '../../source/commands/command.js';
import { create } from '../../source/commands/create/create.js';
import { parseFlags } from '../../source/commands/parse-flags.js';
import { undefine } from '../../source/commands/undefine.js';
import { vol } from '../../source/commands/vol/vol.js';
import type { Domain } from '../../source/inventory/types.js';
import { usersOf, type VolumeUse, VolumeUsers } from '../../source/inventory/volume-users.js';
import { openHypervisor } from '../../source/libvirt/open.js';
import { type CommandResult, runCommand } from '../support/command-io.js';
import { defineDomain, qemuDomainXml } from '../support/domains.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqFvBqXxVvJYBVuzzUvZjO1qEwMZ9lGkSuTn1e6k8YV x';

requires('libvirtd', 'qemu')('what is in use on a real libvirtd stays, however it is named', () => {
  let daemon: PrivateLibvirtd;
  let home: string;
  let images: string;

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'inuse' });
    home = await mkdtemp(join(tmpdir(), 'virtdeck-test-'));
    images = join(daemon.folder, 'images');
    await virsh('pool-define-as', 'images', 'dir', '--target', images);
    await virsh('pool-build', 'images');
    await virsh('pool-start', 'images');
    await symlink(images, join(daemon.folder, 'link'));
  });

  afterAll(async () => {
    await daemon?.stop();
    await rm(home, { recursive: true, force: true });
  });

  beforeEach(async () => {
    for (const name of (await virsh('list', '--all', '--name')).trim().split(/\s+/).filter(Boolean))
      for (const words of [
        ['destroy', name],
        ['undefine', name, '--snapshots-metadata', '--keep-nvram'],
      ])
        await daemon.virsh(words, { uri: daemon.qemuUri });
    await rm(images, { recursive: true });
    await mkdir(images);
    await runProcess('chown', ['--reference', daemon.folder, images]);
  });

  const virsh = (...args: string[]) => daemon.virshOk(args, { uri: daemon.qemuUri });
  const image = async (name: string, ...base: string[]): Promise<string> => {
    const path = join(images, name);
    const { exitCode, stderr } = await runProcess('qemu-img', [
      'create',
      '-q',
      '-u',
      '-f',
      'qcow2',
      ...base.flatMap((one) => ['-F', 'qcow2', '-b', one]),
      path,
      '10M',
    ]);
    if (exitCode !== 0) throw new Error(stderr);
    await runProcess('chown', ['--reference', daemon.folder, path]);
    return path;
  };
  const disk = (source: string, inside = '') =>
    `<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${source}'/>
      <target dev='vda' bus='virtio'/>${inside}</disk>`;
  const define = (name: string, devices: string, os = ''): Promise<void> => {
    const xml = qemuDomainXml(name, { devices });
    return defineDomain(daemon, daemon.qemuUri, xml.replace('</os>', `${os}</os>`));
  };
  const run = (
    command: Command,
    words: string,
    flags: Record<string, unknown> = {},
  ): Promise<CommandResult> =>
    runCommand(
      command,
      words.split(' '),
      { connect: [daemon.qemuUri], ...flags },
      { env: { XDG_CONFIG_HOME: home } },
    );
  const isThere = (path: string): Promise<boolean> =>
    access(path).then(
      () => true,
      () => false,
    );

  it('a file that holds the data of another image stays, though libvirt tells nobody of it', async () => {
    for (const [name, data, ...options] of [
      ['disk.qcow2', 'data.raw', '-f', 'qcow2', '-o', `data_file=${images}/data.raw`],
      ['disk.vmdk', 'disk-flat.vmdk', '-f', 'vmdk', '-o', 'subformat=monolithicFlat'],
    ] as const) {
      await runProcess('qemu-img', ['create', '-q', ...options, join(images, name), '10M']);
      expect(await run(vol, `delete images ${data}`)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`'${data}' is used by volume images/${name}`),
      });
      expect(await isThere(join(images, data))).toBe(true);
    }
  });

  it('the data of a disk goes with it where that is chosen, and is named where it is no volume', async () => {
    const create = async (data: string): Promise<void> => {
      const options = ['-f', 'qcow2', '-o', `data_file=${data}`];
      await runProcess('qemu-img', ['create', '-q', ...options, join(images, 'disk.qcow2'), '10M']);
      await define('split', disk(join(images, 'disk.qcow2')));
    };
    await create(join(images, 'data.raw'));
    const gone = await run(undefine, 'split', { storage: 'vda' });
    expect(gone.stdout).toContain("Volume 'disk.qcow2' of pool 'images' removed");
    expect(gone.stdout).toContain("Volume 'data.raw' of pool 'images' removed");
    const outside = join(daemon.folder, 'data.raw');
    await create(outside);
    const named = await run(undefine, 'split', { 'remove-all-storage': true });
    expect(named.stderr).toContain(
      `note: vda, its data (${outside}) stays: it is no volume of an active pool`,
    );
    expect(await isThere(outside)).toBe(true);
  });

  it('what a running guest writes to is not copied, whatever it is called and of whatever format', async () => {
    await image('base.qcow2');
    await image('over.qcow2', 'base.qcow2');
    await writeFile(join(images, 'plain.raw'), Buffer.alloc(2 ** 20));
    const options = ['-f', 'qcow2', '-o', `data_file=${images}/data.raw`];
    await runProcess('qemu-img', ['create', '-q', ...options, join(images, 'split.qcow2'), '1M']);
    for (const name of ['plain.raw', 'data.raw', 'split.qcow2'])
      await runProcess('chown', ['--reference', daemon.folder, join(images, name)]);
    const more = (name: string, target: string, type: string) =>
      disk(join(images, name)).replace('vda', target).replace("type='qcow2'", `type='${type}'`);
    await define(
      'writing',
      disk(`${daemon.folder}/link/over.qcow2`) +
        more('plain.raw', 'vdb', 'raw') +
        more('split.qcow2', 'vdc', 'qcow2'),
    );
    await virsh('start', 'writing');
    await virsh('pool-refresh', 'images');
    for (const name of ['over.qcow2', 'plain.raw', 'data.raw']) {
      const { code, stderr } = await run(vol, `clone images ${name} copy`);
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining(
          `${name} is in use by the running domain writing: a copy of it would be torn`,
        ),
      ]);
    }
    expect(await isThere(join(images, 'copy'))).toBe(false);
    expect((await run(vol, 'clone images base.qcow2 copy')).code).toBe(0);
  });

  it('a disk keeps its end while the guest on it is asleep', async () => {
    await runProcess('truncate', ['-s', '1M', join(images, 'disk.raw')]);
    await runProcess('chown', ['--reference', daemon.folder, join(images, 'disk.raw')]);
    await define('asleep', disk(join(images, 'disk.raw')).replace("type='qcow2'", "type='raw'"));
    await virsh('start', 'asleep');
    await virsh('managedsave', 'asleep');
    const shrink = () => run(vol, 'resize images disk.raw 512K', { shrink: true });
    expect((await shrink()).stderr).toContain("'disk.raw' is in use and would lose its end: domain asleep");
    await virsh('managedsave-remove', 'asleep');
    expect((await shrink()).code).toBe(0);
  });

  it('a volume that libvirt cannot describe stays with the domain that has it', async () => {
    await image('base.qcow2');
    const options = ['-f', 'qed', '-F', 'qcow2', '-b', join(images, 'base.qcow2')];
    await runProcess('qemu-img', ['create', '-q', ...options, join(images, 'odd.qed')]);
    await define('odd', disk(join(images, 'odd.qed')).replace("type='qcow2'", "type='qed'"));
    expect((await run(vol, 'delete images odd.qed')).stderr).toContain("'odd.qed' is used by domain odd");
    expect(await isThere(join(images, 'odd.qed'))).toBe(true);
  });

  it('a disk whose name has commas is chosen by it', async () => {
    await image('a,b.qcow2');
    await image('c.qcow2');
    await define(
      'commas',
      disk(join(images, 'a,b.qcow2')) + disk(join(images, 'c.qcow2')).replace('vda', 'vdb'),
    );
    const { stdout } = await run(undefine, 'commas', { storage: 'c.qcow2,a,b.qcow2' });
    for (const name of ['a,b.qcow2', 'c.qcow2'])
      expect(stdout).toContain(`Volume '${name}' of pool 'images' removed`);
  });

  it('a base stays under its overlay in every spelling that QEMU takes, and the chain shows it', async () => {
    const base = await image('base.qcow2');
    const nested = { driver: 'qcow2', file: { driver: 'file', filename: base } };
    const debug = { driver: 'qcow2', file: { driver: 'blkdebug', image: nested.file } };
    const spellings = [
      'base.qcow2',
      '../images/base.qcow2',
      `${images}/./base.qcow2`,
      `${images}//base.qcow2`,
      `//${images}/base.qcow2`,
      `${daemon.folder}/link/base.qcow2`,
      `${daemon.folder}/link/../images/base.qcow2`,
      `file:${base}`,
      `file://${base}`,
      `json:${JSON.stringify(nested)}`,
      `json:${JSON.stringify({ driver: 'qcow2', 'file.driver': 'file', 'file.filename': base })}`,
      `json:${JSON.stringify({ 'file.filename': base })}`,
      `json:${JSON.stringify(debug)}`,
    ];
    const verdicts: unknown[] = [];
    for (const spelling of spellings) {
      await rm(join(images, 'over.qcow2'), { force: true });
      await image('over.qcow2', spelling);
      const { code, stderr } = await run(vol, 'delete images base.qcow2');
      const chain = await run(vol, 'chain images over.qcow2');
      verdicts.push([spelling, code, stderr.split('\n')[0], chain.code, chain.stdout.split('\n')[0]]);
    }
    const refused = "error: 'base.qcow2' is used by volume images/over.qcow2";
    expect(verdicts).toEqual(spellings.map((one) => [one, 1, refused, 0, 'base.qcow2  images']));
    expect(await isThere(base)).toBe(true);
  });

  it('a disk stays that a domain names by a link to its folder, or shares a folder above of', async () => {
    await image('a.qcow2');
    await image('b.qcow2');
    await define('linked', disk(`${daemon.folder}/link/a.qcow2`));
    expect((await run(vol, 'delete images a.qcow2')).stderr).toContain("'a.qcow2' is used by domain linked");
    expect((await run(vol, 'delete images b.qcow2')).code).toBe(0);
    await image('b.qcow2');
    await define(
      'sharing',
      `<filesystem type='mount'><source dir='${daemon.folder}'/><target dir='all'/></filesystem>`,
    );
    expect((await run(vol, 'delete images b.qcow2')).stderr).toContain("'b.qcow2' is used by domain sharing");
  });

  it('the list of volumes names who uses one by a link to its folder', async () => {
    await image('a.qcow2');
    await define('linked', disk(`${daemon.folder}/link/a.qcow2`));
    await virsh('pool-refresh', 'images');
    const hypervisor = await openHypervisor(daemon.qemuUri, {});
    try {
      const domains = (await hypervisor.listDomains()).map(
        (one) => ({ ...one, revision: 1 }) as unknown as Domain,
      );
      const use = await new Promise<VolumeUse>((resolve) => {
        const users: VolumeUsers = new VolumeUsers({
          ask: (call) => call(hypervisor),
          domains: () => domains,
          changed: () => resolve(users.use),
        });
        users.read();
      });
      const volume = await hypervisor.volumes.lookup(await hypervisor.pools.lookup('images'), 'a.qcow2');
      expect(usersOf(use, volume, volume.key).map(({ domain }) => domain)).toEqual(['linked']);
    } finally {
      await hypervisor.close();
    }
  });

  it('the copy of a running guest’s disk stays while it is made', async () => {
    const source = await image('source.qcow2');
    await define('copied', disk(source));
    await virsh('start', 'copied');
    const copy = join(images, 'copy.qcow2');
    await virsh('blockcopy', 'copied', 'vda', copy, '--format', 'qcow2', '--transient-job');
    const refused = await run(vol, 'delete images copy.qcow2');
    expect(refused.stderr).toContain("'copy.qcow2' is used by domain copied");
    expect(await isThere(copy)).toBe(true);
  });

  it('what a saved guest wakes up with stays, and where a running one is being backed up to', async () => {
    await define('saved', disk(await image('awake.qcow2')));
    await virsh('start', 'saved');
    await virsh('managedsave', 'saved');
    const { stdout } = await daemon.virsh(['dumpxml', 'saved', '--inactive'], { uri: daemon.qemuUri });
    await image('asleep.qcow2');
    await defineDomain(daemon, daemon.qemuUri, stdout.replace('awake.qcow2', 'asleep.qcow2'));
    for (const name of ['awake.qcow2', 'asleep.qcow2'])
      expect((await run(vol, `delete images ${name}`)).stderr).toContain(`'${name}' is used by domain saved`);
    await virsh('managedsave-remove', 'saved');
    await define('backed', disk(await image('live.qcow2')));
    await virsh('start', 'backed');
    const xml = join(daemon.folder, 'backup.xml');
    const scratch = join(images, 'scratch.qcow2');
    await writeFile(
      xml,
      `<domainbackup mode='pull'><server transport='unix' socket='${daemon.folder}/nbd'/><disks>
        <disk name='vda' backup='yes' type='file'><scratch file='${scratch}'/></disk></disks></domainbackup>`,
    );
    await virsh('backup-begin', 'backed', xml);
    expect((await run(vol, 'delete images scratch.qcow2')).stderr).toContain(
      "'scratch.qcow2' is used by domain backed",
    );
  });

  it('a base stays under overlays that are in no pool, which a stopped domain has or another volume stands on', async () => {
    await image('low.qcow2');
    await image('../outer.qcow2', 'images/low.qcow2');
    await define('outside', disk(join(daemon.folder, 'outer.qcow2')));
    expect((await run(vol, 'delete images low.qcow2')).stderr).toContain(
      "'low.qcow2' is used by domain outside",
    );
    await virsh('undefine', 'outside');
    await image('top.qcow2', join(daemon.folder, 'outer.qcow2'));
    expect((await run(vol, 'delete images low.qcow2')).stderr).toContain(
      "'low.qcow2' is used by volume images/top.qcow2",
    );
    expect((await run(vol, 'delete images top.qcow2 low.qcow2')).code).toBe(0);
  });

  it('nothing is deleted while a pool that may hold overlays cannot be looked into', async () => {
    const other = join(daemon.folder, 'other');
    await virsh('pool-create-as', 'other', 'dir', '--target', other, '--build');
    await image('base.qcow2');
    await rm(other, { recursive: true });
    const refused = await run(vol, 'delete images base.qcow2');
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('perhaps a volume of the pool other, which cannot be read'),
    ]);
  });

  it('a file that two pools have is the same in both', async () => {
    const base = await image('base.qcow2');
    await image('over.qcow2', base);
    await define('owner', disk(join(images, 'over.qcow2')));
    await virsh('pool-create-as', 'again', 'dir', '--target', join(daemon.folder, 'link'));
    try {
      expect((await run(vol, 'delete again base.qcow2')).stderr).toContain('volume images/over.qcow2');
      expect((await run(vol, 'delete again over.qcow2')).stderr).toContain(
        "'over.qcow2' is used by domain owner",
      );
    } finally {
      await virsh('pool-destroy', 'again');
    }
  });

  it('a kernel and an initrd count, and the disks of a snapshot', async () => {
    for (const name of ['kernel', 'initrd', 'old.qcow2', 'new.qcow2']) await image(name);
    await define('direct', '', `<kernel>${images}/kernel</kernel><initrd>${images}/./initrd</initrd>`);
    for (const name of ['kernel', 'initrd'])
      expect((await run(vol, `delete images ${name}`)).stderr).toContain(
        `'${name}' is used by domain direct`,
      );
    await define('kept', disk(join(images, 'old.qcow2')));
    await virsh('snapshot-create-as', 'kept', 's1');
    const { stdout } = await daemon.virsh(['dumpxml', 'kept', '--inactive'], { uri: daemon.qemuUri });
    await defineDomain(daemon, daemon.qemuUri, stdout.replace('old.qcow2', 'new.qcow2'));
    expect((await run(vol, 'delete images old.qcow2')).stderr).toContain(
      "'old.qcow2' is used by domain kept",
    );
  });

  it('after an external snapshot a domain goes with its new file, which its pool had not seen', async () => {
    const first = await image('shot.qcow2');
    await define('shot', disk(first));
    await virsh('snapshot-create-as', 'shot', 's1', '--disk-only');
    const { code, stdout, stderr } = await run(undefine, 'shot', { 'remove-all-storage': true });
    expect([code, stdout]).toEqual([0, expect.stringContaining("Volume 'shot.s1' of pool 'images' removed")]);
    expect(stderr).toContain("volume 'shot.qcow2' stays: a base image");
    expect([await isThere(join(images, 'shot.s1')), await isThere(first)]).toEqual([false, true]);
  });

  it('NVRAM that two domains share stays until the last of them goes; what happens to it is told', async () => {
    const code = join(daemon.folder, 'code.fd');
    const vars = join(daemon.folder, 'vars.fd');
    for (const path of [code, vars]) await writeFile(path, Buffer.alloc(2 ** 21));
    for (const name of ['nv-a', 'nv-b', 'nv-c'])
      await define(
        name,
        '',
        `<loader readonly='yes' type='pflash'>${code}</loader><nvram>${name === 'nv-b' ? `${daemon.folder}/./vars.fd` : vars}</nvram>`,
      );
    const first = await run(undefine, 'nv-a');
    expect([first.code, first.stdout]).toEqual([0, "Domain 'nv-a' has been undefined\n"]);
    expect(first.stderr).toContain(`note: NVRAM '${vars}' stays: used by domain nv-`);
    for (const name of ['nv-b', 'nv-c']) expect(first.stderr).toContain(`domain ${name}`);
    expect((await run(undefine, 'nv-b', { 'keep-nvram': true })).stderr).toContain(
      'stays: used by domain nv-c',
    );
    expect(await isThere(vars)).toBe(true);
    const last = await run(undefine, 'nv-c', { nvram: true });
    expect(last.stdout).toBe(`Domain 'nv-c' has been undefined\nNVRAM '${vars}' removed\n`);
    expect(await isThere(vars)).toBe(false);
    await writeFile(vars, 'x');
    await define('nv-d', '', `<loader readonly='yes' type='pflash'>${code}</loader><nvram>${vars}</nvram>`);
    expect((await run(undefine, 'nv-d', { 'keep-nvram': true })).stderr).toBe(
      `note: NVRAM '${vars}' stays: --keep-nvram\n`,
    );
    expect(await isThere(vars)).toBe(true);
    expect((await run(undefine, 'x', { nvram: true, 'keep-nvram': true })).code).toBe(2);
  });

  it('files that the pool had not seen, or has seen as others, are what they are when a VM is made', async () => {
    const make = (name: string, ...words: string[]) => {
      const usual = [
        '--pool',
        'images',
        '--user-network',
        '--virt-type',
        'qemu',
        '--memory',
        '64',
        '--no-start',
      ];
      const parsed = parseFlags([name, ...usual, ...words], create.flags);
      if ('problem' in parsed) throw new Error(parsed.problem);
      const flags = { connect: [daemon.qemuUri], ...parsed.flags };
      const env = { PATH: process.env.PATH, HOME: home, XDG_STATE_HOME: home, XDG_CACHE_HOME: home };
      return runCommand(create, parsed.input, flags, { env });
    };
    for (const [name, contents, what] of [
      ['text', 'hello', 'it is text and no image'],
      ['packed', Buffer.from('1f8b0800', 'hex'), 'it is compressed (gzip)'],
      ['locked', Buffer.from('LUKS\xba\xbe\0\x01', 'latin1'), 'it is encrypted (LUKS)'],
      ['odd', 'vhdxfile\0', 'it is '],
    ] as const) {
      await writeFile(join(images, name), contents);
      for (const words of [['--import'], ['--ssh-key', key, '--image']])
        expect(await make('wrong', ...words, `images/${name}`)).toMatchObject({
          code: 1,
          stderr: expect.stringContaining(`the volume ${name} of the pool images: ${what}`),
        });
    }
    const path = join(images, 'x.img');
    await writeFile(path, Buffer.alloc(2 ** 20));
    await virsh('pool-refresh', 'images');
    expect(await virsh('vol-dumpxml', 'x.img', 'images')).toContain("<format type='raw'/>");
    await image('x.img');
    expect(await make('imported', '--import', 'images/x.img')).toMatchObject({ code: 0 });
    expect(await virsh('dumpxml', 'imported')).toMatch(/<driver name='qemu' type='qcow2'/);
    await image('new.qcow2');
    expect(await make('over', '--image', 'images/new.qcow2', '--ssh-key', key)).toMatchObject({ code: 0 });
    expect(await virsh('vol-dumpxml', 'over.qcow2', 'images')).toContain("<format type='qcow2'/>");
    await image('other.qcow2');
    expect((await run(vol, 'resize images other.qcow2 20M')).code).toBe(0);
    await image('taken.qcow2');
    const taken = await make('taken', '--disk', '10M', '--pxe');
    expect([taken.code, taken.stderr]).toEqual([
      1,
      expect.stringContaining('the pool images has a volume taken.qcow2 already'),
    ]);
    const twice = await make('twice', '--image', path, '--ssh-key', key);
    expect(twice.stderr).toContain('is a disk of the domain imported (vda), which writes to it');
  });
});
