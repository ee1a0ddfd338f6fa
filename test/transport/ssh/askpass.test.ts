import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Prompt } from '../../../source/transport/endpoint.js';
import { type Askpass, openAskpass } from '../../../source/transport/ssh/askpass.js';

let folder: string;
let askpass: Askpass | undefined;
let prompts: Prompt[];
let news: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-ask-'));
  [prompts, news] = [[], []];
});

afterEach(async () => {
  askpass?.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(...answers: readonly (string | undefined)[]): Promise<Askpass> {
  const left = [...answers];
  const ask = async (prompt: Prompt) => {
    prompts.push(prompt);
    return left.shift();
  };
  const { signal } = new AbortController();
  askpass = await openAskpass({ folder, host: 'lab2', ask, signal, onNews: (text) => news.push(text) });
  return askpass;
}

/** A program that stands for ssh: it asks each question, and tells what it got, and with which status. */
async function ssh({ env }: Askpass, questions: readonly string[], wish = ''): Promise<string> {
  const script = 'for q in "$@"; do "$SSH_ASKPASS" "$q"; printf "%s;" "$?"; done';
  const child = spawn('sh', ['-c', script, 'sh', ...questions], {
    env: { ...process.env, ...env, SSH_ASKPASS_PROMPT: wish },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  const [code, signal] = await once(child, 'close');
  return said + (signal ?? code);
}

it.each([
  ['pass.now\\n 100% `x` $HOME "é" ', 'pass.now\\n 100% `x` $HOME "é" '],
  ['one\r\nline\0', 'oneline'],
  ['', ''],
  ['x'.repeat(10_000), 'x'.repeat(10_000)],
])('%j is handed to ssh as it was typed, but for what is no part of a line', async (typed, got) => {
  expect(await ssh(await open(typed), ['Password: '])).toBe(`${got}\n0;0`);
});

it('an answer that no pipe takes, one that nobody gives, and a folder that is gone end ssh, without a password', async () => {
  expect(await ssh(await open('x'.repeat(1_000_000)), ['Password: '])).toBe('SIGTERM');
  expect(await ssh(await open(undefined), ['Password: '])).toBe('SIGTERM');
  const gone = await open('yes');
  await rm(join(gone.env.SSH_ASKPASS ?? '', '..', 'answer'));
  expect(await ssh(gone, ['Password: '])).toBe('SIGTERM');
});

it('what one ssh asks twice was not right; what another one of the same way asks may be', async () => {
  const open2 = await open('a', 'b', 'c');
  expect(await ssh(open2, ['Passphrase: ', 'Passphrase: '])).toBe('a\n0;b\n0;0');
  expect(await ssh(open2, ['Passphrase: '])).toBe('c\n0;0');
  expect(prompts.map(({ again }) => again)).toEqual([undefined, 'That was not right.', undefined]);
});

it('an agent’s question is answered by yes or no, and no does not end ssh', async () => {
  expect(await ssh(await open('yes', 'no'), ['Add key to agent?', 'Allow use?'], 'confirm')).toBe('0;1;0');
  expect(prompts.map(({ kind }) => kind)).toEqual(['confirm', 'confirm']);
});

it('what ssh only wants to be done is told, and asks nothing', async () => {
  const { env } = await open();
  const child = spawn(env.SSH_ASKPASS ?? '', ['Confirm user presence for key ED25519-SK'], {
    env: { ...process.env, ...env, SSH_ASKPASS_PROMPT: 'none' },
    stdio: 'ignore',
  });
  await expect.poll(() => news).toEqual(['Confirm user presence for key ED25519-SK']);
  expect(prompts).toEqual([]);
  // Once the key was touched ssh ends it so.
  child.kill('SIGKILL');
  await once(child, 'exit');
});

it('takes away what a program has left that was killed', async () => {
  const child = spawn('true');
  await once(child, 'exit');
  await writeFile(join(folder, `ask-${child.pid}-0123456789ab`), '');
  await open();
  expect(await readdir(folder)).toEqual([expect.stringContaining(`ask-${process.pid}-`)]);
});
