import { afterEach, expect, test, vi } from 'vitest';
import { Terminal, type TerminalOptions, terminalEnv } from './terminal.js';

let open: Terminal | undefined;

function start(options: TerminalOptions): Terminal {
  open = Terminal.open(options);
  return open;
}

afterEach(async () => {
  await open?.close();
  open = undefined;
  vi.unstubAllEnvs();
});

test('shows what the program writes and passes on what is typed', async () => {
  const terminal = start({ command: 'cat' });
  terminal.send('hello\r');
  // Once by the terminal's echo, once by cat.
  await terminal.waitFor(/hello\nhello/);
  terminal.send('\u0004');
  expect(await terminal.onExit).toEqual({ exitCode: 0, signal: undefined });
  expect(terminal.screen().slice(0, 3)).toEqual(['hello', 'hello', '']);
  expect(terminal.screen()).toHaveLength(24);
});

test('tells the exit code and the last output', async () => {
  const terminal = start({ command: 'sh', args: ['-c', 'printf "last words"; exit 3'] });
  expect((await terminal.onExit).exitCode).toBe(3);
  expect(terminal.text()).toBe('last words');
});

test('tells the signal that ended the program', async () => {
  const terminal = start({ command: 'cat' });
  terminal.signal('SIGTERM');
  expect((await terminal.onExit).signal).toBe(15);
});

test('knows the alternate screen and brings the first one back', async () => {
  const script = 'printf one; printf "\\033[?1049h\\033[Htwo"; read x; printf "\\033[?1049l"; read y';
  const terminal = start({ command: 'sh', args: ['-c', script] });
  await terminal.waitFor('two');
  expect(terminal.altScreen).toBe(true);
  terminal.send('\r');
  await terminal.waitFor('one');
  expect(terminal.altScreen).toBe(false);
  expect(terminal.rawOutput).toContain('\u001B[?1049l');
});

test('passes a new size on', async () => {
  const script = 'trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done';
  const terminal = start({ command: 'sh', args: ['-c', script], cols: 70, rows: 10 });
  await terminal.waitFor('ready');
  terminal.resize(100, 30);
  await terminal.waitFor('30 100');
  expect(terminal.screen()).toHaveLength(30);
});

test('answers the program that asks where the cursor is', async () => {
  const script = 'stty raw -echo; printf "\\033[6n"; dd bs=1 count=6 2>/dev/null | od -An -c';
  const terminal = start({ command: 'sh', args: ['-c', script] });
  await terminal.waitFor(/033\s+\[\s+1\s+;\s+1\s+R/);
});

test('fails with the screen in the message, in time and when the program ends', async () => {
  const terminal = start({ command: 'sh', args: ['-c', 'echo something; read x'] });
  await terminal.waitFor('something');
  await expect(terminal.waitFor('nothing', { timeout: 50 })).rejects.toThrow(
    /after 50 ms[\s\S]*\| something/,
  );
  terminal.send('\r');
  await expect(terminal.waitFor('nothing')).rejects.toThrow(/ended with {"exitCode":0}/);
});

test('ends a program that does not want to go', async () => {
  const terminal = start({
    command: 'sh',
    args: ['-c', 'trap "" HUP; echo ready; while :; do sleep 1; done'],
  });
  await terminal.waitFor('ready');
  await terminal.close();
  expect(terminal.exit?.signal).toBe(9);
});

test('takes everything CI-like out of the environment', () => {
  vi.stubEnv('CI', '');
  vi.stubEnv('CI_JOB', '1');
  vi.stubEnv('CONTINUOUS_INTEGRATION', 'true');
  const env = terminalEnv({ EXTRA: 'yes', HOME: undefined });
  expect(Object.keys(env).filter((name) => name.includes('CI') || name === 'CONTINUOUS_INTEGRATION')).toEqual(
    [],
  );
  expect(env).toMatchObject({ TERM: 'xterm-256color', LANG: 'C.UTF-8', EXTRA: 'yes' });
  expect(env).not.toHaveProperty('HOME');
});
