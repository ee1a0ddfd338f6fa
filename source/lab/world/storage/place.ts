import type { PoolSpace } from './pool.js';
import type { LabVolume } from './volume.js';

/** Where volumes lie: a directory, a volume group. It is there whether a pool looks after it or not. */
export class Place {
  /** By name. */
  readonly volumes = new Map<string, LabVolume>();
  /** Bytes. */
  readonly capacity: number;
  /** Bytes that others take on the same file system. */
  readonly #others: number;

  constructor(capacity: number, others: number) {
    this.capacity = capacity;
    this.#others = others;
  }

  get space(): PoolSpace {
    let used = this.#others;
    for (const { allocation } of this.volumes.values()) used += allocation;
    const allocation = Math.min(used, this.capacity);
    return { capacity: this.capacity, allocation, available: this.capacity - allocation };
  }
}
