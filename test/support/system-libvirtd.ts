import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { guard } from './guardian.js';
import { type Finished, type RunOptions, runProcess } from './run-process.js';

/** The machine's own libvirt. Tests use only objects of their own there, named with this prefix. */
export const systemUri = 'qemu:///system';
export const testPrefix = 'virtdeck-test-';

const startTimeout = 30_000;

/** Runs virsh on the machine's own libvirt. */
export function systemVirsh(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return runProcess('virsh', ['-c', systemUri, ...args], options);
}

/** What was started here, to be ended in reverse order; empty when the machine had it all. */
export type StartedDaemons = { stop(): Promise<void> };

/**
 * Makes sure that the machine's libvirtd answers (root only). One that runs is used as it is; on a machine
 * without systemd the missing daemons are started and ended again by `stop`.
 * @throws when libvirtd does not answer within 30 s.
 */
export async function ensureSystemLibvirtd(): Promise<StartedDaemons> {
  if (await answers()) return { stop: async () => {} };
  if (existsSync('/run/systemd/system')) {
    await runProcess('systemctl', ['start', 'libvirtd.socket', 'libvirtd.service']);
    await answering();
    return { stop: async () => {} };
  }
  giveKvmItsGroup();
  const daemons: Daemon[] = [];
  mkdirSync('/run/dbus', { recursive: true });
  if (!running('/run/dbus/pid')) {
    daemons.push(await Daemon.start('dbus-daemon', ['--system', '--nofork', '--nosyslog']));
  }
  if (!running('/run/virtlogd.pid')) daemons.push(await Daemon.start('virtlogd', []));
  daemons.push(await Daemon.start('libvirtd', []));
  const stop = async () => {
    for (const daemon of daemons.reverse()) await daemon.stop();
  };
  try {
    await answering();
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

/**
 * Removes every domain, network, pool and volume of tests from the machine's libvirt, whatever their state.
 * Does nothing where no libvirt answers.
 */
export async function cleanUpSystem(): Promise<void> {
  if (!(await answers())) return;
  for (const name of await ours(['list', '--all', '--name'])) {
    await systemVirsh(['destroy', name]);
    const withAll = ['--managed-save', '--snapshots-metadata', '--checkpoints-metadata', '--nvram'];
    await systemVirsh(['undefine', name, ...withAll]);
  }
  for (const name of await ours(['net-list', '--all', '--name'])) {
    await systemVirsh(['net-destroy', name]);
    await systemVirsh(['net-undefine', name]);
  }
  for (const pool of await names(['pool-list', '--name'])) await cleanUpVolumes(pool);
  for (const name of await ours(['pool-list', '--all', '--name'])) {
    await systemVirsh(['pool-destroy', name]);
    await systemVirsh(['pool-undefine', name]);
  }
}

async function cleanUpVolumes(pool: string): Promise<void> {
  const { stdout } = await systemVirsh(['vol-list', pool]);
  for (const line of stdout.split('\n')) {
    const [name] = line.trim().split(/\s+/);
    if (name?.startsWith(testPrefix)) await systemVirsh(['vol-delete', name, '--pool', pool]);
  }
}

async function ours(args: readonly string[]): Promise<string[]> {
  return (await names(args)).filter((name) => name.startsWith(testPrefix));
}

async function names(args: readonly string[]): Promise<string[]> {
  const { stdout } = await systemVirsh(args);
  // Pools' names come padded.
  return stdout
    .split('\n')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

async function answers(): Promise<boolean> {
  return (await systemVirsh(['version'], { timeout: 15_000 })).exitCode === 0;
}

async function answering(): Promise<void> {
  const end = Date.now() + startTimeout;
  while (!(await answers())) {
    if (Date.now() > end) throw new Error(`the machine's libvirtd does not answer within ${startTimeout} ms`);
    await delay(100);
  }
}

/**
 * Gives /dev/kvm the group that udev would give it. With the root-only mode of a machine without udev, libvirtd
 * takes its cached QEMU capabilities for stale at every look-up and probes QEMU again, 4 s each.
 */
function giveKvmItsGroup(): void {
  const group = /^kvm:[^:]*:(\d+):/m.exec(readFileSync('/etc/group', 'utf8'))?.[1];
  if (group === undefined || !existsSync('/dev/kvm')) return;
  const { uid, mode } = statSync('/dev/kvm');
  if ((mode & 0o060) === 0o060) return;
  chownSync('/dev/kvm', uid, Number(group));
  chmodSync('/dev/kvm', 0o660);
}

/** Whether the process of a pid file is alive. */
function running(pidFile: string): boolean {
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 0);
    return true;
  } catch {
    return false;
  }
}

class Daemon {
  /** Starts a daemon in the foreground, as a child that `stop` can end by its process id. */
  static async start(command: string, args: readonly string[]): Promise<Daemon> {
    const child = spawn(command, args, { stdio: 'ignore' });
    const error = once(child, 'error').then(([reason]) => Promise.reject(reason));
    await Promise.race([once(child, 'spawn'), error]);
    return new Daemon(child);
  }

  readonly #child: ChildProcess;
  readonly #forget: () => void;

  private constructor(child: ChildProcess) {
    this.#child = child;
    // The test run must not wait for its daemons.
    child.unref();
    this.#forget = guard({ pid: child.pid });
  }

  async stop(): Promise<void> {
    this.#forget();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.ref();
    const gone = once(this.#child, 'exit');
    this.#child.kill();
    await gone;
  }
}
