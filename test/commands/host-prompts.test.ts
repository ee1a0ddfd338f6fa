import { expect, it } from 'vitest';
import type { CommandIo } from '../../source/commands/command.js';
import { terminalAsk } from '../../source/commands/host-prompts.js';

it('a question whose host is gone is not waited for, and the next one is asked', async () => {
  const said: string[] = [];
  const nowhere = { write: (text: string) => said.push(text) };
  const io: CommandIo = { stdout: nowhere, stderr: nowhere, env: {} };
  const ask = terminalAsk(io);
  const gone = new AbortController();
  const first = ask({ host: 'lab2', kind: 'secret', text: 'Password:' }, gone.signal);
  const second = ask({ host: 'lab3', kind: 'secret', text: 'Password:' }, AbortSignal.abort());
  await new Promise(setImmediate);
  gone.abort();
  expect(await first).toBeUndefined();
  expect(await second).toBeUndefined();
  expect(said.join('')).toContain('lab2: Password:');
  expect(said.join('')).not.toContain('lab3');
});
