import type { SafeText } from '../../text/safe.js';
import type { Look, Part } from '../theme/look.js';
import type { Binding } from './binding.js';

/** The bar of tabs: each with its number, the open one standing out by more than its colour. */
export function drawTabs(titles: readonly string[], open: number, cells: number, look: Look): SafeText {
  const parts = titles.flatMap((title, at): Part[] => [
    [at === 0 ? '' : '  '],
    [`${at + 1}`, 'key'],
    [' '],
    at === open ? [`[${title}]`, 'title'] : [` ${title} `],
  ]);
  return look.line(parts, cells);
}

/** The keys of tabs: Tab and Shift-Tab go round, a number leads to the tab that has it. */
export function tabsBinding(open: number, count: number, show: (tab: number) => void): Binding {
  return {
    keys: ['tab', ...Array.from({ length: count }, (_, at) => `${at + 1}`)],
    also: ['shift-tab'],
    help: 'next tab, or the tab of that number',
    label: 'next tab',
    moves: true,
    run: (_, { name }) => {
      const steps: Readonly<Record<string, number>> = { tab: 1, 'shift-tab': count - 1 };
      const step = steps[name];
      show(step === undefined ? Number(name) - 1 : (open + step) % count);
    },
  };
}
