// @ts-nocheck: of vitest’s own inside
// In the process of each test file, for mutants.mjs: which fault is there, and which of them each test comes by.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

const active = Number(readFileSync(join(process.env.MUTANTS_FOLDER, 'active'), 'utf8'));
/** A loop that a fault has made endless is left by an error. */
const mostTimes = 300_000;
const hits = new Set();
/** While the file was loaded, or between its tests. */
const shared = new Set();
let times = 0;

globalThis.__mutant = (id) => {
  if (active < 0) hits.add(id);
  else if (id === active && ++times > mostTimes) throw new Error('an endless loop');
  return id === active;
};

beforeEach(() => {
  for (const id of hits) shared.add(id);
  hits.clear();
});

afterEach(({ task }) => {
  if (active < 0) task.meta.hits = [...hits, ...shared];
  hits.clear();
});
