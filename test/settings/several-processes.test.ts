import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { loadSettings } from '../../source/settings/load-settings.js';
import { updateSettings } from '../../source/settings/update-settings.js';
import { temporaryDirectories } from './temporary.js';

const temporary = temporaryDirectories();
const slow = 60_000;

/** Resolves with "0" or the signal's name. */
async function child(...args: readonly (string | number)[]): Promise<string> {
  const script = join(import.meta.dirname, 'edit-child.ts');
  const process_ = spawn(process.execPath, ['--import', 'tsx', script, ...args.map(String)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code, signal] = await once(process_, 'exit');
  return String(signal ?? code);
}

test('edits of two processes at once: none is lost', { timeout: slow }, async () => {
  const path = join(await temporary(), 'virtdeck', 'config.yaml');
  expect(await Promise.all([child(path, 0, 25), child(path, 100, 25)])).toEqual(['0', '0']);
  const { settings, problems } = await loadSettings(path);
  expect(problems).toEqual([]);
  const names = settings.connections.map(({ name }) => Number(name.slice(1)));
  const expected = [0, 100].flatMap((first) => Array.from({ length: 25 }, (_, index) => first + index));
  expect(names.sort((a, b) => a - b)).toEqual(expected);
  expect(await readdir(dirname(path))).toEqual(['config.yaml']);
});

test('edits at once in one process', async () => {
  const path = join(await temporary(), 'config.yaml');
  const columns = Array.from({ length: 20 }, (_, index) => `c${index}`);
  await Promise.all(
    columns.map((id) => updateSettings(path, (s) => ({ ...s, columns: [...(s.columns ?? []), id] }))),
  );
  expect(new Set((await loadSettings(path)).settings.columns)).toEqual(new Set(columns));
});

test.each(['sync', 'rename'])(
  'killed at %s: the old file is there, and the next edit works',
  { timeout: slow },
  async (moment) => {
    const path = join(await temporary(), 'config.yaml');
    const text = 'interval: 3 # mine\n';
    await writeFile(path, text);
    expect(await child(path, 0, 1, moment)).toBe('SIGKILL');
    expect(await readFile(path, 'utf8')).toBe(text);

    const left = (await readdir(dirname(path))).filter((name) => name !== 'config.yaml');
    expect(left).toHaveLength(2);
    expect(left).toContain('config.yaml.lock');
    // The temporary file is swept away once it is certainly nobody's.
    const old = new Date(Date.now() - 120_000);
    for (const name of left.filter((one) => one.endsWith('.tmp')))
      await utimes(join(dirname(path), name), old, old);

    await updateSettings(path, (settings) => ({ ...settings, interval: 4 }));
    expect(await readFile(path, 'utf8')).toBe('interval: 4 # mine\n');
    expect(await readdir(dirname(path))).toEqual(['config.yaml']);
  },
);

test('who lost the lock does not replace the file, nor remove the lock of the other', async () => {
  const path = join(await temporary(), 'config.yaml');
  let calls = 0;
  await updateSettings(path, (settings) => {
    calls += 1;
    // As another process does that takes this one for dead, is fast, and dies in turn.
    if (calls === 1) stealSync(`${path}.lock`, path);
    return { ...settings, theme: 'mono' };
  });
  expect(calls).toBe(2);
  expect((await loadSettings(path)).settings).toMatchObject({ theme: 'mono', interval: 7 });
  await expect(stat(`${path}.lock`)).rejects.toMatchObject({ code: 'ENOENT' });
});

function stealSync(lock: string, path: string): void {
  const noProcess = 2 ** 22 + 1;
  writeFileSync(lock, `${noProcess} ${hostname()} x\n`);
  writeFileSync(path, 'interval: 7\n');
}
