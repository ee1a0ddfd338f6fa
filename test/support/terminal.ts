import pty from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { guard } from './guardian.js';

export type TerminalOptions = {
  readonly command: string;
  readonly args?: readonly string[];
  /** Added to the test's own environment, from which everything CI-like is taken away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** 80 unless told. */
  readonly cols?: number;
  /** 24 unless told. */
  readonly rows?: number;
  readonly cwd?: string;
};

export type Exit = { readonly exitCode: number; readonly signal: number | undefined };

/** What `waitFor` waits for: text on the screen, a pattern (rows joined by newlines), or any condition. */
export type Expected = string | RegExp | ((terminal: Terminal) => boolean);

/**
 * A program in a real pseudo-terminal, with a terminal emulator behind it: what a person would see.
 * It is closed with the test process at the latest.
 */
export class Terminal {
  /** Starts the program. */
  static open(options: TerminalOptions): Terminal {
    return new Terminal(options);
  }

  /** Resolves when the program has ended and all it wrote is on the screen. */
  readonly onExit: Promise<Exit>;
  readonly #pty: pty.IPty;
  readonly #emulator: xterm.Terminal;
  readonly #changed = new Set<() => void>();
  readonly #forget: () => void;
  #raw = '';
  #exit: Exit | undefined;

  private constructor(options: TerminalOptions) {
    const { cols = 80, rows = 24 } = options;
    this.#emulator = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 1000 });
    this.#pty = pty.spawn(options.command, [...(options.args ?? [])], {
      name: 'xterm-256color',
      cols,
      rows,
      cwd: options.cwd ?? process.cwd(),
      env: terminalEnv(options.env),
    });
    this.#pty.onData((data) => {
      this.#raw += data;
      this.#emulator.write(data, () => this.#tell());
    });
    // A program that asks the terminal (cursor position, device attributes) gets the emulator's answer.
    this.#emulator.onData((answer) => {
      if (this.#exit === undefined) this.#pty.write(answer);
    });
    this.onExit = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        // The empty write comes after all data: the emulator has then drawn everything.
        this.#emulator.write('', () => {
          this.#exit = { exitCode, signal: signal || undefined };
          this.#forget();
          resolve(this.#exit);
          this.#tell();
        });
      });
    });
    this.#forget = guard({ pid: this.#pty.pid });
  }

  /** The program's process id. */
  get pid(): number {
    return this.#pty.pid;
  }

  get cols(): number {
    return this.#emulator.cols;
  }

  get rows(): number {
    return this.#emulator.rows;
  }

  /** Whether the program draws on the alternate screen now. */
  get altScreen(): boolean {
    return this.#emulator.buffer.active.type === 'alternate';
  }

  /** Everything the program has written, escape sequences included. */
  get rawOutput(): string {
    return this.#raw;
  }

  /** How the program ended; undefined while it runs. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** Writes to the program as a keyboard would: `'\r'` is Enter, `'\u001B[B'` is the arrow down. */
  send(text: string): void {
    this.#pty.write(text);
  }

  /** Changes the window's size; the program gets SIGWINCH. */
  resize(cols: number, rows: number): void {
    this.#emulator.resize(cols, rows);
    this.#pty.resize(cols, rows);
  }

  /** The rows of the visible screen, blanks at their ends cut off; always `rows` of them. */
  screen(): string[] {
    const buffer = this.#emulator.buffer.active;
    return Array.from(
      { length: this.#emulator.rows },
      (_, y) =>
        buffer
          .getLine(buffer.viewportY + y)
          // A line keeps the cells it had before the terminal became narrower.
          ?.translateToString(true, 0, this.#emulator.cols)
          .trimEnd() ?? '',
    );
  }

  /** The screen as one text, empty rows at its end cut off. */
  text(): string {
    return this.screen().join('\n').trimEnd();
  }

  /** The cell at a column and row (from 0): its text and what styles tests ask about. */
  cell(x: number, y: number): { text: string; dim: boolean; bold: boolean; inverse: boolean; color: number } {
    const buffer = this.#emulator.buffer.active;
    const cell = buffer.getLine(buffer.viewportY + y)?.getCell(x);
    if (cell === undefined) throw new RangeError(`no cell at ${x},${y}`);
    return {
      text: cell.getChars(),
      dim: cell.isDim() !== 0,
      bold: cell.isBold() !== 0,
      inverse: cell.isInverse() !== 0,
      color: cell.isFgDefault() ? -1 : cell.getFgColor(),
    };
  }

  /**
   * Resolves as soon as the screen is as expected. Looked at after each piece of output, not by a clock.
   * @throws after `timeout` milliseconds (10 s unless told) or when the program ends first; the message holds
   * the screen.
   */
  async waitFor(expected: Expected, options: { readonly timeout?: number } = {}): Promise<void> {
    const { timeout = 10_000 } = options;
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error) => {
        clearTimeout(timer);
        this.#changed.delete(look);
        if (error) reject(error);
        else resolve();
      };
      const look = () => {
        try {
          if (this.#shows(expected)) settle();
          else if (this.#exit) settle(this.#missed(expected, `ended with ${JSON.stringify(this.#exit)}`));
        } catch (error) {
          settle(error as Error);
        }
      };
      const timer = setTimeout(() => settle(this.#missed(expected, `after ${timeout} ms`)), timeout);
      this.#changed.add(look);
      look();
    });
  }

  /** Sends a signal to the program; nothing happens when it has ended. */
  signal(name: NodeJS.Signals): void {
    if (this.#exit !== undefined) return;
    try {
      process.kill(this.#pty.pid, name);
    } catch {
      // It ended in this moment.
    }
  }

  /** Ends the program if it still runs (the window is closed: SIGHUP, then SIGKILL after 2 s). */
  async close(): Promise<void> {
    if (this.#exit === undefined) {
      this.signal('SIGHUP');
      const timer = setTimeout(() => this.signal('SIGKILL'), 2000);
      await this.onExit;
      clearTimeout(timer);
    }
    this.#emulator.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #tell(): void {
    for (const look of [...this.#changed]) look();
  }

  #shows(expected: Expected): boolean {
    if (typeof expected === 'function') return expected(this);
    const text = this.text();
    return typeof expected === 'string' ? text.includes(expected) : expected.test(text);
  }

  #missed(expected: Expected, why: string): Error {
    const frame = this.screen().map((row) => `| ${row}`);
    return new Error(`not on the screen: ${expected} (${why})\n${frame.join('\n')}`);
  }
}

/**
 * The environment of a person's terminal. Ink draws nothing but the last frame when anything says CI, even an
 * empty `CI=`, so all of it goes; and nothing that changes colours may come in from outside.
 */
export function terminalEnv(added: TerminalOptions['env'] = {}): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !isForeign(name)) env[name] = value;
  }
  Object.assign(env, { TERM: 'xterm-256color', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' });
  for (const [name, value] of Object.entries(added)) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  return env;
}

const ciLike = /^(CI|CI_.*|CONTINUOUS_INTEGRATION|BUILD_NUMBER|RUN_ID|GITHUB_ACTIONS|GITLAB_CI)$/;
const outside =
  /^(NO_COLOR|FORCE_COLOR|COLORTERM|TMUX|TERM_PROGRAM.*|VITEST.*|NODE_ENV|LIBVIRT_DEFAULT_URI|LC_.*)$/;

function isForeign(name: string): boolean {
  return ciLike.test(name) || outside.test(name);
}
