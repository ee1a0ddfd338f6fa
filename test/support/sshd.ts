import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guard } from './guardian.js';
import { runProcess } from './run-process.js';

export interface SshdOptions {
  /** Lines of sshd_config. */
  readonly config?: readonly string[];
  /** Name of the file: PAM's service has it. */
  readonly program?: string;
  /** What sessions find programs in; the machine's own unless told. */
  readonly path?: string;
}

/** A real sshd on loopback, with a host key and a user key of its own. Ended with the test process at the latest. */
export class Sshd {
  /** Everything of it lies here; `key` is accepted for whoever logs in. */
  readonly folder: string;
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #forget: () => void;

  static async start({ config = [], path, program = '/usr/sbin/sshd' }: SshdOptions = {}): Promise<Sshd> {
    const folder = await mkdtemp(join(tmpdir(), 'vd-sshd-'));
    // Root's sshd wants its empty folder; sessions of other users read the keys.
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
    await chmod(folder, 0o755);
    for (const name of ['host', 'key']) await makeKey(join(folder, name));
    await writeFile(join(folder, 'authorized_keys'), await readFile(join(folder, 'key.pub')), {
      mode: 0o644,
    });
    const port = await freePort();
    await writeFile(join(folder, 'log.sh'), logScript(join(folder, 'commands'), path), { mode: 0o755 });
    await writeFile(
      join(folder, 'sshd_config'),
      [
        ...config,
        `Port ${port}`,
        'ListenAddress 127.0.0.1',
        `HostKey ${folder}/host`,
        `AuthorizedKeysFile ${folder}/authorized_keys`,
        'StrictModes no',
        'PidFile none',
        'UsePAM no',
        'PasswordAuthentication no',
        'KbdInteractiveAuthentication no',
        'PermitRootLogin yes',
        'MaxStartups 100',
        `ForceCommand ${folder}/log.sh`,
        '',
      ].join('\n'),
    );
    await writeFile(join(folder, 'commands'), '', { mode: 0o666 });
    await chmod(join(folder, 'commands'), 0o666);
    const child = spawn(program, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const sshd = new Sshd(folder, port, child);
    await sshd.#listening();
    return sshd;
  }

  private constructor(folder: string, port: number, child: ChildProcess) {
    this.folder = folder;
    this.port = port;
    this.#child = child;
    this.#forget = guard({ pid: child.pid });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get key(): string {
    return join(this.folder, 'key');
  }

  /** Accepts its host key from now on. @returns the file's path */
  async knownHosts(): Promise<string> {
    const file = join(this.folder, 'known_hosts');
    const key = (await readFile(join(this.folder, 'host.pub'), 'utf8')).split(' ').slice(0, 2).join(' ');
    await writeFile(file, `[127.0.0.1]:${this.port} ${key}\n`);
    return file;
  }

  /** The commands that clients have asked for, in their order. */
  async commands(): Promise<readonly string[]> {
    return (await readFile(join(this.folder, 'commands'), 'utf8')).split('\0').filter((line) => line !== '');
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await gone;
    }
    this.#forget();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  async #listening(): Promise<void> {
    let said = '';
    for await (const chunk of this.#child.stderr ?? []) {
      said += String(chunk);
      if (!/Server listening on/.test(said)) continue;
      // Its log is nobody's: a full pipe would stop it one day.
      this.#child.stderr?.on('data', () => {});
      return;
    }
    throw new Error(`sshd did not start: ${said}`);
  }
}

/** @param passphrase of the key */
export async function makeKey(path: string, passphrase = ''): Promise<void> {
  await runProcess('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'test', '-f', path]);
}

/** A port of loopback that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

function logScript(log: string, path: string | undefined): string {
  const set = path === undefined ? '' : `PATH=${path}; export PATH\n`;
  return `#!/bin/sh\nprintf '%s\\0' "$SSH_ORIGINAL_COMMAND" >> ${log}\n${set}exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n`;
}
