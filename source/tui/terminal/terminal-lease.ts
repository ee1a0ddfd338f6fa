import { clipboardSequence } from './clipboard.js';
import { suspendToShell } from './suspend.js';

type SuspendTerminal = (work: () => Promise<void>) => Promise<unknown>;

/**
 * The terminal lent to another program, e.g. an editor: the screens step back for as long as it runs, and
 * are drawn anew afterwards. Ink can do that only from inside its tree, which registers here.
 */
export class TerminalLease {
  readonly #output: { write(data: string): unknown } | undefined;
  #suspend: SuspendTerminal | undefined;
  #suspending = false;
  #lent = false;
  #claimed = false;

  /** @param output the terminal itself, for what is no part of a frame */
  constructor(output?: { write(data: string): unknown }) {
    this.#output = output;
  }

  /** Puts text into the person's clipboard; false where that cannot be. No terminal says whether it has done so. */
  copy(text: string): boolean {
    const sequence = clipboardSequence(text);
    if (sequence === undefined || this.#output === undefined) return false;
    this.#output.write(sequence);
    return true;
  }

  /** From the root of the tree; the returned function takes it back. */
  attach(suspend: SuspendTerminal): () => void {
    this.#suspend = suspend;
    return () => {
      if (this.#suspend === suspend) this.#suspend = undefined;
    };
  }

  /** Hands the terminal back to the shell until `fg`. */
  readonly suspend = (): void => {
    if (this.#suspend === undefined || this.#suspending) return;
    this.#suspending = true;
    // Lent it is no screen's already: whoever has it stops with us.
    const suspend: SuspendTerminal = this.#lent ? (work) => work() : this.#suspend;
    void suspendToShell(suspend).finally(() => {
      this.#suspending = false;
    });
  };

  /** Who prepares to use it, e.g. opens a console, is the only one. Undefined where somebody is; else ends that. */
  claim(): (() => void) | undefined {
    if (this.#claimed) return undefined;
    this.#claimed = true;
    return () => {
      this.#claimed = false;
    };
  }

  /** Runs `work` with the terminal as the shell had it. Rejects with what `work` rejects with. */
  async lend<T>(work: () => Promise<T>): Promise<T> {
    const suspend = this.#suspend;
    if (suspend === undefined) return work();
    let result: { readonly value: T } | { readonly error: unknown } | undefined;
    await suspend(async () => {
      this.#lent = true;
      try {
        result = { value: await work() };
      } catch (error) {
        result = { error };
      } finally {
        this.#lent = false;
      }
    });
    if (result === undefined) throw new Error('the terminal could not be given away');
    if ('error' in result) throw result.error;
    return result.value;
  }

  /** The same for another process: Ctrl-C there is meant for it alone, although both of us hear of it. */
  async lendTo<T>(work: () => Promise<T>): Promise<T> {
    return this.lend(async () => {
      const listeners = process.listeners('SIGINT');
      process.removeAllListeners('SIGINT');
      const ignore = (): void => {};
      process.on('SIGINT', ignore);
      try {
        return await work();
      } finally {
        process.off('SIGINT', ignore);
        for (const listener of listeners) process.on('SIGINT', listener);
      }
    });
  }
}
