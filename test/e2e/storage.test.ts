import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { openVirtdeck } from '../support/program.js';
import { requires } from '../support/requirements.js';
import type { Terminal } from '../support/terminal.js';

const key = { tab: '\t', enter: '\r', escape: '\u001b', clear: '\u0015' } as const;

requires(
  'libvirtd',
  'qemu',
  'dist',
)('the storage of a real libvirtd, in a terminal', () => {
  let daemon: PrivateLibvirtd;
  let home: string;
  let terminal: Terminal;

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'disks' });
    const path = join(daemon.folder, 'images');
    await virsh('pool-define-as', 'images', 'dir', '--target', path);
    await virsh('pool-build', 'images');
    await virsh('pool-start', 'images');
    await virsh('vol-create-as', 'images', 'base.qcow2', '64M', '--format', 'qcow2');
  });

  afterAll(() => daemon?.stop());

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'virtdeck-test-'));
    terminal = openVirtdeck(['-c', daemon.qemuUri], {
      cols: 120,
      rows: 40,
      env: { XDG_CONFIG_HOME: home },
    });
    await terminal.waitFor(/session\?socket.*GiB/);
    terminal.send(key.enter);
    await terminal.waitFor('[Overview]');
    terminal.send('3');
    await terminal.waitFor(() => row('images') !== '');
  });

  afterEach(async () => {
    await terminal.close();
    await rm(home, { recursive: true });
  });

  const virsh = (...args: string[]) => daemon.virshOk(args, { uri: daemon.qemuUri });
  const row = (name: string): string =>
    terminal.screen().find(
      (line) =>
        line
          .trim()
          .replace(/^[●○◐] /, '')
          .split(/\s+/, 1)[0] === name,
    ) ?? '';

  /** Goes on from field to field until the button has the focus, and presses it. */
  async function pressButton(label: string): Promise<void> {
    for (let field = 0; field < 12 && !terminal.text().includes(`[ ${label} ]`); field += 1) {
      terminal.send(key.tab);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    await terminal.waitFor(`[ ${label} ]`);
    terminal.send(key.enter);
  }

  it('stops and starts a pool, and follows what virsh does to it', async () => {
    terminal.send('d');
    await terminal.waitFor(/images\?/);
    terminal.send('y');
    await terminal.waitFor(() => row('images').includes('inactive'));
    expect(await virsh('pool-list', '--name')).not.toContain('images');
    await virsh('pool-start', 'images');
    await terminal.waitFor(() => row('images').includes('running'));
  });

  it('makes an overlay by the form, shows its chain, and refuses to delete the base', async () => {
    terminal.send(key.enter);
    await terminal.waitFor(() => row('base.qcow2') !== '');
    terminal.send('n');
    await terminal.waitFor('New volume in images');
    terminal.send(`web-1.qcow2${key.tab}${key.tab}10XB${key.tab}`);
    await terminal.waitFor('"XB" is no unit');
    terminal.send(`\u001b[Z${key.clear}96M${key.tab}${key.tab}base.qcow2`);
    await terminal.waitFor('<backingStore>');
    await pressButton('Create');
    await terminal.waitFor(() => /web-1\.qcow2 +qcow2 +96 MiB/.test(row('web-1.qcow2')));
    expect(await virsh('vol-dumpxml', 'web-1.qcow2', 'images')).toMatch(/<path>.*base\.qcow2<\/path>/);
    terminal.send('b');
    await terminal.waitFor(/Backing chain[\s\S]*base\.qcow2[\s\S]*web-1\.qcow2/);
    terminal.send(key.escape);
    await terminal.waitFor(() => !terminal.text().includes('Backing chain'));
    terminal.send('gD');
    await terminal.waitFor(/base\.qcow2 is in use/);
    await terminal.waitFor('web-1.qcow2');
    terminal.send(key.escape);
    expect(await virsh('vol-list', 'images')).toContain('base.qcow2');
  });

  it('uploads and downloads a file as tasks, byte for byte', async () => {
    const source = join(home, 'data.raw');
    const contents = Buffer.concat([randomBytes(2_000_003), Buffer.alloc(5_000_000), randomBytes(5)]);
    await writeFile(source, contents);
    terminal.send(key.enter);
    await terminal.waitFor(() => row('base.qcow2') !== '');
    terminal.send('u');
    await terminal.waitFor('Upload into images');
    terminal.send(source);
    await pressButton('Upload');
    await terminal.waitFor(() => row('data.raw') !== '');
    await terminal.waitFor('read back and compared');
    terminal.send('/data');
    terminal.send(key.enter);
    await terminal.waitFor(() => row('data.raw') !== '' && row('base.qcow2') === '');
    terminal.send('x');
    await terminal.waitFor('Download data.raw');
    const target = join(home, 'back.raw');
    terminal.send(`${key.clear}${target}`);
    await pressButton('Download');
    await terminal.waitFor('CAPACITY');
    terminal.send('J');
    await terminal.waitFor(/SHA-256 [0-9a-f]{20}/);
    expect(Buffer.compare(await readFile(target), contents)).toBe(0);
    await terminal.waitFor(/download data\.raw/);
    await terminal.waitFor(/upload data\.raw/);
  });
});
