import { type Block, type BlockStore, blockSize } from './block-store.js';
import { fillBlock, isData, type Layer, nextChange } from './layer.js';

/** What a file system gives out at a time. */
const page = 4096;

/** A run of bytes of a file that are all data, or all in a hole. */
export interface Section {
  readonly data: boolean;
  readonly length: number;
}

/**
 * The bytes of one file, kept sparsely: what it had in the beginning is made again at every reading, what
 * was written since lies in blocks of memory, and holes take none.
 */
export class Contents {
  readonly #store: BlockStore;
  #layers: readonly Layer[];
  readonly #written = new Map<number, Block>();
  #length: number;
  /** Blocks that are data; see `allocation`. */
  #dataBlocks = 0;

  constructor(store: BlockStore, length: number, layers: readonly Layer[] = []) {
    this.#store = store;
    this.#length = length;
    this.#layers = layers.filter(({ end }) => end > 0);
    this.#count();
  }

  /** Bytes, as `ls` tells them. */
  get length(): number {
    return this.#length;
  }

  /** Bytes that the file takes on its file system, as `du` tells them. */
  get allocation(): number {
    if (this.#length === 0) return 0;
    const last = Math.floor((this.#length - 1) / blockSize);
    if (!this.#isData(last)) return this.#dataBlocks * blockSize;
    const used = this.#length - last * blockSize;
    return (this.#dataBlocks - 1) * blockSize + page * Math.ceil(used / page);
  }

  /** The bytes from `offset` on, as many as there are up to `length`. */
  read(offset: number, length: number): Buffer {
    const end = Math.min(offset + length, this.#length);
    if (end <= offset) return Buffer.alloc(0);
    const result = Buffer.allocUnsafe(end - offset);
    const scratch = Buffer.allocUnsafe(blockSize);
    for (let at = offset; at < end; ) {
      const block = Math.floor(at / blockSize);
      const from = at - block * blockSize;
      const take = Math.min(blockSize - from, end - at);
      this.#block(block, scratch).copy(result, at - offset, from, from + take);
      at += take;
    }
    return result;
  }

  /** The section that begins at `offset`; at the end of the file one of no length. */
  section(offset: number): Section {
    if (offset >= this.#length) return { data: false, length: 0 };
    const first = Math.floor(offset / blockSize);
    const data = this.#isData(first);
    const blocks = Math.ceil(this.#length / blockSize);
    let block = first + 1;
    while (block < blocks && this.#isData(block) === data) block = this.#skip(block);
    return { data, length: Math.min(block * blockSize, this.#length) - offset };
  }

  /**
   * Writes bytes, beyond the end as well.
   *
   * @returns false when there is no room for them; what there was room for is written
   */
  write(offset: number, bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; ) {
      const position = offset + at;
      const block = Math.floor(position / blockSize);
      const from = position - block * blockSize;
      const take = Math.min(blockSize - from, bytes.length - at);
      const target = this.#own(block);
      if (target === undefined) return false;
      target.set(bytes.subarray(at, at + take), from);
      at += take;
      this.#length = Math.max(this.#length, offset + at);
    }
    return true;
  }

  /** Cuts the file off, or adds a hole at its end. */
  truncate(length: number): void {
    if (length < this.#length) {
      for (const [block, kept] of this.#written) {
        if (block * blockSize < length) continue;
        this.#store.release(kept);
        this.#written.delete(block);
      }
      this.#layers = this.#layers
        .map((layer) => ({ ...layer, end: Math.min(layer.end, length) }))
        .filter(({ end }) => end > 0);
      const last = Math.floor(length / blockSize);
      // What was cut off must not come back when the file grows again.
      if (this.#written.has(last)) this.#own(last)?.fill(0, length - last * blockSize);
    }
    this.#length = length;
    this.#count();
  }

  /** Allocates all of the file; what was a hole becomes zeros. */
  allocate(): void {
    this.#layers = [...this.#layers, { end: this.#length, seed: undefined, density: 1 }];
    this.#count();
  }

  /** Overwrites everything; with `seed` absent by zeros. */
  overwrite(seed: number | undefined): void {
    this.release();
    this.#layers = [{ end: this.#length, seed, density: 1 }];
    this.#count();
  }

  /** The same bytes in a file of their own, which costs nothing until one of the two is written to. */
  clone(): Contents {
    const copy = new Contents(this.#store, this.#length, this.#layers);
    for (const [block, kept] of this.#written) copy.#written.set(block, this.#store.share(kept));
    copy.#count();
    return copy;
  }

  /** Gives the memory back; the file must not be used any more. */
  release(): void {
    for (const kept of this.#written.values()) this.#store.release(kept);
    this.#written.clear();
  }

  #isData(block: number): boolean {
    return this.#written.has(block) || this.#layers.some((layer) => isData(layer, block));
  }

  /** A block after which something may change; far, where nothing was written. */
  #skip(block: number): number {
    if (this.#written.size > 0) return block + 1;
    const changes = this.#layers.map((layer) => nextChange(layer, block));
    return Math.max(block + 1, Math.min(...changes, Math.ceil(this.#length / blockSize)));
  }

  #block(block: number, scratch: Buffer): Buffer {
    const kept = this.#written.get(block);
    if (kept !== undefined) return kept.bytes;
    const layer = this.#layers.find((candidate) => isData(candidate, block));
    if (layer === undefined) scratch.fill(0);
    else fillBlock(layer, block, scratch);
    return scratch;
  }

  /** A block that may be written to; absent when the memory is full. */
  #own(block: number): Buffer | undefined {
    const kept = this.#written.get(block);
    if (kept?.users === 1) return kept.bytes;
    const fresh = this.#store.take();
    if (fresh === undefined) return undefined;
    this.#block(block, fresh.bytes).copy(fresh.bytes);
    if (kept !== undefined) this.#store.release(kept);
    else if (!this.#isData(block)) this.#dataBlocks += 1;
    this.#written.set(block, fresh);
    return fresh.bytes;
  }

  #count(): void {
    const blocks = Math.ceil(this.#length / blockSize);
    const full = this.#layers
      .filter(({ density }) => density >= 1)
      .map(({ end }) => Math.ceil(end / blockSize));
    // Dense layers overlap, so that the longest counts; only what lies beyond it is looked at.
    const dense = Math.max(0, ...full);
    let count = Math.min(dense, blocks);
    for (let block = count; block < blocks; ) {
      const next = Math.min(blocks, ...this.#layers.map((layer) => nextChange(layer, block)));
      if (this.#layers.some((layer) => isData(layer, block))) count += next - block;
      block = next;
    }
    for (const block of this.#written.keys()) {
      if (block < blocks && !this.#layers.some((layer) => isData(layer, block))) count += 1;
    }
    this.#dataBlocks = count;
  }
}
