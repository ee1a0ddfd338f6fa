import { joined, literal, type SafeText } from '../../text/safe.js';
import { spaces } from '../../text/width.js';

const gap = literal` `;

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
  levels: readonly SafeText[],
  full = 100,
): SafeText {
  const shown = samples.length > cells ? samples.slice(samples.length - cells) : samples;
  const curve = shown.map((sample) =>
    Number.isNaN(sample) ? gap : (levels[levelOf(sample, full, levels.length)] ?? gap),
  );
  return joined([spaces(cells - shown.length), ...curve], literal``);
}

function levelOf(sample: number, full: number, count: number): number {
  return Math.min(Math.max(Math.floor((sample / full) * count), 0), count - 1);
}
