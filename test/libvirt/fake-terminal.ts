import { PassThrough } from 'node:stream';
import type { ConsoleTerminal } from '../../source/libvirt/console-session.js';

/** A terminal of two pipes that knows whether it is in raw mode. */
export function fakeTerminal() {
  const input = new PassThrough();
  const output = new PassThrough();
  const state = { raw: false, shown: '' };
  output.on('data', (data: Buffer) => {
    state.shown += data.toString('latin1');
  });
  const terminal: ConsoleTerminal = {
    input: Object.assign(input, {
      isTTY: true,
      setRawMode: (on: boolean) => {
        state.raw = on;
      },
    }),
    output,
  };
  return { terminal, input, state };
}
