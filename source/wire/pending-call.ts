import type { Priority } from './call-queue.js';
import { WireError } from './errors.js';
import { checkPayload } from './framing.js';
import type { Procedure } from './procedure.js';
import { procedureName } from './procedures.js';
import type { WireStream } from './stream.js';
import { type Codec, encode } from './xdr.js';

export interface CallOptions<R> {
  readonly priority?: Priority | undefined;
  /** Milliseconds from now to the answer, the wait in the queue included. Default 30,000; 0 = no limit. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Decodes the answer in another way than the procedure's own definition. */
  readonly as?: Codec<R> | undefined;
}

/** A call from the wish to make it until its answer, its timeout, or its caller's change of mind. */
export class PendingCall {
  readonly procedure: Procedure<unknown, unknown>;
  readonly priority: Priority;
  readonly payload: Buffer;
  readonly as: Codec<unknown>;
  readonly withStream: boolean;
  readonly result: Promise<unknown>;
  /** Milliseconds of performance.now() when it was sent. */
  sentAt = 0;
  stream: WireStream | undefined;
  #settled = false;
  #resolve: (value: unknown) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #release: () => void = () => {};
  readonly #giveUp: (error: WireError) => void;

  /**
   * Throws WireError (`encode`) when the arguments do not fit the protocol: then neither timer nor listener
   * is left behind.
   *
   * @param onGivenUp the caller waits no longer; the daemon may already be at work
   */
  constructor(
    procedure: Procedure<unknown, unknown>,
    args: unknown,
    options: CallOptions<unknown> & { readonly timeout: number; readonly withStream: boolean },
    onGivenUp: (call: PendingCall) => void,
  ) {
    this.procedure = procedure;
    this.priority = options.priority ?? 'interactive';
    this.as = options.as ?? procedure.ret;
    this.withStream = options.withStream;
    this.payload = encode(procedure.args, args);
    checkPayload(this.payload.length);
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#giveUp = (error) => {
      this.reject(error);
      onGivenUp(this);
    };
    this.#release = limits(options, this.#giveUp, procedure);
  }

  /** The caller waits this long from now on, in milliseconds, whatever it has said before. */
  limit(timeout: number): void {
    if (this.#settled) return;
    this.#release();
    this.#release = limits({ timeout }, this.#giveUp, this.procedure);
  }

  /** The caller has its answer or gave up. */
  get settled(): boolean {
    return this.#settled;
  }

  resolve(value: unknown): void {
    if (this.#settle()) this.#resolve(value);
  }

  reject(error: Error): void {
    if (this.#settle()) this.#reject(error);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#release();
    return true;
  }
}

/** Watches a call's timeout and signal; the returned function ends that. */
function limits(
  { timeout, signal }: Pick<CallOptions<unknown>, 'signal'> & { readonly timeout: number },
  giveUp: (error: WireError) => void,
  procedure: Procedure<unknown, unknown>,
): () => void {
  const onTimeout = () =>
    giveUp(new WireError('timeout', `no answer to ${procedureName(procedure)} within ${timeout / 1000} s`));
  const onAbort = () => giveUp(new WireError('aborted', 'the call was given up'));
  const timer = timeout > 0 ? setTimeout(onTimeout, timeout) : undefined;
  signal?.addEventListener('abort', onAbort, { once: true });
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  };
}
