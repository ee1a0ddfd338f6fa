/**
 * How far a transfer is; `total` where it is known. Reading back for the proof begins at 0 again, with `checking`.
 * Called for every piece: it must be cheap.
 */
export type TransferProgress = (bytes: number, total?: number, checking?: boolean) => void;

/** What a transfer takes from whoever waits for it. */
export interface TransferControl {
  /** Ends the transfer; what was begun is cleaned up, then the promise rejects. */
  readonly signal?: AbortSignal | undefined;
  readonly progress?: TransferProgress | undefined;
}

/** What came of a transfer. */
export interface Transferred {
  /** Bytes of the file, holes included. */
  readonly size: number;
  /** Of the whole contents, in hexadecimal; undefined where nearly all of it is holes (see `Sha256`). */
  readonly sha256: string | undefined;
}

/** "SHA-256 …", for people. */
export function sumText({ sha256 }: Pick<Transferred, 'sha256'>): string {
  return sha256 === undefined ? 'nearly all of it holes: no SHA-256' : `SHA-256 ${sha256}`;
}

/** How far a transfer is and when it will be done. */
export interface TransferPace {
  /** It is being read back, and no longer moved. */
  readonly checking: boolean;
  readonly bytes: number;
  readonly total: number | undefined;
  /** Bytes per second over the last seconds; undefined in the first one. */
  readonly rate: number | undefined;
  /** Milliseconds that are left at that rate. */
  readonly eta: number | undefined;
}

/** Rates are means over this time, in milliseconds: shorter ones flicker, longer ones hide that it has become slow. */
const window = 8000;
const sampleEvery = 500;
/** A rate over less than this says nothing yet. */
const enough = 1000;

/**
 * Makes rate and remaining time out of the counts of a transfer. What was there at the first call (an upload
 * that is gone on with) is not counted as work of this moment.
 */
export class RateMeter {
  /** The oldest is the newest from before the window: one that stands still has a rate as well. */
  #samples: readonly { readonly at: number; readonly bytes: number }[] = [];
  #total: number | undefined;
  #checking = false;

  /**
   * @param now milliseconds
   * @param total kept from the last call where it is left out
   * @param checking it is read back, from 0 again
   */
  at(now: number, bytes: number, total?: number, checking = false): TransferPace {
    this.#total = total ?? this.#total;
    if (checking !== this.#checking) this.#samples = [];
    this.#checking = checking;
    const last = this.#samples.at(-1);
    if (last === undefined || now - last.at >= sampleEvery) {
      const kept = this.#samples.filter((_, index, all) => now - (all[index + 1]?.at ?? now) <= window);
      this.#samples = [...kept, { at: now, bytes }];
    }
    const [first] = this.#samples;
    const time = first === undefined ? 0 : now - first.at;
    const rate = first === undefined || time < enough ? undefined : ((bytes - first.bytes) / time) * 1000;
    const left = this.#total === undefined ? undefined : Math.max(0, this.#total - bytes);
    const eta = rate === undefined || rate <= 0 || left === undefined ? undefined : (left / rate) * 1000;
    return { bytes, total: this.#total, rate, eta, checking };
  }
}
