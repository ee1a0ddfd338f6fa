import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addConnection } from '../../../source/settings/connection-edits.js';
import { loadSettings } from '../../../source/settings/load-settings.js';
import { fileSettings } from '../../../source/tui/app/file-settings.js';

let home: string;
let path: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'virtdeck-test-'));
  path = join(home, 'config.yaml');
});

afterEach(() => rm(home, { recursive: true }));

test('changes made at once are all written, in their order', async () => {
  const settings = fileSettings(await loadSettings(path));
  for (const name of ['a', 'b', 'c']) {
    void settings.update(addConnection({ name, uri: `qemu+ssh://${name}/system`, autoconnect: false }));
  }
  void settings.update((current) => ({ ...current, interval: 5 }));
  expect(settings.current().connections).toHaveLength(3);
  await settings.written();
  const read = await loadSettings(path);
  expect(read.settings.connections.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(read.settings.interval).toBe(5);
});

test('what is refused changes nothing', async () => {
  const settings = fileSettings(await loadSettings(path));
  const lab = { name: 'lab', uri: 'lab:///', autoconnect: true };
  await settings.update(addConnection(lab));
  await expect(settings.update(addConnection(lab))).rejects.toThrow('already');
  expect(settings.current().connections).toHaveLength(1);
});

test('a broken file is left as it is; the choice counts until the end', async () => {
  await writeFile(path, 'interval: soon\n');
  const settings = fileSettings(await loadSettings(path));
  await expect(settings.update((current) => ({ ...current, grouping: 'flat' }))).rejects.toThrow(
    'has errors',
  );
  expect(settings.current().grouping).toBe('flat');
  expect(await readFile(path, 'utf8')).toBe('interval: soon\n');
});

test('at the end it is known why what still waited to be written could not be', async () => {
  const settings = fileSettings(await loadSettings(path));
  await writeFile(path, 'interval: soon\n');
  const refused = settings.update((current) => ({ ...current, grouping: 'flat' }));
  const why = settings.written();
  await expect(refused).rejects.toThrow('has errors');
  expect((await why)?.message).toContain('has errors');
  // Whoever made the change has told it.
  expect(await settings.written()).toBeUndefined();
});

test('a proposed connection is not lost by adding another, and not written by a choice of columns', async () => {
  const proposed = [{ name: 'notebook', uri: 'qemu:///system', autoconnect: true }];
  const settings = fileSettings(await loadSettings(path), proposed);
  expect(settings.current().connections).toEqual(proposed);
  expect(settings.proposed()).toEqual(proposed);
  await settings.update((current) => ({ ...current, interval: 5 }));
  expect(settings.proposed()).toEqual(proposed);
  expect((await loadSettings(path)).settings.connections).toEqual([]);
  await settings.update(addConnection({ name: 'lab', uri: 'lab:///', autoconnect: false }));
  const names = (await loadSettings(path)).settings.connections.map(({ name }) => name);
  expect(names).toEqual(['notebook', 'lab']);
  expect(settings.proposed()).toEqual([]);
});
