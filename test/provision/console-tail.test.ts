import { expect, test } from 'vitest';
import { ConsoleTail } from '../../source/provision/console-tail.js';

const tailOf = (...pieces: readonly string[]): readonly string[] => {
  const tail = new ConsoleTail();
  for (const piece of pieces) tail.add(Buffer.from(piece));
  return tail.lines;
};

test('lines, whatever pieces they come in, and the one that has no end yet', () => {
  expect(tailOf('Booting\r\nDeb', 'ian 12\r\n\r\nweb-1 lo', 'gin: ')).toEqual([
    'Booting',
    'Debian 12',
    'web-1 login:',
  ]);
});

test('characters that are cut in the middle by the wire', () => {
  const tail = new ConsoleTail();
  const text = Buffer.from('Grüße\n');
  for (const byte of text) tail.add(Uint8Array.of(byte));
  expect(tail.lines).toEqual(['Grüße']);
});

test('what a terminal acts on is no text, and a line that is written over is what it is at the end', () => {
  expect(tailOf('\u001b[2J\u001b[1;31mred\u001b[0m\n\u001b]0;title\u0007named\n 10%\r 99%\rdone\n')).toEqual([
    'red',
    'named',
    'done',
  ]);
});

test('the newest twenty, and no more of a line than a screen needs', () => {
  const lines = tailOf(
    Array.from({ length: 50 }, (_, index) => `line ${index}\n`).join(''),
    'x'.repeat(100_000),
  );
  expect(lines).toHaveLength(21);
  expect(lines[0]).toBe('line 30');
  expect(lines.at(-1)?.length).toBeLessThanOrEqual(400);
});
