import { EventEmitter } from 'node:events';
import type { SafeText } from '../../text/safe.js';
import { terminalReset } from '../../text/terminal-reset.js';
import type { CanvasTarget } from './canvas.js';
import { over, ScreenDiff } from './screen-diff.js';

const enterAlternateScreen = '\u001B[?1049h';
const leaveAlternateScreen = '\u001B[?1049l';
const hideCursor = '\u001B[?25l';
/** Plain text, the cursor shown, pastes as if they were typed. */
const plainModes = '\u001B[m\u001B[?25h\u001B[?2004l';

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
 * What Ink takes for the terminal. Ink (in its debug mode, see run.tsx) writes every frame whole; this lays
 * it over the canvas and passes on only the cells that differ, at most once per turn of the event loop.
 * While the terminal cannot take more, frames are skipped rather than queued.
 */
export class FrameStream extends EventEmitter implements CanvasTarget {
  readonly isTTY = true;
  readonly #terminal: TerminalOutput;
  readonly #diff = new ScreenDiff();
  #frame: readonly string[] = [];
  #canvas: readonly SafeText[] | undefined;
  /** Between entering and leaving the alternate screen: the terminal is ours. */
  #active = false;
  #taken = false;
  #restored = false;
  #changed = false;
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
    else if (data !== '') {
      this.#frame = data.split('\n');
      this.#schedule();
    }
    if (done !== undefined) queueMicrotask(done);
    return true;
  }

  setCanvas(lines: readonly SafeText[] | undefined): void {
    this.#canvas = lines;
    this.#schedule();
  }

  /**
   * Gives the terminal back as it was, whatever has been drawn; nothing is written any more after that. Where it is
   * lent to another program (a console, an editor) all is reset that such a one may have set.
   */
  restore(): void {
    if (this.#restored) return;
    if (this.#taken) this.#send(this.#active ? plainModes + leaveAlternateScreen : terminalReset);
    this.#active = false;
    this.#restored = true;
  }

  /** Draws the last frame anew and whole: something else has changed what the terminal shows. */
  redraw(): void {
    this.#diff.forget();
    this.#schedule();
  }

  /** Lets go of the terminal's stream. */
  detach(): void {
    this.#terminal.off('resize', this.#resized);
    this.#terminal.off('drain', this.#flush);
    // The listener for errors stays: the last writes to a terminal that went away fail later.
  }

  #mode(data: string): void {
    if (data === leaveAlternateScreen) this.#active = false;
    this.#send(data);
    if (data === enterAlternateScreen && !this.#restored) {
      this.#active = true;
      this.#taken = true;
      // Another program had the terminal: nothing of the last frame is there.
      this.#diff.forget();
      this.#send(hideCursor);
    }
  }

  #schedule(): void {
    this.#changed = true;
    if (this.#scheduled) return;
    this.#scheduled = true;
    // At the end of this turn: Ink writes two frames for one resize, the first in the old size.
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  readonly #flush = (): void => {
    if (!this.#changed || !this.#active || this.#terminal.writableNeedDrain === true) return;
    this.#changed = false;
    const bytes = this.#diff.update(this.#rows(), this.columns);
    if (bytes !== '') this.#send(bytes);
  };

  /** Canvas and frame as one: the frame above. */
  #rows(): readonly string[] {
    const frame = this.#frame;
    const canvas = this.#canvas;
    if (canvas === undefined) return frame;
    const height = Math.min(this.rows, Math.max(frame.length, canvas.length));
    return Array.from({ length: height }, (_, row) => {
      const above = frame[row] ?? '';
      const below = canvas[row] ?? '';
      return above === '' ? below : below + over + above;
    });
  }

  readonly #resized = (): void => {
    // Terminals rewrap what they show.
    this.#diff.forget();
    this.emit('resize');
  };

  readonly #failed = (): void => {
    if (this.#broken) return;
    this.#broken = true;
    this.emit('gone');
  };

  #send(data: string): void {
    if (this.destroyed || this.#restored) return;
    try {
      this.#terminal.write(data);
    } catch {
      this.#failed();
    }
  }
}
