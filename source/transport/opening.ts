import { type Ask, type TransportContext, TransportError } from './endpoint.js';

/** Milliseconds of silence; the daemon of this machine may be on its way up. */
const localPatience = 30_000;
const remotePatience = 15_000;

export interface OpeningOptions extends Pick<TransportContext, 'signal' | 'onStep' | 'ask'> {
  /** Milliseconds; tests bring their own. */
  readonly patience?: number | undefined;
}

/**
 * The time in which a connection is made, whichever way it takes: it ends where nothing is heard for too long, and
 * while a person is at it that time stands still.
 */
export class Opening {
  /** Aborted by whoever gives up, or, with a TransportError for its reason, where nothing is heard any more. */
  readonly signal: AbortSignal;
  readonly ask: Ask | undefined;
  readonly #end = new AbortController();
  readonly #given: OpeningOptions;
  #patience = localPatience;
  #timer: NodeJS.Timeout | undefined;
  #held = 0;
  #step = 'connecting';
  #about: ConstructorParameters<typeof TransportError>[2] = { scope: 'system', driver: '' };

  constructor(given: OpeningOptions) {
    const { signal, ask } = given;
    this.#given = given;
    this.signal = this.#end.signal;
    this.ask = ask && ((...asked) => this.hold(ask(...asked)));
    if (signal?.aborted) this.#giveUp();
    else signal?.addEventListener('abort', this.#giveUp, { once: true });
  }

  /** From now on there is somebody to be heard from. */
  begin(about: ConstructorParameters<typeof TransportError>[2], remote: boolean): void {
    this.#about = about;
    this.#patience = this.#given.patience ?? (remote ? remotePatience : localPatience);
    this.heard();
  }

  /** A sign of life. */
  readonly heard = (): void => {
    clearTimeout(this.#timer);
    if (this.#held > 0 || this.signal.aborted) return;
    this.#timer = setTimeout(() => this.#end.abort(this.#silence()), this.#patience);
  };

  readonly onStep = (step: string): void => {
    this.#step = step;
    this.heard();
    this.#given.onStep?.(step);
  };

  /** Until this is settled it is another's turn: a person's, or a login's that is shared. */
  readonly hold = async <T>(work: Promise<T>): Promise<T> => {
    this.#held += 1;
    this.heard();
    try {
      return await work;
    } finally {
      this.#held -= 1;
      this.heard();
    }
  };

  /** It is over, well or not. */
  done(): void {
    this.#held = Number.POSITIVE_INFINITY;
    clearTimeout(this.#timer);
    this.#given.signal?.removeEventListener('abort', this.#giveUp);
  }

  readonly #giveUp = (): void => {
    clearTimeout(this.#timer);
    this.#end.abort();
  };

  #silence(): TransportError {
    const seconds = this.#patience / 1000;
    return new TransportError(
      'silent',
      `nothing was heard for ${seconds} s while ${this.#step}`,
      this.#about,
    );
  }
}

/** Why an opening ended by itself; undefined: somebody has given up. */
export function silenceOf(signal: AbortSignal | undefined): TransportError | undefined {
  return signal?.reason instanceof TransportError ? signal.reason : undefined;
}
