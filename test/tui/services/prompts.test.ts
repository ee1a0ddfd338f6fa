import { beforeEach, expect, test } from 'vitest';
import type { Prompt } from '../../../source/transport/endpoint.js';
import { drawPrompt } from '../../../source/tui/app/prompt-dialog.js';
import type { InputEvent } from '../../../source/tui/input/events.js';
import { type OpenPrompt, Prompts } from '../../../source/tui/services/prompts.js';
import { Look } from '../../../source/tui/theme/look.js';
import { plain } from '../manager-harness.js';

const look = new Look({ unicode: true, colors: 0 });
let now: number;
let prompts: Prompts;

beforeEach(() => {
  now = 1000;
  prompts = new Prompts(() => now);
});

const key = (name: string): InputEvent => {
  const text = name.length === 1 ? name : undefined;
  return { type: 'key', name, text, chunk: 0 } as InputEvent;
};
const press = (...names: readonly string[]): void => {
  now += 1000;
  for (const name of names) {
    prompts.handle(key(name));
    now += 1000;
  }
};
const secret = (host: string, text = 'Password:'): Prompt => ({ host, kind: 'secret', text });
const ask = (prompt: Prompt, signal = new AbortController().signal) => prompts.ask(prompt, signal);
const screen = (size = { columns: 80, rows: 24 }): string =>
  drawPrompt(prompts.current() as OpenPrompt, look, size)
    .map(plain)
    .join('\n');

test('what is typed is not to be seen, and reaches the host that asked', async () => {
  const answer = ask(secret('ann@lab2'));
  press('p', 'w');
  expect(screen()).toContain('ann@lab2');
  expect(screen()).toContain('> ••');
  expect(screen()).not.toContain('pw');
  press('enter');
  expect(await answer).toBe('pw');
  expect(prompts.current()).toBeUndefined();
});

test('keys that were typed for the screen below are no answer, however fast they go on', async () => {
  const answer = ask({ host: 'lab2', kind: 'confirm', text: 'Are you sure?' });
  for (const name of ['y', 'enter', 'y', 'enter']) {
    now += 100;
    expect(prompts.handle(key(name))).toBe(true);
  }
  expect(prompts.current()).toBeDefined();
  press('n');
  expect(await answer).toBe('no');
});

test('a question of yes or no begins with no; y and the arrows choose', async () => {
  const first = ask({ host: 'lab2', kind: 'confirm', text: 'The key is SHA256:abc.\nGo on?' });
  expect(screen()).toMatch(/\[ no \] +yes/);
  press('right', 'enter');
  expect(await first).toBe('yes');
  const second = ask({ host: 'lab2', kind: 'confirm', text: 'Go on?' });
  press('y');
  expect(await second).toBe('yes');
});

test('Esc answers nothing, and so does an attempt that has ended', async () => {
  const given = ask(secret('lab2'));
  press('escape');
  expect(await given).toBeUndefined();
  const end = new AbortController();
  const lost = ask(secret('lab3'), end.signal);
  end.abort();
  expect(await lost).toBeUndefined();
  expect(prompts.current()).toBeUndefined();
});

test('hosts are asked one after the other, the questions of one together', async () => {
  const asked: string[] = [];
  const note = (answer: Promise<string | undefined>, name: string) =>
    void answer.then(() => asked.push(name));
  note(ask(secret('a', 'key')), 'a key');
  note(ask(secret('b')), 'b');
  expect(screen()).toContain('1 more');
  press('enter');
  await Promise.resolve();
  expect(prompts.current()?.prompt.host).toBe('b');
  note(ask(secret('c')), 'c');
  note(ask(secret('b', 'code')), 'b code');
  press('enter', 'enter', 'enter');
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toEqual(['a key', 'b', 'b code', 'c']);
});

test('what a host says cannot leave its box, on any screen', () => {
  void ask({
    host: 'lab2',
    kind: 'secret',
    text: `\u001B[2J${'x'.repeat(300)}\nagain`,
    again: 'That was not right.',
  });
  for (const columns of [20, 80, 240])
    for (const rows of [5, 24]) {
      const lines = drawPrompt(prompts.current() as OpenPrompt, look, { columns, rows });
      expect(lines.join('')).not.toContain('\u001B[2J');
      expect(new Set(lines.map((line) => look.width(plain(line)))).size).toBe(1);
    }
});

test('on a low screen all of a fingerprint and what is asked are shown, or that there is more', () => {
  const fingerprint = 'SHA256:Uozda6vy7pumio3DygSJH+AMPBlpSekxuJuMdmi7EUY.';
  void ask({
    host: 'root@lab2',
    kind: 'confirm',
    text: [
      "The authenticity of host '[10.0.0.2]:2299 ([10.0.0.2]:2299)' can't be established.",
      `ED25519 key fingerprint is ${fingerprint}`,
      'This key is not known by any other names.',
      'Are you sure you want to continue connecting?',
    ].join('\n'),
  });
  const low = screen({ columns: 60, rows: 13 });
  expect(low).toContain(fingerprint);
  expect(low).toMatch(/continue connecting\?.*\n.*\[ no \]/);
  const small = screen({ columns: 40, rows: 10 });
  expect(small.split('\n').length).toBeLessThanOrEqual(10);
  expect(small).toMatch(/│ … +│/);
  expect(small).toMatch(/connecting\?.*\n.*\[ no \]/);
});

test('a question of a connection that was given up already is not shown', async () => {
  expect(await ask(secret('ann@lab2'), AbortSignal.abort())).toBeUndefined();
  expect(prompts.current()).toBeUndefined();
});
