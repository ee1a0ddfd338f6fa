import type { InputEvent } from '../input/events.js';
import type { Look, Part } from '../theme/look.js';

/** The bar of tabs: each with its number, the open one standing out by more than its colour. */
export function drawTabs(titles: readonly string[], open: number, cells: number, look: Look): string {
  const parts = titles.flatMap((title, at): Part[] => [
    [at === 0 ? '' : '  '],
    [`${at + 1}`, 'key'],
    [' '],
    at === open ? [`[${title}]`, 'title'] : [` ${title} `],
  ]);
  return look.line(parts, cells);
}

/** The tab that a key leads to: Tab, Shift-Tab, or its number; undefined for every other key. */
export function tabFor(event: InputEvent, open: number, count: number): number | undefined {
  if (event.type !== 'key') return undefined;
  if (event.name === 'tab') return (open + 1) % count;
  if (event.name === 'shift-tab') return (open + count - 1) % count;
  const number = /^[1-9]$/.test(event.name) ? Number(event.name) : 0;
  return number >= 1 && number <= count ? number - 1 : undefined;
}
