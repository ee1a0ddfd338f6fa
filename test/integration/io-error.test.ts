import { chmod, chown, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { list } from '../../source/commands/list/list.js';
import { powerCommand } from '../../source/commands/power.js';
import { openHypervisor } from '../../source/libvirt/open.js';
import { runCommand } from '../support/command-io.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';

/** A boot sector that writes its disk full by the BIOS, 64 KiB at a time: whatever is in memory. */
function writingSector(): Buffer {
  const [packet, sectors] = [0x100, 128];
  const start = [0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xd0, 0xbc, 0x00, 0x7c];
  const loop = [
    ...[0xbe, 0x00, 0x7d], // mov si, packet
    ...[0xb8, 0x00, 0x43, 0xb2, 0x80, 0xcd, 0x13], // extended write to the first disk
    ...[0x81, 0x06, 0x08, 0x7d, sectors, 0x00], // the sectors behind those
    ...[0x83, 0x16, 0x0a, 0x7d, 0x00],
  ];
  const sector = Buffer.alloc(512);
  sector.set([...start, ...loop, 0xeb, 256 - loop.length - 2]);
  sector.set([16, 0, sectors, 0, 0x00, 0x00, 0x00, 0x10, sectors], packet);
  sector.set([0x55, 0xaa], 510);
  return sector;
}

requires(
  'libvirtd',
  'qemu',
  'qemu-img',
  'root',
)('a guest whose disk’s storage is full', () => {
  let daemon: PrivateLibvirtd;
  let storage: string;

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'ioerr' });
    storage = join(daemon.folder, 'full');
    await mkdir(storage);
    const mounted = await runProcess('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', storage]);
    if (mounted.exitCode !== 0) throw new Error(mounted.stderr);
    const raw = join(daemon.folder, 'boot.raw');
    await writeFile(raw, Buffer.concat([writingSector(), Buffer.alloc(32 * 1024 * 1024 - 512)]));
    const disk = join(storage, 'disk.qcow2');
    await runProcess('qemu-img', ['convert', '-O', 'qcow2', raw, disk]);
    const { uid, gid } = await stat(daemon.socket);
    await chmod(storage, 0o777);
    await chown(disk, uid, gid);
    const xml = join(daemon.folder, 'full.xml');
    await writeFile(
      xml,
      `<domain type='qemu'><name>full</name><memory unit='MiB'>32</memory><vcpu>1</vcpu>
       <os><type arch='x86_64' machine='pc'>hvm</type></os><devices><disk type='file' device='disk'>
       <driver name='qemu' type='qcow2' error_policy='stop'/><source file='${disk}'/>
       <target dev='vda' bus='virtio'/></disk></devices></domain>`,
    );
    const watching = await openHypervisor(daemon.qemuUri, { events: true });
    const paused = new Promise<void>((resolve) => {
      watching.onEvent((event) => {
        if (event.type === 'lifecycle' && event.event === 'suspended') resolve();
      });
    });
    await daemon.virshOk(['create', xml], { uri: daemon.qemuUri });
    await paused;
    await watching.close();
  });

  afterAll(async () => {
    await daemon?.virsh(['destroy', 'full'], { uri: daemon.qemuUri });
    await runProcess('umount', [storage]);
    await daemon?.stop();
  });

  it('is paused by an I/O error, in virsh’s words, for who comes later', async () => {
    const connect = [daemon.qemuUri];
    const state = await daemon.virshOk(['domstate', '--reason', 'full'], { uri: daemon.qemuUri });
    expect(state.trim()).toBe('paused (I/O error)');
    const { stdout } = await runCommand(list, [], { connect });
    expect(stdout).toMatch(/ full +paused \(I\/O error\) /);
    const { stdout: json } = await runCommand(list, [], { connect, json: true });
    expect(JSON.parse(json)).toMatchObject([{ name: 'full', state: 'paused', reason: 'I/O error' }]);
  });

  it('is not told as resumed where it fails again', async () => {
    const result = await runCommand(powerCommand('resume', ''), ['full'], { connect: [daemon.qemuUri] });
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain('it went on and is paused (I/O error) again');
    expect(result.stderr).toContain('hint: ');
  });
});
