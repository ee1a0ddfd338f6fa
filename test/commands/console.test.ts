import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { runProcess } from '../support/run-process.js';
import { Terminal } from '../support/terminal.js';
import { servedLabs } from './served-lab.js';

const serve = servedLabs();

const program = ['--import', 'tsx', 'cli.tsx', 'console'];

/** A host, and the words after `console` for one of its running domains. */
async function host() {
  const { lab, uri, folder } = await serve();
  const [domain] = [...lab.world.domains.values()].filter(({ id }) => id > 0);
  return { lab, words: [domain?.name ?? '', '-c', uri], env: { XDG_CONFIG_HOME: folder } };
}

/** A person at the console of a running domain. */
async function atConsole() {
  const { lab, words, env } = await host();
  const terminal = Terminal.open({
    command: process.execPath,
    args: [...program, ...words],
    env: { ...env, NODE_NO_WARNINGS: '1' },
  });
  await terminal.waitFor(({ rawOutput }) => rawOutput.includes('Escape character is ^]'));
  return { lab, terminal };
}

/** Closes the window once the console is there. In a process of its own: nobody else may hold the terminal open. */
const closesWindow = `
  import pty from '@lydell/node-pty';
  const one = pty.spawn(process.execPath, process.argv.slice(1), { env: process.env });
  let text = '';
  one.onData((data) => {
    text += data;
    if (text.includes('Escape character is ^]')) one.destroy();
  });
  one.onExit(({ exitCode, signal }) => console.log(JSON.stringify({ exitCode, signal })));
`;

test('a window that is closed ends the console as it ends other programs, without a core dump', async () => {
  const { lab, words, env } = await host();
  const args = ['--input-type=module', '-e', closesWindow, '--', ...program, ...words];
  const { stdout } = await runProcess(process.execPath, args, { env });
  const { exitCode, signal } = JSON.parse(stdout);
  // By the signal itself, or by its code where the program was faster than the terminal.
  expect(signal === 0 ? exitCode : 128 + signal).toBe(128 + constants.signals.SIGHUP);
  expect(lab.clients).toBe(0);
});

test.each([
  ['SIGHUP', 129],
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s ends it with %d, and the terminal is as before', async (name, exitCode) => {
  const { terminal } = await atConsole();
  terminal.signal(name);
  expect(await terminal.onExit).toEqual({ exitCode, signal: undefined });
});

test('Ctrl-] leaves it, also while the host is silent', async () => {
  const { lab, terminal } = await atConsole();
  lab.faults.add({ fault: 'silent' });
  terminal.send('\u001d');
  expect(await terminal.onExit).toEqual({ exitCode: 0, signal: undefined });
});
