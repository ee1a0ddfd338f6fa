import { Terminal } from '@xterm/headless';
import { describe, expect, test } from 'vitest';
import { ScreenDiff } from '../../../source/tui/terminal/screen-diff.js';

const columns = 40;
const rows = 8;

/** A real terminal emulator that is fed updates, and its screen as text with the styles that matter. */
class Screen {
  readonly terminal = new Terminal({ cols: columns, rows, allowProposedApi: true });
  readonly diff = new ScreenDiff();
  bytes = 0;

  async show(frame: string): Promise<void> {
    const update = this.diff.update(frame.split('\n'), columns);
    this.bytes = Buffer.byteLength(update);
    await write(this.terminal, update);
  }

  cells(): string[] {
    return cellsOf(this.terminal);
  }
}

function write(terminal: Terminal, data: string): Promise<void> {
  return new Promise((resolve) => terminal.write(data, resolve));
}

function cellsOf(terminal: Terminal): string[] {
  const buffer = terminal.buffer.active;
  return Array.from({ length: rows }, (_, y) => {
    const line = buffer.getLine(y);
    let out = '';
    for (let x = 0; x < columns; x += 1) {
      const cell = line?.getCell(x);
      const blank = cell?.getChars() === '' || cell?.getChars() === ' ';
      // A blank looks the same in every style but inverse.
      const style = blank
        ? String(cell?.isInverse())
        : `${cell?.getFgColor()}${cell?.isBold()}${cell?.isDim()}${cell?.isInverse()}`;
      out += `${cell?.getChars() || (cell?.getWidth() === 0 ? '' : ' ')}{${style}}`;
    }
    return out;
  });
}

/** What the terminal shows when the frame is drawn on an empty screen by the simplest means. */
async function drawnWhole(frame: string): Promise<string[]> {
  const terminal = new Terminal({ cols: columns, rows, allowProposedApi: true });
  await write(terminal, frame.replaceAll('\n', '\u001B[m\r\n'));
  return cellsOf(terminal);
}

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('ScreenDiff', () => {
  test('any frame after any other looks as if it had been drawn on an empty screen', async () => {
    const next = random(7);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
    const pieces = ['a', 'bc', ' ', '   ', '▁▂', '█', '漢', '字', 'é', '12', '─────', '|', '        '];
    const styles = [
      '\u001B[1m',
      '\u001B[22m',
      '\u001B[32m',
      '\u001B[39m',
      '\u001B[7m',
      '\u001B[27m',
      '\u001B[2m',
      '\u001B[0m',
    ];
    const line = (): string => {
      let text = '';
      for (let i = Math.floor(next() * 10); i > 0; i -= 1)
        text += (next() < 0.4 ? pick(styles) : '') + pick(pieces);
      return `${text}\u001B[m`;
    };
    const screen = new Screen();
    let lines = Array.from({ length: rows }, line);
    for (let i = 0; i < 300; i += 1) {
      lines = lines.map((old) => (next() < 0.5 ? old : line()));
      const frame = lines.slice(0, pick([rows, rows, rows - 2])).join('\n');
      await screen.show(frame);
      expect(screen.cells()).toEqual(await drawnWhole(frame));
    }
  });

  test('lines that fill the screen to its last cell stay where they are', async () => {
    const screen = new Screen();
    const frame = (letter: string) => Array.from({ length: rows }, () => letter.repeat(columns)).join('\n');
    for (const letter of ['a', 'b', '█']) {
      await screen.show(frame(letter));
      expect(screen.cells()).toEqual(await drawnWhole(frame(letter)));
    }
  });

  test('an unchanged frame writes nothing, one changed digit a move and the digit', async () => {
    const screen = new Screen();
    await screen.show('cpu 12\nmemory 3');
    await screen.show('cpu 12\nmemory 3');
    expect(screen.bytes).toBe(0);
    await screen.show('cpu 13\nmemory 3');
    expect(screen.bytes).toBeLessThanOrEqual('\u001B[1;6H3'.length);
  });

  test('after forget() the frame is drawn whole, over whatever the terminal shows', async () => {
    const screen = new Screen();
    await screen.show('one\ntwo');
    await write(screen.terminal, '\u001B[5;5Hsomething else\u001B[31m');
    screen.diff.forget();
    await screen.show('one\ntwo');
    expect(screen.cells()).toEqual(await drawnWhole('one\ntwo'));
  });
});
