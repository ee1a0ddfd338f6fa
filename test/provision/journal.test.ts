import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CreationJournal, type CreationRecord } from '../../source/provision/journal.js';
import { ownMark } from '../../source/state/process-mark.js';

let folder: string;
let journal: CreationJournal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-journal-'));
  journal = new CreationJournal(folder);
});

afterEach(() => rm(folder, { recursive: true }));

const record: CreationRecord = {
  version: 1,
  id: 'cut-off',
  connection: undefined,
  uri: 'qemu:///system',
  startedAt: '2026-01-01T00:00:00Z',
  // Beyond the largest process id.
  process: { pid: 2 ** 22 + 1, started: '1' },
  requests: [],
  made: [],
  finished: [],
};
const finish = (one: CreationRecord): CreationRecord => ({ ...one, finished: ['web-1'] });

test('a record that somebody has ended meanwhile does not come back by a change to it', async () => {
  await journal.write(record);
  await journal.remove(record.id);
  await journal.changeCutOff(record.id, finish);
  expect(await journal.list()).toEqual([]);
});

test('a record that somebody works on again stays as it is', async () => {
  await journal.write({ ...record, process: await ownMark() });
  await journal.changeCutOff(record.id, finish);
  expect((await journal.list())[0]?.finished).toEqual([]);
});

test('a change is made to the record as it is by now', async () => {
  await journal.write({ ...record, startedAt: '2026-02-02T00:00:00Z' });
  await journal.changeCutOff(record.id, finish);
  expect(await journal.list()).toMatchObject([{ finished: ['web-1'], startedAt: '2026-02-02T00:00:00Z' }]);
});
