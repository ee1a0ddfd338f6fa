import { repeat } from '../../text/width.js';

/**
 * One cell a sample, the newest at the right edge.
 *
 * @param samples percent, oldest first; NaN (a missed tick) leaves its cell empty
 * @param levels symbols from the lowest to the highest
 * @param full the value that fills a cell
 */
export function sparkline(
  samples: readonly number[],
  cells: number,
  levels: readonly string[],
  full = 100,
): string {
  const shown = samples.length > cells ? samples.slice(samples.length - cells) : samples;
  let out = repeat(' ', cells - shown.length);
  for (const sample of shown)
    out += Number.isNaN(sample) ? ' ' : (levels[levelOf(sample, full, levels.length)] ?? ' ');
  return out;
}

function levelOf(sample: number, full: number, count: number): number {
  return Math.min(Math.max(Math.floor((sample / full) * count), 0), count - 1);
}
