const pad = (value: number): string => String(value).padStart(2, '0');

/**
 * The header's clock, to the minute. Seconds would write to the terminal when nothing else has changed, over
 * the slowest of links too; that values are old is said by their being dim.
 */
export function clockText(now: number): string {
  const date = new Date(now);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
}
