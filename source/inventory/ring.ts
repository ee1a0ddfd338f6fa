/** Samples that a ring makes room for at first; most domains of a large host never need more. */
const firstRoom = 32;

/**
 * A fixed number of newest samples in one typed array: a push allocates nothing once the ring has its size.
 * NaN stands for "no value at that tick". Values have 24 bits: enough for a chart.
 */
export class Ring {
  readonly capacity: number;
  /** Means of `meansOver` samples each, for a longer look back; undefined where none are kept. */
  readonly means: Ring | undefined;
  readonly #meansOver: number;
  #sum = 0;
  #known = 0;
  #taken = 0;
  #values: Float32Array | undefined;
  #next = 0;
  #length = 0;

  /** @param means how many samples make one mean, and how many means are kept */
  constructor(capacity: number, means?: { readonly over: number; readonly capacity: number }) {
    this.capacity = capacity;
    this.#meansOver = means?.over ?? 0;
    this.means = means && new Ring(means.capacity);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const values = this.#roomy();
    values[this.#next] = value;
    this.#next = (this.#next + 1) % values.length;
    if (this.#length < values.length) this.#length += 1;
    if (this.means !== undefined) this.#addToMean(value, this.means);
  }

  #addToMean(value: number, means: Ring): void {
    this.#taken += 1;
    if (!Number.isNaN(value)) {
      this.#sum += value;
      this.#known += 1;
    }
    if (this.#taken < this.#meansOver) return;
    // A mean of nothing but gaps is a gap.
    means.push(this.#known === 0 ? Number.NaN : this.#sum / this.#known);
    this.#taken = 0;
    this.#known = 0;
    this.#sum = 0;
  }

  /** The newest sample, or undefined when there is none or it is missing (NaN). */
  get last(): number | undefined {
    if (this.#values === undefined || this.#length === 0) return undefined;
    const value = this.#values[(this.#next + this.#values.length - 1) % this.#values.length] as number;
    return Number.isNaN(value) ? undefined : value;
  }

  /** The newest `count` samples, oldest first; fewer where fewer exist. NaN marks a missed tick. */
  tail(count = this.#length): number[] {
    const size = Math.min(count, this.#length);
    const values = this.#values;
    if (values === undefined) return [];
    const start = this.#next - size + values.length;
    return Array.from({ length: size }, (_, index) => values[(start + index) % values.length] as number);
  }

  clear(): void {
    this.#next = 0;
    this.#length = 0;
  }

  /** Allocated at the first sample and doubled when full: domains that never run cost nothing. */
  #roomy(): Float32Array {
    const old = this.#values;
    if (old !== undefined && (this.#length < old.length || old.length >= this.capacity)) return old;
    const values = new Float32Array(Math.min(this.capacity, old === undefined ? firstRoom : old.length * 2));
    if (old !== undefined) {
      values.set(this.tail());
      this.#next = this.#length;
    }
    this.#values = values;
    return values;
  }
}
