import type { ByteStream, StreamItem } from '../../source/libvirt/byte-stream.js';

/** A stream whose other end is the test. */
export class FakeStream implements ByteStream {
  /** What was written to the guest, as text. */
  written = '';
  aborted = false;
  readonly #queue: StreamItem[] = [];
  #end: { readonly error: Error | undefined } | undefined;
  #wake: () => void = () => {};

  /** The guest says something. */
  say(text: string): void {
    this.#queue.push({ data: Buffer.from(text, 'latin1') });
    this.#wake();
  }

  /** The host ends it, with an error or without. */
  end(error?: Error): void {
    this.#end ??= { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamItem, void, undefined> {
    for (;;) {
      const item = this.#queue.shift();
      if (item !== undefined) yield item;
      else if (this.#end?.error !== undefined) throw this.#end.error;
      else if (this.#end !== undefined) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  async write(data: Uint8Array): Promise<void> {
    this.written += Buffer.from(data).toString('latin1');
  }

  async writeHole(): Promise<void> {}

  async finish(): Promise<void> {}

  async abort(): Promise<void> {
    this.aborted = true;
    this.end(new Error('the stream was aborted'));
  }
}
