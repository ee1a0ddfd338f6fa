import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { vol } from '../../source/commands/vol/vol.js';
import { type CommandResult, runCommand } from '../support/command-io.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';

requires('libvirtd', 'qemu')('copies of volumes on a real libvirtd, beside those of virsh', () => {
  let daemon: PrivateLibvirtd;
  let images: string;

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'copy' });
    images = join(daemon.folder, 'images');
    await virsh('pool-define-as', 'images', 'dir', '--target', images);
    await virsh('pool-build', 'images');
    await virsh('pool-start', 'images');
  });

  afterAll(() => daemon?.stop());

  const virsh = (...args: string[]) => daemon.virshOk(args, { uri: daemon.qemuUri });
  const run = (words: string, flags: Record<string, unknown> = {}): Promise<CommandResult> =>
    runCommand(
      vol,
      words.split(' '),
      { connect: [daemon.qemuUri], ...flags },
      { env: { XDG_STATE_HOME: daemon.folder } },
    );
  const make = async (xml: string): Promise<void> => {
    const file = join(daemon.folder, 'made.xml');
    await writeFile(file, xml);
    await unlessBusy(() => virsh('vol-create', 'images', file));
  };
  /** A volume's XML without what belongs to one file alone. */
  const told = async (name: string): Promise<string> =>
    (await virsh('vol-dumpxml', name, 'images'))
      .replaceAll(name, 'NAME')
      .replace(/<timestamps>[\s\S]*?<\/timestamps>/g, '')
      .replace(/<(allocation|physical).*/g, '')
      .replace(/\s+/g, ' ');

  it('an encrypted volume, a sparse one and an image with features are what their originals are', async () => {
    const uuid = 'f52a81b2-424e-490c-823d-6bd4235bc572';
    const secret = join(daemon.folder, 'secret.xml');
    await writeFile(secret, `<secret ephemeral='yes' private='yes'><uuid>${uuid}</uuid></secret>`);
    await virsh('secret-define', secret);
    await virsh('secret-set-value', uuid, '--base64', 'cGFzcw==');
    const volume = (name: string, size: number, target: string) =>
      `<volume><name>${name}</name><capacity unit='MiB'>${size}</capacity><allocation>0</allocation><target>${target}</target></volume>`;
    await make(volume('sparse.img', 500, "<format type='raw'/><permissions><mode>0640</mode></permissions>"));
    const features = '<compat>1.1</compat><features><lazy_refcounts/></features>';
    await make(volume('image.qcow2', 20, `<format type='qcow2'/>${features}`));
    const luks = `<encryption format='luks'><secret type='passphrase' uuid='${uuid}'/></encryption>`;
    await make(volume('enc.img', 20, `<format type='raw'/>${luks}`));
    for (const name of ['enc.img', 'sparse.img', 'image.qcow2']) {
      await unlessBusy(() => virsh('vol-clone', name, `virsh-${name}`, 'images'));
      await unlessBusy(async () => {
        const { code, stderr } = await run(`clone images ${name} own-${name}`);
        if (code !== 0) throw new Error(stderr);
      });
      expect(await told(`own-${name}`)).toBe(await told(`virsh-${name}`));
    }
    expect(await told('own-enc.img')).toContain(uuid);
    expect(await told('own-image.qcow2')).toContain('<lazy_refcounts/>');
    expect(await virsh('vol-info', '--bytes', 'own-sparse.img', 'images')).toMatch(/Allocation: +[04]\d*/);
  });

  it('an overlay is compat 1.1; its copy is an overlay or holds everything', async () => {
    await run('create images base.qcow2 20M');
    const io = (name: string, ...commands: string[]) =>
      runProcess('qemu-io', [...commands.flatMap((one) => ['-c', one]), join(images, name)]);
    await io('base.qcow2', 'write -P 7 0 1M');
    await run('create images top.qcow2 30M', { backing: 'base.qcow2' });
    await io('top.qcow2', 'write -P 8 2M 1M');
    await run('clone images top.qcow2 same.qcow2');
    await run('clone images top.qcow2 flat.qcow2', { flatten: true });
    for (const name of ['base.qcow2', 'top.qcow2', 'same.qcow2', 'flat.qcow2']) {
      const { stdout } = await runProcess('qemu-img', ['info', '--output=json', join(images, name)]);
      const info = JSON.parse(stdout);
      expect([name, info['format-specific'].data.compat]).toEqual([name, '1.1']);
      const overlay = name === 'top.qcow2' || name === 'same.qcow2';
      expect([name, info['backing-filename']]).toEqual([
        name,
        overlay ? join(images, 'base.qcow2') : undefined,
      ]);
    }
    for (const name of ['same.qcow2', 'flat.qcow2']) {
      const read = await io(name, 'read -P 7 0 1M', 'read -P 8 2M 1M');
      expect([read.exitCode, read.stdout]).toEqual([0, expect.not.stringContaining('failed')]);
    }
  });

  it('an overlay whose data lies in another file is copied flat only: two would write into that file', async () => {
    await run('create images under.qcow2 20M');
    const split = join(images, 'split.qcow2');
    const options = ['-F', 'qcow2', '-b', join(images, 'under.qcow2'), '-o', `data_file=${images}/split.raw`];
    await runProcess('qemu-img', ['create', '-q', '-f', 'qcow2', ...options, split]);
    // The daemon's user is another one.
    for (const file of [split, join(images, 'split.raw')])
      await runProcess('chown', ['--reference', images, file]);
    await virsh('pool-refresh', 'images');
    expect(await run('clone images split.qcow2 twin.qcow2')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('a copy of it would write there too'),
    });
    expect(await virsh('vol-list', 'images')).not.toContain('twin.qcow2');
    expect(await run('clone images split.qcow2 twin.qcow2', { flatten: true })).toMatchObject({ code: 0 });
  });
});

/** qemu-img measures the processor for a new LUKS header, and gives up on one that is busy. */
async function unlessBusy<T>(work: () => Promise<T>): Promise<T> {
  for (let round = 0; ; round += 1) {
    try {
      return await work();
    } catch (error) {
      if (round > 8 || !String(error).includes('accurate CPU usage')) throw error;
    }
  }
}
