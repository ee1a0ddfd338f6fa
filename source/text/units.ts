import { literal, type SafeText, safe } from './safe.js';

const sizeUnits = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const rateUnits = ['B/s', 'kB/s', 'MB/s', 'GB/s', 'TB/s'] as const;

/** "512 MiB", "1.2 GiB": KiB in the unit that keeps the number below 1024. */
export function kib(value: number): SafeText {
  const step = stepOf(value, 1024, sizeUnits.length);
  return safe(`${number(value / 1024 ** step)} ${sizeUnits[step]}`);
}

/** "1.2 /  2 GiB": two KiB amounts in the unit of the second, aligned for a column. */
export function kibOf(used: number, total: number): SafeText {
  const step = stepOf(total, 1024, sizeUnits.length);
  const scale = 1024 ** step;
  return safe(
    `${number(used / scale).padStart(4)} / ${number(total / scale).padStart(4)} ${sizeUnits[step]}`,
  );
}

/** "1.2 MB/s": bytes per second, decimal as networks and disks are sold. */
export function rate(bytesPerSecond: number): SafeText {
  const step = stepOf(bytesPerSecond, 1000, rateUnits.length);
  const value = bytesPerSecond / 1000 ** step;
  return safe(`${step === 0 ? String(Math.round(value)) : number(value)} ${rateUnits[step]}`);
}

/** A percentage for a column: whole numbers, "<1" for what rounds to nothing but is not nothing. */
export function percent(value: number): SafeText {
  return value > 0 && value < 0.5 ? literal`<1` : literal`${Math.round(value)}`;
}

/** "1 domain", "2 domains": for nouns that an s makes plural. */
export function count(number: number, noun: string): SafeText {
  return safe(`${number} ${noun}${number === 1 ? '' : 's'}`);
}

/** "web-1, web-2 and 40 more": names for a line, of which there may be thousands. */
export function shortList(names: readonly string[], shown = 8): string {
  const rest = names.length - shown;
  return names.slice(0, shown).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** "12s", "3m", "3h", "2d 4h": the one or two units that matter. */
export function duration(milliseconds: number): SafeText {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return literal`${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return withRest(minutes, 'm', minutes < 10 ? seconds % 60 : 0, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return withRest(hours, 'h', hours < 10 ? minutes % 60 : 0, 'm');
  return withRest(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** "3 ms", "1.2 s": how long something took. */
export function elapsed(milliseconds: number): SafeText {
  return milliseconds < 999.5
    ? literal`${Math.round(milliseconds)} ms`
    : literal`${safe((milliseconds / 1000).toFixed(1))} s`;
}

function withRest(value: number, unit: string, rest: number, restUnit: string): SafeText {
  return safe(rest === 0 ? `${value}${unit}` : `${value}${unit} ${rest}${restUnit}`);
}

/** How often `value` can be divided by `base` before it is below the next unit as rounded for display. */
function stepOf(value: number, base: number, count: number): number {
  let step = 0;
  let rest = value;
  // 1023.96 would print as "1024": the next unit reads better.
  while (rest >= base - 0.05 && step < count - 1) {
    rest /= base;
    step += 1;
  }
  return step;
}

/** At most three digits and one decimal, none where it says nothing: "1.2", "12", "2". */
function number(value: number): string {
  const rounded = value < 99.95 ? Math.round(value * 10) / 10 : Math.round(value);
  return String(rounded);
}
