import { constants } from 'node:os';
import type { SafeText } from '../text/safe.js';

/** What tells a program to end: Ctrl-C, `kill`, a terminal that is closed. */
export const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndSignal = (typeof endSignals)[number];

/**
 * How long a command may take to end once it is told to, in milliseconds; and where it takes something back first,
 * which the host is given less for at each call: see `cleanUpAtEnd`.
 */
export const grace = { plain: 1000, cleanUp: 20_000 } as const;

/** Why a command is to end before its end: the reason of its signal. */
class Told extends Error {
  override readonly name = 'Told';
  readonly code: number;

  constructor(code: number) {
    super('cancelled');
    this.code = code;
  }
}

/** The exit code of what was told to end: as shells have it, 130 after Ctrl-C. */
export function codeOfEnd(signal: AbortSignal | undefined): number {
  const reason: unknown = signal?.reason;
  return reason instanceof Told ? reason.code : 128 + constants.signals.SIGINT;
}

/**
 * The end of a command that comes from outside: the first signal aborts what it does, the second one, or the end
 * of its time, ends it whatever it is at.
 */
export class Ending {
  /** Resolves with the exit code once nothing is waited for any longer. */
  readonly atOnce: Promise<number>;
  readonly #controller = new AbortController();
  readonly #say: (text: SafeText) => void;
  readonly #time: Readonly<Record<keyof typeof grace, number>>;
  #resolve: (code: number) => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #cleaning: SafeText | undefined;

  /** @param say prints a line about what is left behind */
  constructor(say: (text: SafeText) => void, time: Readonly<Record<keyof typeof grace, number>> = grace) {
    this.#say = say;
    this.#time = time;
    this.atOnce = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * From now on an end begins with taking something back, which may take longer.
   *
   * @param left is said where it could not be waited for
   * @returns ends that
   */
  cleansUp(left: SafeText): () => void {
    this.#cleaning = left;
    return () => {
      this.#cleaning = undefined;
    };
  }

  /** Tells it to end, with this exit code; said twice, it ends at once. */
  tell(code: number): void {
    if (this.signal.aborted) {
      this.#over();
      return;
    }
    this.#controller.abort(new Told(code));
    this.#timer = setTimeout(
      () => this.#over(),
      this.#cleaning === undefined ? this.#time.plain : this.#time.cleanUp,
    );
  }

  /** The command has ended by itself. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #over(): void {
    if (this.#cleaning !== undefined) this.#say(this.#cleaning);
    this.#cleaning = undefined;
    this.#resolve(codeOfEnd(this.signal));
  }
}
