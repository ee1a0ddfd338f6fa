/** Contents are kept in pieces of this size. */
export const blockSize = 65_536;

/** A piece of some file's contents; clones share it until one of them writes. */
export interface Block {
  readonly bytes: Buffer;
  users: number;
}

/** The memory that all contents of a lab's files take together, and its bound. */
export class BlockStore {
  readonly limit: number;
  #used = 0;

  /** @param limit bytes */
  constructor(limit = 256 * 1024 ** 2) {
    this.limit = limit;
  }

  /** Bytes that are in use. */
  get used(): number {
    return this.#used;
  }

  /** A block of zeros for one user; absent when the memory is full. */
  take(): Block | undefined {
    if (this.#used + blockSize > this.limit) return undefined;
    this.#used += blockSize;
    return { bytes: Buffer.alloc(blockSize), users: 1 };
  }

  share(block: Block): Block {
    block.users += 1;
    return block;
  }

  release(block: Block): void {
    block.users -= 1;
    if (block.users === 0) this.#used -= blockSize;
  }
}
