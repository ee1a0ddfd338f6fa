import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JsonJournal } from '../../source/state/json-journal.js';
import { onFullDisk } from './tiny-disk.js';

interface Note {
  readonly text: string;
}
const isRecord = (value: unknown): value is Note => typeof (value as Note | null)?.text === 'string';

let root: string;
let folder: string;
let journal: JsonJournal<Note>;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vd-notes-'));
  folder = join(root, 'notes');
  journal = new JsonJournal<Note>(folder, { isRecord, mostBytes: 1000 });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

test('records and their folder are for their owner only, also where one was open to all', async () => {
  await journal.write('a', { text: '1' });
  await writeFile(join(folder, 'b.json'), '', { mode: 0o644 });
  await journal.write('b', { text: '2' });
  expect(await modeOf(folder)).toBe('700');
  expect(await modeOf(join(folder, 'a.json'))).toBe('600');
  expect(await modeOf(join(folder, 'b.json'))).toBe('600');
  expect(await readFile(join(folder, 'a.json'), 'utf8')).toBe('{\n  "text": "1"\n}\n');
});

test.each([
  ['half of one', '{"text": "1'],
  ['an empty one', ''],
  ['one of another kind', '{"word": 1}'],
  ['null', 'null'],
  ['one that is too large', JSON.stringify({ text: 'x'.repeat(1000) })],
])('%s spoils none of the others, and stays', async (_, text) => {
  await journal.write('b', { text: '2' });
  await writeFile(join(folder, 'a.json'), text);
  await writeFile(join(folder, '.c.json.1.tmp'), '{"text": "3"}');
  expect(await journal.list()).toEqual([{ text: '2' }]);
  expect(await journal.read('a')).toBeUndefined();
  expect((await readdir(folder)).sort()).toEqual(['.c.json.1.tmp', 'a.json', 'b.json']);
});

test.each([
  ['a file', 'notes', (at: string) => writeFile(at, '')],
  ['a named pipe', 'notes', async (at: string) => void execFileSync('mkfifo', [at])],
  ['a file, above it,', 'up', (at: string) => writeFile(at, '')],
  ['a link to nothing', 'notes', (at: string) => symlink('/nonexistent/x', at)],
])('%s in the place of the folder is told in words', async (_, name, put) => {
  await put(join(root, name));
  const place = name === 'up' ? join(root, 'up', 'notes') : folder;
  const other = new JsonJournal<Note>(place, { isRecord, mostBytes: 1000 });
  expect(await other.list()).toEqual([]);
  await expect(other.write('a', { text: '1' })).rejects.toThrow(
    new RegExp(`^${place}: (something that is no folder|a symbolic link)`),
  );
});

test('records are found by their names, and by how these begin', async () => {
  for (const name of ['pool-a', 'other', 'pool-b']) await journal.write(name, { text: name });
  expect(await journal.list('pool-')).toEqual([{ text: 'pool-a' }, { text: 'pool-b' }]);
  await journal.remove('pool-a');
  expect(await journal.list('pool-')).toEqual([{ text: 'pool-b' }]);
  expect(await journal.read('other')).toEqual({ text: 'other' });
});

test('no name leads out of the folder', async () => {
  await writeFile(join(root, 'x.json'), '{"text": "1"}');
  await expect(journal.write('../x', { text: '2' })).rejects.toThrow(RangeError);
  await journal.remove('../x');
  expect(await journal.read('../x')).toBeUndefined();
  expect(await readdir(root)).toEqual(['x.json']);
});

test('without a place nothing is kept, and nothing fails', async () => {
  const nowhere = new JsonJournal<Note>(undefined, { isRecord, mostBytes: 1000 });
  expect(await nowhere.write('a', { text: '1' })).toBe(false);
  await nowhere.remove('a');
  expect(await nowhere.list()).toEqual([]);
});

test('on a full disk a record stays as it was', async ({ skip }) => {
  const mounted = await onFullDisk(root, async () => {
    await writeFile(join(root, 'old.json'), '');
    const full = new JsonJournal<Note>(root, { isRecord, mostBytes: 9999 });
    await expect(full.write('old', { text: 'x'.repeat(9000) })).rejects.toMatchObject({ code: 'ENOSPC' });
    expect((await readdir(root)).sort()).toEqual(['fill', 'old', 'old.json']);
  });
  if (!mounted) skip('no file system can be mounted here');
});
