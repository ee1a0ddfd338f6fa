import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { net } from '../../source/commands/net/net.js';
import { pool } from '../../source/commands/pool/pool.js';
import { vol } from '../../source/commands/vol/vol.js';
import type { Hypervisor } from '../../source/libvirt/hypervisor.js';
import { openHypervisor } from '../../source/libvirt/open.js';
import { runCommand } from '../support/command-io.js';
import { defineDomain } from '../support/domains.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { requires } from '../support/requirements.js';

const mib = 1024 * 1024;

requires('libvirtd', 'qemu')('net, pool and vol against a real libvirtd, with virsh as the witness', () => {
  let daemon: PrivateLibvirtd;
  let folder: string;
  let env: Record<string, string>;
  let world: Hypervisor;

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'stor' });
    // The test driver's world is gone with its last connection: this one stays.
    world = await openHypervisor(daemon.testUri, {});
    folder = await mkdtemp(join(tmpdir(), 'virtdeck-test-'));
    env = { XDG_CONFIG_HOME: '/nonexistent', XDG_STATE_HOME: join(folder, 'state') };
    const path = join(daemon.folder, 'images');
    await virsh('pool-define-as', 'images', 'dir', '--target', path);
    await virsh('pool-build', 'images');
  });

  afterAll(async () => {
    await world?.close();
    await daemon?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const virsh = (...args: string[]) => daemon.virshOk(args, { uri: daemon.qemuUri });
  const onTest = (...args: string[]) => daemon.virshOk(args, { uri: daemon.testUri });
  const run = (command: typeof vol, words: string, flags: Record<string, unknown> = {}) =>
    runCommand(command, words.split(' '), { connect: [daemon.qemuUri], ...flags }, { env });

  it('net: list, stop, start, autostart as virsh sees it', async () => {
    const connect = [daemon.testUri];
    const listed = await runCommand(net, ['list'], { connect, json: true });
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { name: 'default', active: true, forward: 'nat', ranges: ['192.168.122.0/24'] },
    ]);
    const cut = await runCommand(net, ['stop', 'default'], { connect });
    expect([cut.code, cut.stderr]).toEqual([1, expect.stringContaining('has 1 active guest: test;')]);
    expect((await runCommand(net, ['stop', 'default'], { connect, yes: true })).stdout).toBe(
      "Network 'default' stopped\n",
    );
    expect((await onTest('net-list', '--name')).trim()).toBe('');
    expect((await runCommand(net, ['list'], { connect })).stdout).not.toContain('default');
    expect((await runCommand(net, ['list'], { connect, all: true })).stdout).toMatch(/default +inactive/);
    await runCommand(net, ['start', 'default'], { connect });
    await runCommand(net, ['autostart', 'default', 'on'], { connect });
    expect(await onTest('net-list', '--name', '--autostart')).toContain('default');
    const xml = await runCommand(net, ['dumpxml', 'default'], { connect });
    expect(xml.stdout.trim()).toBe((await onTest('net-dumpxml', 'default')).trim());
  });

  it('says which network there is not, and what a driver cannot tell', async () => {
    const connect = [daemon.testUri];
    const missing = await runCommand(net, ['start', 'nothing', 'default'], { connect });
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain("failed to get network 'nothing'");
    expect(missing.stderr).toContain("Failed to start network 'default'");
    expect((await runCommand(net, ['leases', 'default'], { connect })).code).toBe(1);
    expect((await runCommand(net, ['autostart', 'default', 'maybe'], { connect })).code).toBe(2);
    expect((await runCommand(net, ['start'], { connect })).code).toBe(2);
  });

  it('pool: start, refresh, list, stop', async () => {
    expect((await run(pool, 'start images')).stdout).toBe("Pool 'images' started\n");
    expect(await virsh('pool-list', '--name')).toContain('images');
    expect((await run(pool, 'refresh images')).code).toBe(0);
    const listed = await run(pool, 'list', { json: true });
    const [images] = JSON.parse(listed.stdout);
    expect(images).toMatchObject({ name: 'images', state: 'running', type: 'dir' });
    expect(images.capacity).toBe(images.allocation + images.available);
  });

  it('vol: what virsh vol-create-as does, clone, resize both ways, and the chain', async () => {
    expect((await run(vol, 'create images base.qcow2 64M')).stdout).toBe("Volume 'base.qcow2' created\n");
    await run(vol, 'create images web-1.qcow2 96M', { backing: 'base.qcow2', allocation: '0' });
    const xml = await virsh('vol-dumpxml', 'web-1.qcow2', 'images');
    expect(xml).toMatch(/<backingStore>\s*<path>.*base\.qcow2<\/path>\s*<format type='qcow2'\/>/);
    expect((await run(vol, 'chain images base.qcow2')).stdout).toBe(
      'base.qcow2  images  <- this one\n  web-1.qcow2  images\n',
    );
    await run(vol, 'create images data.raw 8M', { format: 'raw', allocation: '0' });
    await run(vol, 'clone images data.raw copy.raw');
    expect(await virsh('vol-list', 'images')).toContain('copy.raw');
    await run(vol, 'resize images copy.raw +8M');
    expect(await virsh('vol-info', '--bytes', 'copy.raw', 'images')).toMatch(/Capacity: +16777216/);
    const shrink = await run(vol, 'resize images copy.raw 4M');
    expect([shrink.code, shrink.stderr]).toEqual([1, expect.stringContaining('--shrink')]);
    const shrunk = await run(vol, 'resize images copy.raw 4M', { shrink: true });
    expect([shrunk.code, shrunk.stderr]).toEqual([0, '']);
    const listed = JSON.parse((await run(vol, 'list images', { json: true })).stdout);
    expect(listed.map(({ name }: { name: string }) => name)).toEqual([
      'base.qcow2',
      'copy.raw',
      'data.raw',
      'web-1.qcow2',
    ]);
  });

  it('vol delete refuses what a domain or another volume needs, with their names', async () => {
    const path = (await virsh('vol-path', 'data.raw', 'images')).trim();
    await defineDomain(
      daemon,
      daemon.qemuUri,
      `<domain type='qemu'><name>user</name><memory unit='MiB'>32</memory><os><type>hvm</type></os><devices>
        <disk type='file'><source file='${path}'/><target dev='vda' bus='virtio'/></disk></devices></domain>`,
    );
    const refused = await run(vol, 'delete images data.raw base.qcow2 copy.raw');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("'data.raw' is used by domain user");
    expect(refused.stderr).toContain("'base.qcow2' is used by volume images/web-1.qcow2");
    expect(refused.stdout).toBe("Volume 'copy.raw' deleted\n");
    expect((await run(vol, 'delete images data.raw', { force: true })).code).toBe(0);
    expect(await virsh('vol-list', 'images')).not.toContain('data.raw');
    // A chain without its base is told as such, with an exit code for scripts.
    await run(vol, 'delete images base.qcow2', { force: true });
    const broken = await run(vol, 'chain images web-1.qcow2');
    expect([broken.code, broken.stdout]).toEqual([1, expect.stringContaining('(missing)')]);
  });

  it('vol upload and download, byte for byte', async () => {
    const source = join(folder, 'source.raw');
    const contents = Buffer.concat([randomBytes(3_000_001), Buffer.alloc(8_000_000), randomBytes(77)]);
    await writeFile(source, contents);
    const sent = await run(vol, `upload images up.raw ${source}`);
    expect(sent.stderr).toBe('');
    expect(sent.stdout).toContain("Volume 'up.raw' uploaded");
    const target = join(folder, 'target.raw');
    expect((await run(vol, `download images up.raw ${target}`)).code).toBe(0);
    expect(Buffer.compare(await readFile(target), contents)).toBe(0);
    const again = await run(vol, `download images up.raw ${target}`);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('--force')]);
  });

  it('an upload whose daemon is killed is marked, and goes on once there is one again', async () => {
    const source = join(folder, 'long.raw');
    const contents = Buffer.concat([
      randomBytes(40 * mib),
      Buffer.alloc(30 * mib),
      randomBytes(30 * mib + 5),
    ]);
    await writeFile(source, contents);
    // Killed while the contents are on their way.
    const stdout: string[] = [];
    let killing: Promise<void> | undefined;
    const write = (text: string) => {
      stdout.push(text);
      killing ??= daemon.kill();
    };
    const cut = await runCommand(
      vol,
      ['upload', 'images', 'long.raw', source],
      { connect: [daemon.qemuUri], json: true },
      { env, stdout: { write } },
    );
    await killing;
    expect([cut.code, cut.stderr]).toEqual([
      1,
      expect.stringMatching(/the volume long\.raw of the pool images is incomplete\nhint: .*--resume/),
    ]);
    await daemon.restart();
    await virsh('pool-start', 'images').catch(() => {});
    await virsh('pool-refresh', 'images');
    expect(await virsh('vol-list', 'images')).toContain('long.raw');
    expect((await run(vol, 'list images')).stdout).toMatch(/ long\.raw .* incomplete /);
    const resumed = await run(vol, `upload images long.raw ${source}`, { resume: true });
    expect([resumed.code, resumed.stderr]).toEqual([0, '']);
    expect(resumed.stdout).toContain(createHash('sha256').update(contents).digest('hex'));
    expect((await run(vol, 'list images')).stdout).not.toContain('incomplete');
    // libvirt's own client reads the same.
    const target = join(daemon.folder, 'witness.raw');
    await virsh('vol-download', 'long.raw', target, '--pool', 'images');
    expect(Buffer.compare(await readFile(target), contents)).toBe(0);
    const path = (await virsh('vol-path', 'long.raw', 'images')).trim();
    expect((await stat(path)).blocks * 512).toBeLessThan(80 * mib);
  });

  it('a download that is cut keeps its part and goes on', async () => {
    await virsh('vol-create-as', 'images', 'down.raw', '64M', '--format', 'raw');
    const contents = randomBytes(64 * mib);
    const source = join(daemon.folder, 'down-source');
    await writeFile(source, contents);
    await virsh('vol-upload', 'down.raw', source, '--pool', 'images');
    const target = join(folder, 'down.raw');
    const abort = new AbortController();
    let seen = 0;
    const isAfter = (text: string) => JSON.parse(text).bytes >= 0 && ++seen === 1;
    const cut = await runCommand(
      vol,
      ['download', 'images', 'down.raw', target],
      { connect: [daemon.qemuUri], json: true },
      // Not at once: something is to be there already.
      {
        env,
        signal: abort.signal,
        stdout: { write: (text) => isAfter(text) && setTimeout(() => abort.abort(), 30) },
      },
    );
    expect([cut.code, cut.stderr]).toEqual([1, expect.stringMatching(/cancelled\nhint: .*\.part holds/)]);
    await expect(stat(target)).rejects.toThrow('ENOENT');
    expect((await run(vol, `download images down.raw ${target}`, { resume: true })).code).toBe(0);
    expect(Buffer.compare(await readFile(target), contents)).toBe(0);
  });

  it('an image of qcow2 is one after its upload, and a file that does not fit is not begun', async () => {
    await virsh('vol-create-as', 'images', 'made.qcow2', '300M', '--format', 'qcow2');
    const image = join(daemon.folder, 'image.qcow2');
    await virsh('vol-download', 'made.qcow2', image, '--pool', 'images');
    expect((await run(vol, `upload images sent.qcow2 ${image}`)).stderr).toBe('');
    const xml = await virsh('vol-dumpxml', 'sent.qcow2', 'images');
    expect(xml).toContain("<format type='qcow2'/>");
    expect(xml).toContain(`<capacity unit='bytes'>${300 * mib}</capacity>`);
  });

  it('bad input is refused before libvirt is asked', async () => {
    for (const words of [
      'create images x.raw 10XB',
      'create images a/b 1G',
      'create images x.raw',
      'resize images x ten',
      'frobnicate',
    ]) {
      const { code, stderr } = await run(vol, words);
      expect([words, code, stderr.includes('virtdeck vol')]).toEqual([words, 2, true]);
    }
    // A file that is not there is no mistake of the command line.
    expect(await run(vol, `upload images x.raw ${folder}/nothing`)).toMatchObject({ code: 1 });
    const odd = await run(vol, 'list no\u001b[31mpool');
    expect(odd.stderr).not.toContain('\u001b');
  });
});
