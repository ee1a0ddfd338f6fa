const pad = (value: number): string => String(value).padStart(2, '0');

/**
 * The header's clock: the moment of the newest data, to the second, while data comes; once it has stopped,
 * the time of day to the minute. A clock of its own would write to the terminal every second for nothing.
 */
export function clockText(dataAt: number, now: number, interval: number): string {
  const flowing = now - dataAt <= 2.5 * interval;
  const date = new Date(flowing ? dataAt : now);
  const minutes = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  return flowing ? `${minutes}:${pad(date.getSeconds())}` : `${minutes}   `;
}
