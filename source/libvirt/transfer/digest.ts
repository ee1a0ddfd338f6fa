import { createHash, type Hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StreamItem } from '../byte-stream.js';

/** Zeros that are hashed before the event loop has its turn, in bytes: some milliseconds. */
const slice = 8 * 1024 * 1024;
const zeros = Buffer.alloc(slice);
/** Zeros of holes that a SHA-256 may cost: so many bytes, and so many times the bytes of data. */
const freeZeros = 2 * 1024 ** 3;
const zerosForData = 4;

/**
 * The SHA-256 of contents that arrive in order. A hole costs as much as its zeros would: where there are far more
 * of them than data (an empty disk of 300 GiB) nobody would wait for it, and there is none.
 */
export class Sha256 {
  #hash: Hash | undefined = createHash('sha256');
  #data = 0;
  #zeros = 0;

  async add(item: StreamItem, signal?: AbortSignal): Promise<void> {
    if ('data' in item) {
      this.#data += item.data.length;
      this.#hash?.update(item.data);
      return;
    }
    this.#zeros += item.hole;
    if (this.#zeros > freeZeros + zerosForData * this.#data) this.#hash = undefined;
    for (let left = item.hole; left > 0 && this.#hash !== undefined; left -= slice) {
      signal?.throwIfAborted();
      this.#hash.update(left >= slice ? zeros : zeros.subarray(0, left));
      if (left > slice) await nextTurn();
    }
  }

  /** In hexadecimal; undefined where it would have cost too much. */
  digest(): string | undefined {
    return this.#hash?.digest('hex');
  }
}

/** Blocks that are compared; an aligned one of zeros counts as a hole. */
const block = 64 * 1024;
const zeroBlock = Buffer.alloc(block);

/**
 * What tells contents from others, however their zeros are sent: as data or as holes of any length. A hole costs
 * nothing. It is made of the blocks that are not zero, each with its place, and of the length of it all.
 */
export class Fingerprint {
  readonly #hash = createHash('sha256');
  readonly #block = Buffer.alloc(block);
  /** All that has arrived, and how much of its last block is in `#block`. */
  #at = 0;
  #filled = 0;

  add(item: StreamItem): void {
    if ('data' in item) this.#addData(item.data);
    else this.#addHole(item.hole);
  }

  digest(): string {
    this.#flush();
    return this.#hash.update(`${this.#at}`).digest('hex');
  }

  #addData(data: Uint8Array): void {
    for (let offset = 0; offset < data.length; ) {
      const piece = data.subarray(offset, offset + block - this.#filled);
      if (piece.length === block) this.#take(piece, this.#at);
      else {
        this.#block.set(piece, this.#filled);
        this.#filled += piece.length;
      }
      this.#at += piece.length;
      offset += piece.length;
      if (this.#filled === block) this.#flush();
    }
  }

  #addHole(length: number): void {
    const first = this.#filled === 0 ? 0 : Math.min(length, block - this.#filled);
    this.#block.fill(0, this.#filled, this.#filled + first);
    this.#filled += first;
    this.#at += first;
    if (this.#filled === block) this.#flush();
    if (first === length) return;
    this.#at += length - first;
    const last = this.#at % block;
    this.#block.fill(0, 0, last);
    this.#filled = last;
  }

  #flush(): void {
    if (this.#filled > 0) this.#take(this.#block.subarray(0, this.#filled), this.#at - this.#filled);
    this.#filled = 0;
  }

  #take(piece: Uint8Array, at: number): void {
    if (zeroBlock.subarray(0, piece.length).equals(piece)) return;
    this.#hash.update(`${at}:`).update(piece);
  }
}
