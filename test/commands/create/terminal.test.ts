import xterm from '@xterm/headless';
import { expect, test } from 'vitest';
import { createBed } from './bed.js';

const bed = createBed();
const cols = 70;

test('on a terminal what is under way is written over, in one line that is never too long', async () => {
  const emulator = new xterm.Terminal({ cols, rows: 24, allowProposedApi: true, convertEol: true });
  const raw: string[] = [];
  const write = (text: string): void => {
    raw.push(text);
    emulator.write(text);
  };
  const { code } = await bed.makeWith(
    { stderr: { write, isTTY: true, columns: cols } as { write(text: string): void }, stdout: { write } },
    'web-1',
  );
  await new Promise<void>((resolve) => emulator.write('', resolve));
  expect(code).toBe(0);
  const over = raw.filter((text) => text.startsWith('\r\u001B[K') && text.length > 4).map((t) => t.slice(4));
  expect(over.filter((text) => text.length >= cols)).toEqual([]);
  // The step that it is about, and how far it is: what is sent is read back after that.
  for (const how of ['', 'read back: '])
    expect(over).toContainEqual(
      expect.stringMatching(new RegExp(`^Upload small-\\S+.*: ${how}[\\d.]+ K?i?B of 195\\.3 KiB, \\d+ %$`)),
    );
  // Cut in the title, not in what comes behind it.
  expect(over).toContainEqual(
    expect.stringMatching(/^Make the seed web-1-seed\.iso for cloud-init, .*…: .*%$/),
  );
  // A guest may say nothing for minutes.
  expect(over).toContainEqual(
    expect.stringMatching(/^waiting for its address, \ds \(Ctrl-C leaves it running\)/),
  );
  const buffer = emulator.buffer.active;
  const rows = Array.from(
    { length: buffer.length },
    (_, row) => buffer.getLine(row)?.translateToString(true) ?? '',
  );
  const shown = rows.join('\n').trimEnd();
  expect(shown).not.toMatch(/KiB of|\.\.\.| …$/m);
  expect(shown).toMatch(/\nStart the domain web-1: done\n/);
  // The last line is wrapped by the terminal.
  expect(shown.replaceAll('\n', '')).toMatch(
    /web-1 is up: (192\.168\.122\.\d+) \(guest agent\) {6}ssh isabell@\1$/,
  );
});
