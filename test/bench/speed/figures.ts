/** One measured number. `goal` is what it must not exceed (or reach, where the unit is "times faster"). */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** null: what another figure is compared with. */
  readonly goal: number | null;
}

/** Where the program is measured. */
export interface Bench {
  /** The built program. */
  readonly cli: string;
  readonly domains: number;
  readonly uri: string;
  readonly env: Readonly<Record<string, string>>;
  readonly report: (figure: Figure) => void;
}

/** The screen that every figure is measured on. */
export const screen = { cols: 120, rows: 40 } as const;

/** The value that `share` of the numbers do not exceed. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** The figure as a line to read. */
export function describe({ name, value, unit, goal }: Figure): string {
  const missed = goal !== null && (unit === 'times faster' ? value < goal : value > goal);
  const bound = unit === 'times faster' ? 'at least' : 'at most';
  const verdict = goal === null ? '' : `   ${bound} ${goal}${missed ? '   MISSED' : ''}`;
  return `${name.padEnd(62)}${value.toFixed(2).padStart(9)} ${unit}${verdict}`;
}
