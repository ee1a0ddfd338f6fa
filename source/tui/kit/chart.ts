import asciichart from 'asciichart';
import type { Domain } from '../../inventory/types.js';
import type { StatsGroup } from '../../libvirt/hypervisor.js';
import { literal, type SafeText, safe } from '../../text/safe.js';
import { duration } from '../../text/units.js';
import { spaces } from '../../text/width.js';
import type { Look } from '../theme/look.js';

export interface ChartInput {
  readonly title: string;
  /** Oldest first; NaN is a missed tick. */
  readonly samples: readonly number[];
  readonly unit: string;
  /** The value at the top of the chart at least, and what it may grow to in steps. */
  readonly scale: (highest: number) => number;
  readonly format: (value: number) => string;
  /** Milliseconds between two samples. */
  readonly interval: number;
  /** The subject is no longer running: there is no current value, and the curve shows the past. */
  readonly ended?: boolean;
  /** Why there will be no sample, e.g. that the driver tells none. */
  readonly absent?: string | undefined;
}

const labelCells = 6;

/** Why a chart of a domain will have no samples; undefined where it has some, or may have. */
export function absentText(
  { untold }: Pick<Domain, 'untold'>,
  group: StatsGroup,
  driver: string | undefined,
): string | undefined {
  return untold.includes(group) ? `not told by ${driver ?? 'the host'}` : undefined;
}

/**
 * A chart of exactly `lines` lines of `cells` cells: title with the time span, then the curve by asciichart,
 * the newest sample at the right edge.
 */
export function drawChart(input: ChartInput, cells: number, lines: number, look: Look): SafeText[] {
  const width = cells - labelCells - 2;
  if (lines < 3 || width < 8) return Array.from({ length: lines }, () => spaces(cells));
  // Every cell of the curve leads from one sample to the next.
  const shown = input.samples.slice(-width - 1);
  const known = shown.filter((value) => !Number.isNaN(value));
  const latest = known.at(-1);
  const span = duration(Math.max(0, shown.length - 1) * input.interval);
  const title = look.spread(
    [
      [`${input.title} `, 'plain'],
      [valueText(input, latest, look), 'heading'],
    ],
    [
      [
        known.length === 0 ? whyNone(input) : input.ended ? `${span} until it stopped` : `last ${span}`,
        'faint',
      ],
    ],
    cells,
  );
  return [title, ...plot(input, shown, known, width, lines - 1, look)];
}

function valueText(
  { ended, absent, format, unit }: ChartInput,
  latest: number | undefined,
  look: Look,
): string {
  if (absent !== undefined && latest === undefined) return 'n/a';
  return ended || latest === undefined ? look.glyphs.unknown : `${format(latest)}${unit}`;
}

function whyNone({ ended, absent }: ChartInput): string {
  return absent ?? (ended ? 'not running' : 'no samples yet');
}

function plot(
  input: ChartInput,
  shown: readonly number[],
  known: readonly number[],
  width: number,
  lines: number,
  look: Look,
): SafeText[] {
  const top = input.scale(known.reduce((high, value) => Math.max(high, value), 0));
  // asciichart cannot draw gaps: they are filled for it and blanked out afterwards.
  const series = [...Array.from({ length: width + 1 - shown.length }, () => Number.NaN), ...shown];
  const filled = fillGaps(series);
  const drawn = asciichart
    .plot(filled, {
      height: lines - 1,
      min: 0,
      max: top,
      // Its own labels are as wide as the number; ours are put in front at a fixed width. (A label of no
      // character would shift the line: it takes the place of a cell.)
      offset: 2,
      format: () => ' ',
      symbols: look.glyphs.chart,
    })
    .split('\n');
  return drawn.slice(0, lines).map((line, row) => {
    const steps = lines - 1;
    // The ends and, where they fall on a line, the quarters.
    const labelled = row === 0 || row === steps || (row * 4) % steps === 0;
    const label = look.fit(labelled ? input.format(top - (row * top) / steps) : '', labelCells, 'right');
    const curve = [...line].slice(2);
    let body = '';
    for (let i = 0; i < width; i += 1) {
      const gap = Number.isNaN(series[i]) || Number.isNaN(series[i + 1]);
      body += gap ? ' ' : (curve[i] ?? ' ');
    }
    // asciichart draws its first sample over the axis; here the axis stays an axis.
    const axis = look.paint('faint', safe(`${label} ${look.glyphs.chart[1]}`));
    return literal`${axis}${look.paint('chart', safe(body))}`;
  });
}

function fillGaps(series: readonly number[]): number[] {
  let last = series.find((value) => !Number.isNaN(value)) ?? 0;
  return series.map((value) => {
    if (!Number.isNaN(value)) last = value;
    return last;
  });
}

const percentSteps = [20, 40, 60, 80, 100];

/** The smallest of a few round maxima above the highest percentage, so that the scale seldom changes. */
export function percentScale(highest: number): number {
  return percentSteps.find((step) => highest <= step) ?? 100;
}
