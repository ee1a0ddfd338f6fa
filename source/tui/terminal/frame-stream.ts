import { EventEmitter } from 'node:events';
import { ScreenDiff } from './screen-diff.js';

const enterAlternateScreen = '\u001B[?1049h';
const leaveAlternateScreen = '\u001B[?1049l';
const hideCursor = '\u001B[?25l';

/** The part of a terminal's stream that is used here. */
export interface TerminalOutput extends NodeJS.EventEmitter {
  readonly columns?: number;
  readonly rows?: number;
  readonly isTTY?: boolean;
  readonly writableNeedDrain?: boolean;
  readonly destroyed?: boolean;
  write(data: string): boolean;
}

/**
 * What Ink takes for the terminal. Ink (in its debug mode, see run.tsx) writes every frame whole; this
 * passes on only the cells that differ, and at most one frame per turn of the event loop. While the
 * terminal cannot take more, frames are skipped rather than queued.
 */
export class FrameStream extends EventEmitter {
  readonly isTTY = true;
  readonly #terminal: TerminalOutput;
  readonly #diff = new ScreenDiff();
  #frame: string | undefined;
  #scheduled = false;
  #broken = false;

  constructor(terminal: TerminalOutput) {
    super();
    this.#terminal = terminal;
    terminal.on('resize', this.#resized);
    terminal.on('drain', this.#flush);
    // A terminal that went away (EIO after a hang-up) must not end in an uncaught error.
    terminal.on('error', this.#failed);
  }

  get columns(): number {
    return this.#terminal.columns ?? 80;
  }

  get rows(): number {
    return this.#terminal.rows ?? 24;
  }

  get writable(): boolean {
    return !this.destroyed;
  }

  get writableEnded(): boolean {
    return false;
  }

  get destroyed(): boolean {
    return this.#broken || this.#terminal.destroyed === true;
  }

  /** Takes a whole frame or one terminal mode sequence; told apart by their beginning. */
  write(data: string, ...rest: unknown[]): boolean {
    const done = rest.findLast((argument) => typeof argument === 'function') as (() => void) | undefined;
    if (data.startsWith('\u001B[?')) this.#mode(data);
    else if (data !== '') this.#schedule(data);
    if (done !== undefined) queueMicrotask(done);
    return true;
  }

  /** Lets go of the terminal's stream. */
  detach(): void {
    this.#terminal.off('resize', this.#resized);
    this.#terminal.off('drain', this.#flush);
    // The listener for errors stays: the last writes to a terminal that went away fail later.
  }

  #mode(data: string): void {
    if (data === leaveAlternateScreen) {
      this.#frame = undefined;
      this.#diff.forget();
    }
    this.#send(data);
    if (data === enterAlternateScreen) {
      // Another program had the terminal: nothing of the last frame is there.
      this.#diff.forget();
      this.#send(hideCursor);
    }
  }

  #schedule(frame: string): void {
    this.#frame = frame;
    if (this.#scheduled) return;
    this.#scheduled = true;
    // At the end of this turn: Ink writes two frames for one resize, the first in the old size.
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  readonly #flush = (): void => {
    if (this.#frame === undefined || this.#terminal.writableNeedDrain === true) return;
    const bytes = this.#diff.update(this.#frame, this.columns);
    this.#frame = undefined;
    if (bytes !== '') this.#send(bytes);
  };

  readonly #resized = (): void => {
    // Terminals rewrap what they show.
    this.#diff.forget();
    this.emit('resize');
  };

  readonly #failed = (): void => {
    this.#broken = true;
    this.emit('gone');
  };

  #send(data: string): void {
    if (this.destroyed) return;
    try {
      this.#terminal.write(data);
    } catch {
      this.#failed();
    }
  }
}
