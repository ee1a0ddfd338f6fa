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
  /** Bytes per second, smoothed; undefined in the first moments. */
  readonly rate: number | undefined;
  /** Milliseconds that are left at that rate. */
  readonly eta: number | undefined;
}

/** A rate over less than this says nothing yet, in milliseconds. */
const sampleEvery = 250;
/** How fast old rates are forgotten, in milliseconds: shorter flickers, longer hides that it has become slow. */
const memory = 4000;

/**
 * Makes rate and remaining time out of the counts of a transfer. What was there at the first call (an upload
 * that is gone on with) is not counted as work of this moment.
 *
 * @param tell called at every piece
 * @param now milliseconds
 */
export function paced(
  tell: (pace: TransferPace) => void,
  now: () => number = () => performance.now(),
): TransferProgress {
  let last: { readonly at: number; readonly bytes: number } | undefined;
  let rate: number | undefined;
  let was = false;
  return (bytes, total, checking = false) => {
    const at = now();
    if (checking !== was) {
      last = undefined;
      rate = undefined;
      was = checking;
    }
    last ??= { at, bytes };
    const passed = at - last.at;
    if (passed >= sampleEvery) {
      const latest = ((bytes - last.bytes) / passed) * 1000;
      const weight = 1 - Math.exp(-passed / memory);
      rate = rate === undefined ? latest : rate + (latest - rate) * weight;
      last = { at, bytes };
    }
    const left = total === undefined ? undefined : Math.max(0, total - bytes);
    const eta = left === undefined || rate === undefined || rate <= 0 ? undefined : (left / rate) * 1000;
    tell({ bytes, total, rate, eta, checking });
  };
}
