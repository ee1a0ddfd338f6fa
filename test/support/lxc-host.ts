import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { guard } from './guardian.js';
import { runProcess } from './run-process.js';

const drivers = '/usr/lib/x86_64-linux-gnu/libvirt/connection-driver';
const packages = ['libvirt-daemon-driver-lxc', 'busybox-static'];
/** Folders of libvirtd that are its own, bound over the machine's in a mount namespace. */
const own: Readonly<Record<string, string>> = {
  run: '/run/libvirt',
  lib: '/var/lib/libvirt',
  cache: '/var/cache/libvirt',
  log: '/var/log/libvirt',
  etc: '/etc/libvirt',
};
const startTimeout = 20_000;

/**
 * A libvirtd of root's own with the LXC driver, which is taken out of Debian's package and not installed: the
 * machine's own libvirtd would load it as well. It sees no cgroup v2 beside v1, which the driver cannot bind.
 */
export class LxcHost {
  readonly uri: string;
  readonly folder: string;
  readonly #child: ChildProcess;
  readonly #forget: () => void;

  static async start(): Promise<LxcHost> {
    const folder = await mkdtemp(join(tmpdir(), 'vd-lxc-'));
    await chmod(folder, 0o755);
    for (const name of Object.keys(own)) await mkdir(join(folder, name));
    await unpack(folder);
    const all = join(folder, 'drivers');
    await mkdir(all);
    for (const from of [drivers, join(folder, 'unpacked', drivers)])
      for (const name of await readdir(from)) await symlink(join(from, name), join(all, name));
    await writeFile(join(folder, 'etc', 'libvirtd.conf'), 'auth_unix_rw = "none"\n');
    const binds = Object.entries(own).map(
      ([name, place]) => `mkdir -p ${place} && mount --bind ${folder}/${name} ${place}`,
    );
    const script = [
      ...binds,
      'umount /sys/fs/cgroup/unified 2>/dev/null',
      `exec libvirtd -p ${folder}/run/libvirtd.pid`,
    ].join('; ');
    const child = spawn('/usr/bin/unshare', ['-m', '--propagation', 'private', 'sh', '-c', script], {
      stdio: 'ignore',
      env: { ...process.env, LIBVIRT_DRIVER_DIR: all },
    });
    const host = new LxcHost(folder, child);
    for (const end = Date.now() + startTimeout; !(await host.#answers()); await delay(100))
      if (Date.now() > end) throw new Error('the libvirtd with the LXC driver does not answer');
    return host;
  }

  private constructor(folder: string, child: ChildProcess) {
    this.folder = folder;
    this.#child = child;
    this.uri = `lxc+unix:///system?socket=${folder}/run/libvirt-sock`;
    this.#forget = guard({ pid: child.pid });
  }

  virsh(...args: readonly string[]) {
    return runProcess('virsh', ['-c', this.uri, ...args]);
  }

  /** Defines a container that says "container is up" on its console and runs a shell there. */
  async define(name: string): Promise<void> {
    const root = join(this.folder, `root-${name}`);
    for (const part of ['bin', 'sbin', 'proc', 'sys', 'dev', 'tmp', 'etc', 'run'])
      await mkdir(join(root, part), { recursive: true });
    await cp(join(this.folder, 'unpacked', 'bin', 'busybox'), join(root, 'bin', 'busybox'));
    for (const command of ['sh', 'ls', 'echo', 'sleep']) await symlink('busybox', join(root, 'bin', command));
    await writeFile(join(root, 'sbin', 'init'), '#!/bin/sh\necho container is up\nexec /bin/sh\n', {
      mode: 0o755,
    });
    const xml = join(this.folder, `${name}.xml`);
    const emulator = join(this.folder, 'unpacked/usr/lib/libvirt/libvirt_lxc');
    await writeFile(
      xml,
      `<domain type='lxc'><name>${name}</name><memory unit='MiB'>128</memory><vcpu>1</vcpu>
<os><type arch='x86_64'>exe</type><init>/sbin/init</init></os>
<devices><emulator>${emulator}</emulator>
<filesystem type='mount' accessmode='passthrough'><source dir='${root}'/><target dir='/'/></filesystem>
<console type='pty'/></devices></domain>`,
    );
    const { exitCode, stderr } = await this.virsh('define', xml);
    if (exitCode !== 0) throw new Error(stderr);
  }

  async stop(): Promise<void> {
    const { stdout } = await this.virsh('list', '--name');
    for (const name of stdout.split('\n').filter((line) => line.trim() !== ''))
      await this.virsh('destroy', name);
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await gone;
    this.#forget();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #answers(): Promise<boolean> {
    if (!existsSync(join(this.folder, 'run', 'libvirt-sock'))) return false;
    return (await this.virsh('uri')).exitCode === 0;
  }
}

async function unpack(folder: string): Promise<void> {
  const { exitCode, stderr } = await runProcess('apt-get', ['-q', 'download', ...packages], { cwd: folder });
  if (exitCode !== 0) throw new Error(`the packages of LXC cannot be had: ${stderr}`);
  for (const name of await readdir(folder))
    if (name.endsWith('.deb')) await runProcess('dpkg', ['-x', join(folder, name), join(folder, 'unpacked')]);
}
