import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeBootDisk } from '../support/boot-disk.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { cliPath } from '../support/program.js';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';
import { Sshd } from '../support/sshd.js';
import { Terminal } from '../support/terminal.js';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqFvBqXxVvJYBVuzzUvZjO1qEwMZ9lGkSuTn1e6k8YV x';

requires(
  'libvirtd',
  'qemu',
  'qemu-img',
  'xorriso',
  'sshd',
  'netcat',
  'dist',
)('a host over ssh does all that a host of this machine does', () => {
  let folder: string;
  let daemon: PrivateLibvirtd;
  let sshd: Sshd;
  let uri: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vd-far-'));
    daemon = await PrivateLibvirtd.start({ name: 'far', config: 'auth_unix_rw = "none"\n' });
    sshd = await Sshd.start();
    const known = await sshd.knownHosts();
    const place = `${userInfo().username}@127.0.0.1:${sshd.port}`;
    uri = `qemu+ssh://${place}/session?socket=${daemon.socket}&keyfile=${sshd.key}&known_hosts=${known}`;
    const target = `${daemon.folder}/data/images`;
    await daemon.virshOk(['pool-define-as', 'far', 'dir', '--target', target], { uri: daemon.qemuUri });
    await daemon.virshOk(['pool-build', 'far'], { uri: daemon.qemuUri });
    await daemon.virshOk(['pool-start', 'far'], { uri: daemon.qemuUri });
  });

  afterAll(async () => {
    for (const name of await readdir(join(folder, 'virtdeck')).catch(() => []))
      if (name.startsWith('ssh-'))
        await runProcess('ssh', ['-O', 'exit', '-S', join(folder, 'virtdeck', name), 'x']);
    await sshd?.stop();
    await daemon?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const env = () => ({
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    XDG_CONFIG_HOME: folder,
    XDG_STATE_HOME: folder,
    XDG_CACHE_HOME: folder,
  });
  const virtdeck = (...args: readonly string[]) =>
    runProcess(process.execPath, [cliPath, ...args, '-c', uri], { env: env() });

  it('a file goes up and comes back as it was', async () => {
    const bytes = Buffer.alloc(300_000, 'virtdeck');
    await writeFile(join(folder, 'up'), bytes);
    expect(await virtdeck('vol', 'upload', 'far', 'thing.img', join(folder, 'up'))).toMatchObject({
      exitCode: 0,
    });
    expect(await virtdeck('vol', 'download', 'far', 'thing.img', join(folder, 'down'))).toMatchObject({
      exitCode: 0,
    });
    expect((await readFile(join(folder, 'down'))).equals(bytes)).toBe(true);
    expect((await virtdeck('vol', 'list', 'far')).stdout).toContain('thing.img');
  });

  it('a VM is made there of an image from here, and its console is at hand', async () => {
    const { disk } = await makeBootDisk(folder, 'boot');
    const image = join(folder, 'base.qcow2');
    await runProcess('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', disk, image]);
    const words = [
      '--image',
      image,
      '--pool',
      'far',
      '--user-network',
      '--virt-type',
      'qemu',
      '--memory',
      '128',
    ];
    const made = await virtdeck('create', 'far-1', ...words, '--ssh-key', key, '--no-wait');
    expect(`${made.exitCode}\n${made.stderr}`).toMatch(/^0\n/);
    const { stdout } = await daemon.virsh(['domblklist', 'far-1'], { uri: daemon.qemuUri });
    expect(stdout).toContain(`${daemon.folder}/data/images/`);
    const terminal = Terminal.open({
      command: process.execPath,
      args: [cliPath, 'console', 'far-1', '-c', uri],
      env: env(),
    });
    await terminal.waitFor(/Escape character/);
    terminal.send('\u001d');
    expect((await terminal.onExit).exitCode).toBe(0);
    await terminal.close();
    const gone = await virtdeck('undefine', 'far-1', '--force', '--remove-all-storage');
    expect(`${gone.exitCode} ${gone.stderr}`).toMatch(/^0/);
  });
});
