import { Duplex } from 'node:stream';

/**
 * Two ends of a connection inside this process. What is written at one end arrives at the other in a later
 * turn of the event loop, as it would from a socket, uncopied and in one piece. An end that is destroyed ends
 * the other.
 */
export function pipe(): [Duplex, Duplex] {
  const one = new PipeEnd();
  const other = new PipeEnd();
  one.peer = other;
  other.peer = one;
  return [one, other];
}

class PipeEnd extends Duplex {
  peer: PipeEnd | undefined;
  #wanted: (() => void) | undefined;
  #ended = false;

  constructor() {
    super({ readableHighWaterMark: 1 << 20, writableHighWaterMark: 1 << 20 });
  }

  override _read(): void {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    wanted?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    setImmediate(() => {
      const { peer } = this;
      if (peer === undefined || peer.destroyed) done();
      else peer.deliver(chunk, done);
    });
  }

  override _final(done: () => void): void {
    setImmediate(() => {
      this.peer?.endOfInput();
      done();
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { peer } = this;
    setImmediate(() => {
      // What is under way still arrives, then the end.
      peer?.endOfInput();
    });
    done(error);
  }

  /** Takes bytes from the other end; `done` is called once there is room for more. */
  deliver(chunk: Buffer, done: () => void): void {
    if (this.#ended || this.push(chunk)) done();
    else this.#wanted = done;
  }

  /** No more bytes come. */
  endOfInput(): void {
    if (this.#ended || this.destroyed) return;
    this.#ended = true;
    this.push(null);
  }
}
