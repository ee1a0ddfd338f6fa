import { expect, test } from 'vitest';
import { clipboardSequence } from '../../../source/tui/terminal/clipboard.js';
import { TerminalLease } from '../../../source/tui/terminal/terminal-lease.js';

test('text goes to the clipboard of the terminal, whatever is in it', () => {
  const written: string[] = [];
  const lease = new TerminalLease({ write: (data) => written.push(data) });
  expect(lease.copy('ssh ü@192.168.122.171')).toBe(true);
  expect(written).toEqual(['\u001B]52;c;c3NoIMO8QDE5Mi4xNjguMTIyLjE3MQ==\u0007']);
  lease.copy('\u001B[2J');
  expect(written[1]).toMatch(/^\u001B\]52;c;[\w+/=]+\u0007$/);
});

test('what is too long for a terminal is not sent in part', () => {
  expect(clipboardSequence('x'.repeat(100_000))).toBeUndefined();
  expect(new TerminalLease().copy('x')).toBe(false);
});
