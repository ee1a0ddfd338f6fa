import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { literal, safe } from '../../../source/text/safe.js';
import { FrameStream } from '../../../source/tui/terminal/frame-stream.js';

class FakeTerminal extends EventEmitter {
  columns = 20;
  rows = 4;
  isTTY = true;
  writableNeedDrain = false;
  written = '';

  write(data: string): boolean {
    this.written += data;
    return true;
  }

  /** What was written since the last call. */
  take(): string {
    const { written } = this;
    this.written = '';
    return written;
  }
}

function open(): { terminal: FakeTerminal; stream: FrameStream } {
  const terminal = new FakeTerminal();
  const stream = new FrameStream(terminal);
  stream.write('\u001B[?1049h');
  return { terminal, stream };
}

/** Frames are written at the end of a turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('of several frames in one turn only the last is drawn', async () => {
  const { terminal, stream } = open();
  terminal.take();
  stream.write('first');
  stream.write('second');
  await turn();
  expect(terminal.take()).not.toContain('first');
});

test('what Ink draws lies above the canvas, and its spaces let it show', async () => {
  const { terminal, stream } = open();
  stream.setCanvas([literal`abcdefgh`, literal`ijklmnop`]);
  stream.write('  X\u00A0Z\n');
  await turn();
  const out = terminal.take();
  expect(out).toContain('abX Zfgh');
  expect(out).toContain('ijklmnop');
  stream.write('\n');
  await turn();
  expect(terminal.take()).toContain('cde');
});

test('after a resize and after another program had the terminal everything is drawn anew', async () => {
  const { terminal, stream } = open();
  stream.setCanvas([literal`hello`]);
  await turn();
  terminal.take();
  terminal.emit('resize');
  stream.setCanvas([literal`hello`]);
  await turn();
  expect(terminal.take()).toContain('hello');
  stream.write('\u001B[?1049l');
  stream.setCanvas([literal`hidden`]);
  await turn();
  expect(terminal.take()).not.toContain('hidden');
  stream.write('\u001B[?1049h');
  stream.write('\n');
  await turn();
  expect(terminal.take()).toContain('hidden');
});

test('a terminal that cannot take more gets the newest frame when it can', async () => {
  const { terminal, stream } = open();
  terminal.take();
  terminal.writableNeedDrain = true;
  for (const text of ['one', 'two', 'three']) {
    stream.setCanvas([safe(text)]);
    await turn();
  }
  expect(terminal.take()).toBe('');
  terminal.writableNeedDrain = false;
  terminal.emit('drain');
  expect(terminal.take()).toMatch(/three/);
});

test('a terminal that is gone is no error, and is told once', () => {
  const { terminal, stream } = open();
  let gone = 0;
  stream.on('gone', () => {
    gone += 1;
  });
  terminal.emit('error', new Error('write EIO'));
  terminal.take();
  stream.write('\u001B[?25h');
  expect(terminal.take()).toBe('');
  expect(gone).toBe(1);
});
