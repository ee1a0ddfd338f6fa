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

/** "0.4 ms", "12 ms", "1.3 s". */
export function milliseconds(value: number): string {
  if (value >= 999.5) return `${(value / 1000).toFixed(1)} s`;
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ms`;
}
