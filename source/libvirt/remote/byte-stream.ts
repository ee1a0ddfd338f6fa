import type { WireStream } from '../../wire/stream.js';
import type { ByteStream, StreamItem } from '../byte-stream.js';
import { guard } from './caller.js';
import { toLibvirtError } from './failures.js';

/** A stream of the wire, its failures in the one form in which they leave this room. */
export class RemoteByteStream implements ByteStream {
  readonly #stream: WireStream;

  constructor(stream: WireStream) {
    this.#stream = stream;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamItem, void, undefined> {
    try {
      yield* this.#stream;
    } catch (error) {
      throw toLibvirtError(error);
    }
  }

  write(data: Uint8Array): Promise<void> {
    return guard(this.#stream.write(data));
  }

  writeHole(length: number): Promise<void> {
    return guard(this.#stream.writeHole(length));
  }

  finish(): Promise<void> {
    return guard(this.#stream.finish());
  }

  abort(): Promise<void> {
    return this.#stream.abort();
  }
}
