import type { SafeText } from '../../text/safe.js';

/** Writes to standard error, where no screen is there to tell it on: before the first frame, and after the last one. */
export function lastWords(text: SafeText): void {
  process.stderr.write(text);
}
