import { afterEach, expect, test } from 'vitest';
import { openLab } from '../../source/lab/open.js';
import { describeCutOff, removeCutOff, unfinishedRequests } from '../../source/provision/cleanup.js';
import type { CreationRecord } from '../../source/provision/journal.js';
import { CreationBed } from './bed.js';

let bed: CreationBed;

afterEach(() => bed?.end());

/** A process id that no process has (beyond the largest one). */
const nobody = { pid: 2 ** 22 + 1, started: '1' };

/** Makes a VM and keeps the record as it was at a step's beginning, as a kill would leave it. */
async function cutOffAt(step: string, { stop = true } = {}): Promise<CreationRecord> {
  let record: CreationRecord | undefined;
  const seen: Promise<unknown>[] = [];
  await bed.create([bed.request()], {
    onEvent: (event) => {
      if (event.type !== 'step' || event.step !== step || event.state !== 'running') return;
      seen.push(
        bed.journal.list().then(([first]) => {
          record = first;
        }),
      );
    },
  });
  await Promise.all(seen);
  if (record === undefined) throw new Error('nothing was written down');
  // Its domain was not started yet.
  if (stop) await bed.hypervisor.destroy(await bed.hypervisor.lookupDomain('web-1'));
  const left = { ...record, process: nobody };
  await bed.journal.write(left);
  return left;
}

const ended = (record: CreationRecord, finish = false) =>
  removeCutOff(record, {
    host: { hypervisor: bed.hypervisor, connect: () => openLab(bed.lab) },
    journal: bed.journal,
    onEvent: () => {},
    finish,
  });

const clean = async (record: CreationRecord) => (await ended(record)).left;

test('what a kill left is told and removed, the domain as well', async () => {
  bed = await CreationBed.make();
  const before = await bed.world();
  const record = await cutOffAt('start');
  expect(await bed.journal.cutOff()).toEqual([record]);
  expect(describeCutOff(record)).toMatchObject({
    machines: ['web-1'],
    made: [
      expect.stringMatching(/^volume small-\S+\.raw of the pool default$/),
      'volume web-1.qcow2 of the pool default',
      'volume web-1-seed.iso of the pool default',
      'domain web-1',
    ],
  });
  expect(await clean(record)).toEqual([]);
  expect(await bed.world()).toEqual(before);
});

test('a VM that runs is not removed: it stays with all that is its own, its note as well, and the command is told', async () => {
  bed = await CreationBed.make();
  const record = await cutOffAt('start', { stop: false });
  const before = (await bed.world()).filter((line) => !line.startsWith('file'));
  expect(await clean(record)).toEqual([
    {
      what: 'domain web-1',
      why: 'it runs',
      byHand: expect.stringMatching(/^virtdeck undefine web-1 --force --remove-all-storage( -c .+)?$/),
    },
  ]);
  expect((await bed.world()).filter((line) => !line.startsWith('file'))).toEqual(before);
  expect(await bed.journal.cutOff()).toMatchObject([{ id: record.id, made: record.made }]);
  // Once it is deleted there is nothing left to note.
  await bed.hypervisor.destroy(await bed.hypervisor.lookupDomain('web-1'));
  expect(await clean(record)).toEqual([]);
  expect(await bed.journal.list()).toEqual([]);
});

test('a VM that runs is finished: nothing is made anew, and its note goes', async () => {
  bed = await CreationBed.make();
  const record = await cutOffAt('start', { stop: false });
  const before = (await bed.world()).filter((line) => !line.startsWith('file'));
  expect(await ended(record, true)).toEqual({ left: [], running: ['web-1'] });
  expect((await bed.world()).filter((line) => !line.startsWith('file'))).toEqual(before);
  expect(await bed.journal.list()).toEqual([]);
});

test('a VM that was being taken back goes, although it runs still', async () => {
  bed = await CreationBed.make();
  const before = await bed.world();
  const record = await cutOffAt('start', { stop: false });
  const made = record.made.map((noted) => ({ ...noted, unwanted: true }));
  await bed.journal.write({ ...record, made });
  expect(await clean(record)).toEqual([]);
  expect(await bed.world()).toEqual(before);
});

test('a volume of a pool that is gone is told as perhaps left', async () => {
  bed = await CreationBed.make();
  const record = await cutOffAt('start');
  const made = record.made.flatMap((noted) =>
    noted.made.kind === 'volume' ? [{ ...noted, made: { ...noted.made, pool: 'gone' } }] : [],
  );
  await bed.journal.write({ ...record, made });
  const kept: unknown[] = [];
  await removeCutOff(record, {
    host: { hypervisor: bed.hypervisor, connect: () => openLab(bed.lab) },
    journal: bed.journal,
    onEvent: (event) => event.type === 'undo' && event.state === 'kept' && kept.push(event.text),
  });
  expect(kept).toEqual(Array(2).fill(expect.stringContaining('a file may be left')));
});

