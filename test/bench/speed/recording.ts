import { once } from 'node:events';
import pty from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { guard } from '../../support/guardian.js';
import { terminalEnv } from '../../support/terminal.js';
import { type Bench, screen } from './figures.js';
import { cellsOf, type Screen } from './screen-cells.js';

/** What the program wrote, and when it arrived here. */
export interface Chunk {
  readonly at: number;
  readonly data: string;
}

/**
 * The full-screen program in a pseudo-terminal, its output recorded with times. Nothing interprets it
 * meanwhile: a terminal emulator in this process would take time from the program and from the clock.
 */
export class Recording implements AsyncDisposable {
  readonly chunks: Chunk[] = [];
  /** Taken before the process is made. */
  readonly startedAt = performance.now();
  readonly #pty: pty.IPty;
  readonly #listeners = new Set<() => void>();
  readonly #ended: Promise<void>;

  constructor({ cli, uri, env }: Pick<Bench, 'cli' | 'uri' | 'env'>) {
    this.#pty = pty.spawn(process.execPath, [cli, '-c', uri], {
      name: 'xterm-256color',
      ...screen,
      env: terminalEnv(env),
    });
    const forget = guard({ pid: this.#pty.pid });
    this.#pty.onData((data) => {
      this.chunks.push({ at: performance.now(), data });
      for (const listener of [...this.#listeners]) listener();
    });
    this.#ended = new Promise((resolve) => {
      this.#pty.onExit(() => {
        forget();
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** Presses keys; returns the time just before. */
  send(keys: string): number {
    const at = performance.now();
    this.#pty.write(keys);
    return at;
  }

  /** Resolves when the program writes next, or after `timeout` milliseconds. */
  async output(timeout: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeout);
      this.#listeners.add(done);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pty.kill('SIGKILL');
    await this.#ended;
  }
}

/** Chunks that came with less than `gap` milliseconds between them, as one. */
export function framesOf(chunks: readonly Chunk[], gap: number): Chunk[] {
  const frames: Chunk[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const { at, data } of chunks) {
    const frame = frames.at(-1);
    if (frame !== undefined && at - last < gap) {
      frames[frames.length - 1] = { at: frame.at, data: frame.data + data };
    } else frames.push({ at, data });
    last = at;
  }
  return frames;
}

/** The screens after each chunk, in order. */
export async function* replay(
  chunks: readonly Chunk[],
): AsyncGenerator<{ readonly chunk: Chunk; readonly screen: Screen }> {
  const emulator = new xterm.Terminal({ ...screen, allowProposedApi: true });
  try {
    for (const chunk of chunks) {
      await new Promise<void>((resolve) => emulator.write(chunk.data, resolve));
      yield { chunk, screen: cellsOf(emulator) };
    }
  } finally {
    emulator.dispose();
  }
}

/** Waits for a child process and fails with it. */
export async function exited(child: import('node:child_process').ChildProcess): Promise<void> {
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`exit code ${code}: ${child.spawnargs.join(' ')}`);
}
