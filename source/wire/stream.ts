import { WireError } from './errors.js';
import { type Header, MessageStatus, MessageType, streamChunkSize } from './framing.js';
import { encode, i64, struct, u32 } from './xdr.js';

/** virNetStreamHole: a run of zeros that is not sent. */
export const HOLE = struct({ length: i64, flags: u32 });

/** What arrives on a stream: data, or a hole of a sparse transfer. */
export type StreamItem = { readonly data: Buffer } | { readonly hole: number };

/** What a stream needs from its channel. */
export interface StreamLink {
  /** Resolves when the transport has taken the bytes. */
  send(header: Header, payload?: Uint8Array): Promise<void>;
  /** Whether its reader is so far behind that nothing more may be taken from the transport. */
  full(full: boolean): void;
  release(): void;
}

/** Bytes that may wait for a stream's reader, and how few make room again. */
const mostWaiting = 16 * 1024 * 1024;
const fewWaiting = mostWaiting / 4;

/**
 * The data that flows beside a call: volume contents, a console, a screenshot.
 *
 * There is no flow control for streams in the protocol: a daemon sends as fast as the transport takes it. What
 * arrives is queued; a reader that is 16 MiB behind (a slow disk) makes the channel stop reading its transport
 * until it has caught up, so that the daemon waits at its own socket. All else on that connection waits as well:
 * a large transfer belongs on a connection of its own.
 */
export class WireStream implements AsyncIterable<StreamItem> {
  readonly #link: StreamLink;
  readonly #identity: Omit<Header, 'type' | 'status'>;
  readonly #queue: StreamItem[] = [];
  /** Bytes of the data in the queue. */
  #waiting = 0;
  #full = false;
  /** Writers whose bytes the transport has not taken. */
  readonly #writers = new Set<(error: Error) => void>();
  /** The peer has no more data. */
  #ended = false;
  /** The peer has confirmed the end. */
  #over = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;
  readonly #confirmed: Promise<void>;
  #confirm: () => void = () => {};
  #refuse: (error: Error) => void = () => {};

  constructor(link: StreamLink, identity: Omit<Header, 'type' | 'status'>) {
    this.#link = link;
    this.#identity = identity;
    this.#confirmed = new Promise((resolve, reject) => {
      this.#confirm = resolve;
      this.#refuse = reject;
    });
    // Nobody may be waiting for the confirmation when the stream fails: the iterator tells it as well.
    this.#confirmed.catch(() => {});
  }

  /** Everything the peer sends, until it says "end of data". Throws what the stream failed with. */
  async *[Symbol.asyncIterator](): AsyncGenerator<StreamItem, void, undefined> {
    for (;;) {
      const item = this.#queue.shift();
      if (item !== undefined) {
        this.#waiting -= weight(item);
        if (this.#waiting <= fewWaiting) this.#setFull(false);
        yield item;
      } else if (this.#failure) throw this.#failure;
      else if (this.#ended) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  /** Sends data in chunks of the size that the daemon itself uses; resolves when the transport took it. */
  async write(data: Uint8Array): Promise<void> {
    for (let offset = 0; offset < data.length; offset += streamChunkSize) {
      this.#checkOpen();
      await this.#send(
        MessageType.stream,
        MessageStatus.continue,
        data.subarray(offset, offset + streamChunkSize),
      );
    }
  }

  /** Sends a run of `length` zeros as a hole (only where the call asked for a sparse stream). */
  async writeHole(length: number): Promise<void> {
    this.#checkOpen();
    await this.#send(MessageType.streamHole, MessageStatus.continue, encode(HOLE, { length, flags: 0 }));
  }

  /** Says that all is sent (or taken), and waits until the peer confirms. */
  async finish(): Promise<void> {
    this.#check();
    if (this.#over) return;
    await this.#send(MessageType.stream, MessageStatus.ok);
    await this.#confirmed;
  }

  /**
   * Gives up: the peer drops the rest. Waits for nothing, not even for the transport: it may be the peer that does
   * not read.
   *
   * @param reason what readers and writers of this stream are told
   */
  async abort(reason: Error = new WireError('aborted', 'the stream was aborted')): Promise<void> {
    if (this.#failure || this.#over) return;
    this.fail(reason);
    const header = { ...this.#identity, type: MessageType.stream, status: MessageStatus.error };
    void this.#link.send(header).catch(() => {});
  }

  /** From the channel: a data packet (an empty one is the end of data). */
  receive(item: StreamItem): void {
    if ('data' in item && item.data.length === 0) this.#ended = true;
    else {
      this.#queue.push(item);
      this.#waiting += weight(item);
      if (this.#waiting > mostWaiting && this.#failure === undefined) this.#setFull(true);
    }
    this.#notify();
  }

  /** From the channel: the peer confirms that the stream is over. */
  confirm(): void {
    this.#ended = true;
    this.#over = true;
    this.#setFull(false);
    this.#confirm();
    this.#link.release();
    this.#notify();
  }

  /** From the channel: the stream is over with an error. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#refuse(error);
    this.#setFull(false);
    this.#link.release();
    for (const refuse of this.#writers) refuse(error);
    this.#notify();
  }

  #check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** What is written to a stream that the peer holds for finished goes nowhere: it is no success. */
  #checkOpen(): void {
    this.#check();
    if (this.#over) throw new WireError('closed', 'the daemon ended the stream before all was sent');
  }

  /** As the link sends it, but no longer waited for once the stream has failed. */
  #send(type: number, status: number, payload?: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writers.add(reject);
      this.#link
        .send({ ...this.#identity, type, status }, payload)
        .then(resolve, reject)
        .finally(() => this.#writers.delete(reject));
    });
  }

  #setFull(full: boolean): void {
    if (full === this.#full) return;
    this.#full = full;
    this.#link.full(full);
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

/** Bytes that an item of the queue takes, itself included: holes without end would fill the memory as well. */
function weight(item: StreamItem): number {
  return ('data' in item ? item.data.length : 0) + 64;
}
