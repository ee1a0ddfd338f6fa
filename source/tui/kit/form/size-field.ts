import { parseSize } from '../../../text/size.js';
import type { Problem } from './form.js';

/** A size that was typed, in bytes; undefined where it is none. */
export function sizeOf(typed: string | undefined): number | undefined {
  const size = parseSize(typed ?? '');
  return typeof size === 'number' ? size : undefined;
}

/** What is wrong with a size that was typed. */
export function sizeProblems(typed: string | undefined, field: string): Problem[] {
  const size = parseSize(typed ?? '');
  if (typeof size !== 'number') return [{ field, message: size.problem }];
  return size > 0 ? [] : [{ field, message: 'give more than nothing' }];
}

/** A size in the largest unit that writes it exactly: "10G". */
export function exactSize(size: number): string {
  const units = ['', 'K', 'M', 'G', 'T'];
  let rest = size;
  let step = 0;
  while (rest > 0 && rest % 1024 === 0 && step < units.length - 1) {
    rest /= 1024;
    step += 1;
  }
  return `${rest}${units[step]}`;
}
