import { stripVTControlCharacters } from 'node:util';

/** How many lines of a guest's console are kept, and of how many characters. */
const linesKept = 20;
const lineLength = 400;

/** The newest lines of a serial console, as text: a guest writes what it likes, in any pieces. */
export class ConsoleTail {
  readonly #decoder = new TextDecoder();
  #lines: string[] = [];
  #open = '';

  /** Whole lines, and the one that has no end yet; without a terminal's control sequences. */
  get lines(): readonly string[] {
    const open = plain(this.#open);
    return open === '' ? this.#lines : [...this.#lines, open];
  }

  /** Takes what has arrived; true when a line has ended. */
  add(data: Uint8Array): boolean {
    const parts = (this.#open + this.#decoder.decode(data, { stream: true })).split('\n');
    // A guest may write for ever without an end of line.
    this.#open = (parts.pop() ?? '').slice(-10 * lineLength);
    this.#lines = [...this.#lines, ...parts.map(plain)].filter((line) => line !== '').slice(-linesKept);
    return parts.length > 0;
  }
}

/** What a terminal would show of a line at the end: after a carriage return it is written over. */
function plain(line: string): string {
  const shown = stripVTControlCharacters(line).replace(/\r+$/, '');
  return shown
    .slice(shown.lastIndexOf('\r') + 1)
    .trimEnd()
    .slice(0, lineLength);
}
