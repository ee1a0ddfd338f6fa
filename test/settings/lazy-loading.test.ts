import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { loadSettings } from '../../source/settings/load-settings.js';
import '../../source/settings/update-settings.js';
import { temporaryDirectories } from './temporary.js';

const loaded: string[] = [];
vi.mock('yaml', (original) => {
  loaded.push('yaml');
  return original();
});
vi.mock('zod/mini', (original) => {
  loaded.push('zod');
  return original();
});

const temporary = temporaryDirectories();

test('yaml and zod are loaded only for a file that says something', async () => {
  const path = join(await temporary(), 'config.yaml');
  await loadSettings(path);
  await loadSettings(undefined);
  await writeFile(path, '# Settings of virtdeck\n\n');
  await loadSettings(path);
  expect(loaded).toEqual([]);
  await writeFile(path, 'interval: 2\n');
  await loadSettings(path);
  expect(loaded.sort()).toEqual(['yaml', 'zod']);
});
