/** How long the newest calls took, in milliseconds. */
export interface LatencySummary {
  readonly last: number;
  readonly median: number;
  /** 95 of 100 calls took no longer. */
  readonly p95: number;
  readonly highest: number;
}

/** Undefined where nothing was called yet. */
export function summarize(latencies: readonly number[]): LatencySummary | undefined {
  const last = latencies.at(-1);
  if (last === undefined) return undefined;
  const sorted = latencies.toSorted((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? last;
  return { last, median: rank(0.5), p95: rank(0.95), highest: rank(1) };
}

/** Milliseconds from which on a person notices that a host is slow. */
const slowFrom = 500;
/** Calls of the newest that must have been slow: one alone may have been a large one. */
const slowCalls = 5;

/** How long a connection's calls take now, in milliseconds, where that is long; else undefined. */
export function slowness({ latencies }: { readonly latencies: readonly number[] }): number | undefined {
  if (latencies.length < slowCalls) return undefined;
  const median = summarize(latencies.slice(-slowCalls))?.median ?? 0;
  return median >= slowFrom ? median : undefined;
}

/** "0.4 ms", "12 ms", "1.3 s". */
export function milliseconds(value: number): string {
  if (value >= 999.5) return `${(value / 1000).toFixed(1)} s`;
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ms`;
}
