import type { TaskProgress } from './tasks.js';

/** Rates are means over this time: shorter ones flicker, longer ones hide that it has become slow. */
const window = 8000;
const sampleEvery = 500;
/** A rate over less than this says nothing yet. */
const enough = 1000;

/** Makes rate and remaining time out of how far a piece of work is, from moment to moment. */
export class RateMeter {
  #samples: readonly { readonly at: number; readonly bytes: number }[] = [];
  #total: number | undefined;
  #checking = false;

  /**
   * @param total kept from the last call where it is left out
   * @param checking it is read back, from 0 again
   */
  at(now: number, bytes: number, total?: number, checking = false): TaskProgress {
    this.#total = total ?? this.#total;
    if (checking !== this.#checking) this.#samples = [];
    this.#checking = checking;
    const last = this.#samples.at(-1);
    if (last === undefined || now - last.at >= sampleEvery) {
      const kept = this.#samples.filter(({ at }) => now - at <= window);
      this.#samples = [...kept, { at: now, bytes }];
    }
    const first = this.#samples[0];
    const time = first === undefined ? 0 : now - first.at;
    const rate = first === undefined || time < enough ? undefined : ((bytes - first.bytes) / time) * 1000;
    const left = this.#total === undefined ? undefined : Math.max(0, this.#total - bytes);
    const eta = rate === undefined || rate <= 0 || left === undefined ? undefined : (left / rate) * 1000;
    return { bytes, total: this.#total, rate, eta, at: now, checking };
  }
}
