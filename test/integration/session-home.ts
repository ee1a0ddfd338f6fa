import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { onProcessEnd } from '../support/cleanup.js';
import { endGuests, guestPids } from '../support/guest-processes.js';
import { type Finished, runProcess } from '../support/run-process.js';
import { testPerson } from '../support/test-person.js';
import type { Opened } from './open-session.js';

type Env = Readonly<Record<string, string | undefined>>;

/** An unprivileged user's private folders, in which no session daemon runs yet. */
export class SessionHome {
  static async make(): Promise<SessionHome> {
    const { uid, gid } = await testPerson();
    const folder = await mkdtemp(join(tmpdir().length > 20 ? '/tmp' : tmpdir(), 'vd-home-'));
    await chown(folder, uid, gid);
    for (const name of ['home', 'run', 'config', 'cache', 'data']) {
      await mkdir(join(folder, name), { mode: 0o700 });
      await chown(join(folder, name), uid, gid);
    }
    return new SessionHome(folder, uid, gid);
  }

  readonly folder: string;
  readonly #uid: number;
  readonly #gid: number;
  readonly #forget: () => void;

  private constructor(folder: string, uid: number, gid: number) {
    this.folder = folder;
    this.#uid = uid;
    this.#gid = gid;
    this.#forget = onProcessEnd(() => endGuests(folder));
  }

  get env(): Readonly<Record<string, string>> {
    return {
      HOME: join(this.folder, 'home'),
      XDG_RUNTIME_DIR: join(this.folder, 'run'),
      XDG_CONFIG_HOME: join(this.folder, 'config'),
      XDG_CACHE_HOME: join(this.folder, 'cache'),
      XDG_DATA_HOME: join(this.folder, 'data'),
    };
  }

  /** The daemons that run in these folders. */
  daemons(): number[] {
    return guestPids(this.folder);
  }

  /** Opens a connection as this user, `count` times at once, in a process of its own. */
  async open(uri: string, env: Env = {}, count = 1): Promise<Opened[]> {
    const script = join(this.folder, 'open-session.mjs');
    // The folder of this project may be closed to other users.
    await build({
      entryPoints: [join(import.meta.dirname, 'open-session.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    });
    const { stdout, stderr } = await this.run(process.execPath, [script, String(count), uri], env);
    if (stdout === '') throw new Error(`the process said nothing: ${stderr}`);
    return JSON.parse(stdout);
  }

  /** Runs any program as this user. */
  run(program: string, args: readonly string[], env: Env = {}): Promise<Finished> {
    const own = { ...this.env, ...env };
    const cwd = this.folder;
    if (process.getuid?.() !== 0) return runProcess(program, args, { env: own, cwd });
    const ids = [`--reuid=${this.#uid}`, `--regid=${this.#gid}`, '--clear-groups', '--'];
    return runProcess('setpriv', [...ids, program, ...args], { env: own, cwd });
  }

  /** Writes a file that this user may read and run; returns its path. */
  async write(name: string, text: string, mode = 0o755): Promise<string> {
    const path = join(this.folder, name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, text, { mode });
    return path;
  }

  async remove(): Promise<void> {
    endGuests(this.folder);
    this.#forget();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