test('an image is noted as given up before it goes, for those who wait for it; what may be in use is not', async () => {
  bed = await CreationBed.make();
  const record = await cutOffAt('start');
  const looks: Promise<readonly CreationRecord[]>[] = [];
  await removeCutOff(record, {
    host: { hypervisor: bed.hypervisor, connect: () => openLab(bed.lab) },
    journal: bed.journal,
    onEvent: (event) => event.type === 'undo' && event.state === 'running' && looks.push(bed.journal.list()),
  });
  const noted = (await Promise.all(looks)).flatMap((records) => records.flatMap(({ made }) => made));
  const unwanted = (kind: string) =>
    noted.flatMap(({ made, unwanted = false }) => (made.kind === kind ? [unwanted] : []));
  expect(unwanted('image')).toContain(true);
  expect(unwanted('volume')).toContain(false);
  expect(unwanted('volume')).not.toContain(true);
});

test('it is gone on with from what was asked for', async () => {
  bed = await CreationBed.make();
  const record = await cutOffAt('start');
  await clean(record);
  // Nothing is in the way of the same request: what was half there is gone.
  const outcomes = await bed.create(unfinishedRequests(record));
  expect(outcomes.get('web-1')).toMatchObject({ state: 'made' });
});

test('an image that another VM stands on by now stays', async () => {
  bed = await CreationBed.make();
  const record = await cutOffAt('start');
  await bed.create([bed.request({ name: 'other' })]);
  expect(await clean(record)).toEqual([]);
  const world = await bed.world();
  expect(world.filter((line) => line.startsWith('volume default/small-'))).toHaveLength(1);
  expect(world.filter((line) => line.includes('web-1'))).toEqual([]);
  expect(world).toContain('domain other true');
});

test('the record of a creation that is under way is nobody else’s, and none is left of one that ended', async () => {
  bed = await CreationBed.make();
  const found: (readonly CreationRecord[])[] = [];
  const looks: Promise<unknown>[] = [];
  await bed.create([bed.request()], {
    onEvent: (event) => {
      if (event.type === 'step' && event.step === 'define' && event.state === 'running')
        looks.push(bed.journal.cutOff().then((records) => found.push(records)));
    },
  });
  await Promise.all(looks);
  expect(found).toEqual([[]]);
  expect(await bed.journal.list()).toEqual([]);
});

test('a domain of that name that somebody else has made meanwhile stays', async () => {
  bed = await CreationBed.make();
  const record = await cutOffAt('start');
  const domain = await bed.hypervisor.lookupDomain('web-1');
  await bed.hypervisor.undefineDomain(domain);
  const another = await bed.create([bed.request({ name: 'other' })]);
  expect(another.get('other')?.state).toBe('made');
  const other = await bed.hypervisor.lookupDomain('other');
  const made = record.made.map((noted) =>
    noted.made.kind === 'domain' ? { ...noted, made: { ...noted.made, name: other.name } } : noted,
  );
  await clean({ ...record, made });
  expect(await bed.world()).toContain('domain other true');
});

test('a disk of that name that belongs to somebody else’s domain by now stays', async () => {
  bed = await CreationBed.make();
  const record = await cutOffAt('start');
  await clean(record);
  // Cleaned up by hand, made anew, and the old record is still there.
  await bed.create([bed.request()]);
  const before = await bed.world();
  await bed.journal.write(record);
  expect(await clean(record)).toEqual([]);
  expect(await bed.world()).toEqual(before);
});

test('what may never have been made is told as that', async () => {
  bed = await CreationBed.make();
  const record = await cutOffAt('start');
  const made = record.made.map((noted) => ({ ...noted, sure: noted.made.kind !== 'domain' }));
  expect(describeCutOff({ ...record, made }).made).toEqual([
    expect.stringMatching(/^volume small-\S+\.raw of the pool default$/),
    'volume web-1.qcow2 of the pool default',
    'volume web-1-seed.iso of the pool default',
    'domain web-1 (perhaps)',
  ]);
});

test('what machines that are whole share is not told as left', async () => {
  bed = await CreationBed.make();
  const record = await cutOffAt('start');
  const requests = [...record.requests, bed.request({ name: 'web-0' })];
  expect(describeCutOff({ ...record, requests, finished: ['web-0'] }).made).toEqual([
    'volume web-1.qcow2 of the pool default',
    'volume web-1-seed.iso of the pool default',
    'domain web-1',
  ]);
});

test('a volume in the way is told as left by a creation that was cut off only where the journal says so', async () => {
  bed = await CreationBed.make();
  const record = await cutOffAt('start');
  await bed.hypervisor.undefineDomain(await bed.hypervisor.lookupDomain('web-1'));
  const fixes = async () => {
    const { findings } = await bed.prepare(bed.request());
    return findings.flatMap(({ message, fix }) => (message.includes('has a volume') ? [fix] : []));
  };
  const cleanup = 'A creation that was cut off has left it: virtdeck create --cleanup';
  expect(await fixes()).toEqual([cleanup, cleanup]);
  await bed.journal.remove(record.id);
  for (const fix of await fixes())
    expect(fix).toMatch(
      /^Choose another name, or delete it: virtdeck vol delete default web-1\S+ -c lab:\/\/\/$/,
    );
});
