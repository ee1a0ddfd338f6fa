import type { KeyEvent } from '../input/events.js';
import type { Binding } from './binding.js';

/** Lines that a key moves by, in a text that is only read; undefined for keys that do not scroll. */
export function scrollStep(key: string, page: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    up: -1,
    k: -1,
    down: 1,
    j: 1,
    pageup: -page,
    pagedown: page,
    space: page,
    home: Number.NEGATIVE_INFINITY,
    g: Number.NEGATIVE_INFINITY,
    end: Number.POSITIVE_INFINITY,
    G: Number.POSITIVE_INFINITY,
  };
  return steps[key];
}

/** `top` moved by `step`, kept where there is text. */
export function scrolled(top: number, step: number, lines: number, height: number): number {
  return Math.min(Math.max(top + step, 0), Math.max(0, lines - height));
}

/** The keys that move in a list, or scroll a text, as one record. */
export function scrollBinding(help: 'move' | 'scroll', run: (event: KeyEvent) => void): Binding {
  return {
    keys: ['up', 'down', 'pageup', 'pagedown'],
    also: ['j', 'k', 'g', 'G', 'home', 'end', ...(help === 'scroll' ? ['space'] : [])],
    help,
    moves: true,
    run: (_, event) => run(event),
  };
}
