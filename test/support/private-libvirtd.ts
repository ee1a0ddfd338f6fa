import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, type FSWatcher, openSync, watch } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guard } from './guardian.js';
import { endGuests } from './guest-processes.js';
import { type Finished, type RunOptions, runProcess } from './run-process.js';
import { type Person, testPerson } from './test-person.js';

export type PrivateLibvirtdOptions = {
  /** Part of the temporary folder's name, at most 8 characters (a socket's path may have 107 bytes). */
  readonly name?: string;
  /** Text of libvirtd.conf. */
  readonly config?: string;
  /** Takes connections by TCP and TLS as well, as its configuration says. */
  readonly listen?: boolean;
  /** More of its environment. */
  readonly env?: Readonly<Record<string, string>>;
};

export type VirshOptions = RunOptions & {
  /** The connection; the test driver's unless told. */
  readonly uri?: string;
};

const startTimeout = 20_000;
const stopTimeout = 10_000;

/**
 * A real libvirtd of one's own: a session daemon of an unprivileged user with private XDG folders. It touches
 * nothing of the machine, and offers `test:///default`, and `qemu:///session` with TCG guests.
 *
 * It is ended with the test process at the latest, guests included.
 */
export class PrivateLibvirtd {
  /**
   * Starts a daemon and resolves once it accepts connections.
   * @throws when libvirtd is missing or ends early; the message holds its log.
   */
  static async start(options: PrivateLibvirtdOptions = {}): Promise<PrivateLibvirtd> {
    const person = await testPerson();
    // Not tmpdir(): on macOS and under some runners it is too long for a socket's path.
    const base = tmpdir().length > 20 ? '/tmp' : tmpdir();
    const folder = await mkdtemp(join(base, `vd-${(options.name ?? 'test').slice(0, 8)}-`));
    const daemon = new PrivateLibvirtd(folder, person, options);
    try {
      await daemon.#prepare(options.config ?? '');
      await daemon.#launch();
    } catch (error) {
      await daemon.stop();
      throw error;
    }
    return daemon;
  }

  /** Everything of this daemon lies in this folder; readable and writable for the daemon's user. */
  readonly folder: string;
  /** Path of the read-write socket. */
  readonly socket: string;
  /** `test:///default` through this daemon: all clients share its state while one of them stays connected. */
  readonly testUri: string;
  /** QEMU in session mode; on the test machines only TCG (`<domain type='qemu'>`) runs. */
  readonly qemuUri: string;
  readonly #person: Person;
  readonly #options: PrivateLibvirtdOptions;
  readonly #forget: () => void;
  #child: ChildProcess | undefined;

  private constructor(folder: string, person: Person, options: PrivateLibvirtdOptions) {
    this.#options = options;
    this.folder = folder;
    this.#person = person;
    this.socket = join(folder, 'run', 'libvirt', 'libvirt-sock');
    this.testUri = `test+unix:///default?socket=${this.socket}`;
    this.qemuUri = `qemu+unix:///session?socket=${this.socket}`;
    // Finds the daemon too, whichever of its lives it is in.
    this.#forget = guard({ folder });
  }

  /** The daemon's process id, while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What the daemon wrote so far, of all its lives. */
  async log(): Promise<string> {
    return readFile(join(this.folder, 'log'), 'utf8');
  }

  /** The environment that makes libvirt's own tools of this user find this daemon as their session daemon. */
  get env(): Readonly<Record<string, string>> {
    return {
      HOME: join(this.folder, 'home'),
      XDG_RUNTIME_DIR: join(this.folder, 'run'),
      XDG_CONFIG_HOME: join(this.folder, 'config'),
      XDG_CACHE_HOME: join(this.folder, 'cache'),
      XDG_DATA_HOME: join(this.folder, 'data'),
    };
  }

  /** Runs the real virsh against this daemon. A command that fails is a result too, not an exception. */
  async virsh(args: readonly string[], options: VirshOptions = {}): Promise<Finished> {
    const { uri = this.testUri, ...rest } = options;
    return runProcess('virsh', ['-c', uri, ...args], rest);
  }

  /** Like `virsh`, for set-up steps that must work: resolves to stdout. @throws with virsh's message. */
  async virshOk(args: readonly string[], options: VirshOptions = {}): Promise<string> {
    const { stdout, stderr, exitCode } = await this.virsh(args, options);
    if (exitCode !== 0) throw new Error(`virsh ${args.join(' ')}: ${stderr.trim()} (exit ${exitCode})`);
    return stdout;
  }

  /** SIGKILL, as a crash would be; resolves when the process is gone. Its guests go on. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** A new daemon on the same socket and the same folders. Ends the old one first, if it still runs. */
  async restart(): Promise<void> {
    await this.#end('SIGTERM');
    // A killed daemon leaves its socket: readiness is told by a new one.
    await rm(this.socket, { force: true });
    await this.#launch();
  }

  /** Ends daemon and guests and removes the folder. May be called twice. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    endGuests(this.folder);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    this.#forget();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #prepare(config: string): Promise<void> {
    const { uid, gid } = this.#person;
    // Clients of other users (root's virsh, a person's) must reach the socket; libvirtd checks who they are.
    await chmod(this.folder, 0o755);
    await writeFile(join(this.folder, 'libvirtd.conf'), config);
    // The socket's folder must exist before the daemon does: it is watched.
    for (const name of ['home', 'config', 'cache', 'data', 'run', join('run', 'libvirt')]) {
      await mkdir(join(this.folder, name), { mode: 0o700 });
      await chown(join(this.folder, name), uid, gid);
    }
    await chown(this.folder, uid, gid);
  }

  async #launch(): Promise<void> {
    const { uid, gid } = this.#person;
    const { listen, env } = this.#options;
    const args = ['--config', join(this.folder, 'libvirtd.conf'), ...(listen ? ['--listen'] : [])];
    const log = openSync(join(this.folder, 'log'), 'a');
    const child = spawn('libvirtd', args, {
      cwd: this.folder,
      // An ordinary user's PATH may lack sbin, where libvirtd is.
      env: {
        PATH: `${process.env.PATH ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`,
        LC_ALL: 'C.UTF-8',
        ...this.env,
        ...env,
      },
      stdio: ['ignore', log, log],
      ...(this.#person.switchUser ? { uid, gid } : {}),
    });
    closeSync(log);
    this.#child = child;
    await Promise.race([this.#accepting(), failed(child, () => this.log())]);
  }

  /** Resolves once a connection to the socket succeeds; woken by changes in the socket's folder. */
  async #accepting(): Promise<void> {
    let watcher: FSWatcher | undefined;
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const attempt = () => {
          if (existsSync(this.socket)) tryConnect(this.socket).then((open) => open && resolve());
        };
        watcher = watch(join(this.folder, 'run', 'libvirt'), attempt);
        // bind() makes the file, listen() makes no event: the pid file and driver folders that follow do.
        attempt();
        timer = setTimeout(() => reject(new Error(`no connection within ${startTimeout} ms`)), startTimeout);
      });
    } finally {
      watcher?.close();
      clearTimeout(timer);
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null || !child.pid) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeout);
    await gone;
    clearTimeout(timer);
  }
}

function tryConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Never resolves; rejects with the log when the child cannot be started or ends. */
async function failed(child: ChildProcess, log: () => Promise<string>): Promise<never> {
  const reason = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`ended with ${signal ?? code}`));
  });
  throw new Error(`libvirtd: ${reason}\n${await log().catch(() => '')}`);
}
