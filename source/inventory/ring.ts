/** Samples that a ring has room for at first; it doubles up to its capacity. */
const firstRoom = 32;

/**
 * A fixed number of newest samples in one typed array: a push allocates nothing once the array has grown.
 * NaN stands for "no value at that tick". Single precision: 3,000 running domains have 21,000 rings.
 */
export class Ring {
  readonly capacity: number;
  #values: Float32Array | undefined;
  #next = 0;
  #length = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    let values = this.#values;
    if (values === undefined || (this.#length === values.length && values.length < this.capacity)) {
      values = this.#grow();
    }
    values[this.#next] = value;
    this.#next = this.#next + 1 === this.capacity ? 0 : this.#next + 1;
    if (this.#length < this.capacity) this.#length += 1;
  }

  /** The newest sample, or undefined when there is none or it is missing (NaN). */
  get last(): number | undefined {
    if (this.#values === undefined || this.#length === 0) return undefined;
    const value = this.#values[(this.#next + this.capacity - 1) % this.capacity] as number;
    return Number.isNaN(value) ? undefined : value;
  }

  /** The newest `count` samples, oldest first; fewer where fewer exist. NaN marks a missed tick. */
  tail(count = this.#length): number[] {
    const size = Math.min(count, this.#length);
    const out = new Array<number>(size);
    if (this.#values === undefined) return out;
    const start = this.#next - size + this.capacity;
    for (let i = 0; i < size; i += 1) out[i] = this.#values[(start + i) % this.capacity] as number;
    return out;
  }

  clear(): void {
    this.#next = 0;
    this.#length = 0;
  }

  /** Domains that never ran have no array, and those that ran for a minute a small one. */
  #grow(): Float32Array {
    const room = Math.min(this.capacity, Math.max(firstRoom, this.#length * 2));
    const grown = new Float32Array(room);
    if (this.#values !== undefined) grown.set(this.#values);
    this.#values = grown;
    return grown;
  }
}
