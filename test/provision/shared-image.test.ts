import { readFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { volumeXml } from '../../source/libvirt/xml/volume-xml.js';
import type { Outcome } from '../../source/provision/create.js';
import type { CreationRecord } from '../../source/provision/journal.js';
import type { Plan } from '../../source/provision/plan.js';
import { CreationBed } from './bed.js';
import { Site } from './images/site.js';

let bed: CreationBed;

afterEach(() => bed?.end());

/** A process id that no process has (beyond the largest one). */
const nobody = { pid: 2 ** 22 + 1, started: '1' };

const imageName = async (): Promise<string> =>
  (await bed.world()).flatMap((line) => /^volume default\/(small-\S+)$/.exec(line)?.[1] ?? [])[0] ?? '';

/** The record of a creation that was killed while it uploaded the image. */
async function cutOff(name: string): Promise<CreationRecord> {
  const record: CreationRecord = {
    version: 1,
    id: 'cut-off',
    connection: 'lab:///',
    uri: 'qemu:///system',
    startedAt: '2026-01-01T00:00:00Z',
    process: nobody,
    requests: [bed.request({ name: 'killed' })],
    made: [{ made: { kind: 'image', pool: 'default', name }, machine: undefined, sure: false }],
    finished: [],
  };
  await bed.journal.write(record);
  return record;
}

/** web-1 goes, the image that it stood on stays. */
async function removeMachine(): Promise<void> {
  const { hypervisor } = bed;
  await hypervisor.destroy(await hypervisor.lookupDomain('web-1'));
  await hypervisor.undefineDomain(await hypervisor.lookupDomain('web-1'));
  const pool = await hypervisor.pools.lookup('default');
  for (const volume of ['web-1.qcow2', 'web-1-seed.iso'])
    await hypervisor.volumes.delete(await hypervisor.volumes.lookup(pool, volume));
}

test('an image that a kill has left in part is made anew once: later VMs stand on the new one', async () => {
  bed = await CreationBed.make();
  await bed.create([bed.request()]);
  const name = await imageName();
  await removeMachine();
  await cutOff(name);
  const said = () => bed.events.flatMap((event) => (event.type === 'say' ? [event.text] : []));
  expect((await bed.create([bed.request()])).get('web-1')?.state).toBe('made');
  expect(said()).toEqual([expect.stringContaining('is incomplete')]);
  // The old record is still there, for the rest of it; the image is web-1's now.
  expect((await bed.create([bed.request({ name: 'web-2' })])).get('web-2')?.state).toBe('made');
  expect(said()).toHaveLength(1);
});

test('an image that others stand on stays, whatever an old record says of it', async () => {
  bed = await CreationBed.make();
  await bed.create([bed.request()]);
  const name = await imageName();
  await cutOff(name);
  const before = await bed.world();
  await bed.create([bed.request({ name: 'web-2' })]);
  const texts = bed.events.flatMap((event) => (event.type === 'say' ? [event.text] : []));
  expect(texts).toEqual([]);
  expect(await bed.world()).toEqual(expect.arrayContaining([...before]));
});

test('two at once in one program: the second waits for the first one’s upload', async () => {
  bed = await CreationBed.make();
  bed.lab.faults.add({ fault: 'slow', milliseconds: 300, procedure: 'STORAGE_VOL_UPLOAD', times: 1 });
  let second: Promise<ReadonlyMap<string, Outcome>> | undefined;
  const first = await bed.create([bed.request()], {
    onEvent: (event) => {
      if (event.type === 'progress') second ??= bed.create([bed.request({ name: 'web-2' })]);
    },
  });
  expect(first.get('web-1')?.state).toBe('made');
  expect((await second)?.get('web-2')?.state).toBe('made');
  const texts = bed.events.flatMap((event) => (event.type === 'say' ? [event.text] : []));
  expect(texts).toEqual([expect.stringMatching(/^small-\S+ is being uploaded by another creation/)]);
});

test('somebody who was faster by a moment is waited for as well', async () => {
  bed = await CreationBed.make();
  const { plan } = await bed.prepare(bed.request({ name: 'web-2' }));
  await bed.create([bed.request()]);
  if (plan === undefined) throw new Error('no plan');
  // It sees no volume at first, as in the moment before the other one has made it.
  bed.lab.faults.add({ fault: 'error', code: 50, procedure: 'STORAGE_VOL_LOOKUP_BY_NAME', times: 1 });
  const outcomes = await bed.run(plan, [bed.request({ name: 'web-2' })]);
  expect(outcomes.get('web-2')).toMatchObject({ state: 'made' });
});

/** The plan of a VM that fails at its definition, after something else has happened. */
async function failing(name: string, before: () => Promise<unknown>): Promise<Plan> {
  const { plan } = await bed.prepare(bed.request({ name, startInactive: true }));
  if (plan === undefined) throw new Error('no plan');
  const run = async (): Promise<never> => {
    await before();
    throw new Error('it fails');
  };
  const machines = plan.machines.map((machine) => ({
    ...machine,
    steps: machine.steps.map((step) => (step.id === 'define' ? { ...step, run } : step)),
  }));
  return { ...plan, machines };
}

test('what fails leaves the image and the network to those who need them by now', async () => {
  bed = await CreationBed.make();
  const { hypervisor } = bed;
  for (const domain of await hypervisor.listDomains()) if (domain.id !== -1) await hypervisor.destroy(domain);
  await hypervisor.networks.stop(await hypervisor.networks.lookup('default'));
  const plan = await failing('web-1', () => bed.create([bed.request({ name: 'web-2' })]));
  const outcomes = await bed.run(plan, [bed.request()]);
  expect(outcomes.get('web-1')).toMatchObject({ state: 'failed', left: [] });
  expect(await imageName()).not.toBe('');
  expect(await bed.world()).toEqual(expect.arrayContaining(['network default true', 'domain web-2 true']));
  const kept = bed.events.flatMap((event) =>
    event.type === 'undo' && event.state === 'kept' ? [`${event.what}: ${event.text}`] : [],
  );
  expect(kept).toEqual([
    expect.stringMatching(/^volume small-\S+ of the pool default: it is used by domain web-2, volume/),
    'start of the network default: other guests are on it',
  ]);
});

test('what could not be taken back is nobody’s work: it is told as cut off, and not waited for', async () => {
  bed = await CreationBed.make();
  const mend = bed.lab.faults.add({ fault: 'error', code: 38, procedure: 'STORAGE_VOL_DELETE' });
  bed.lab.faults.add({ fault: 'error', code: 38, procedure: 'STORAGE_VOL_DOWNLOAD', times: 1 });
  expect((await bed.create([bed.request()])).get('web-1')?.state).toBe('failed');
  mend();
  expect(await bed.journal.cutOff()).toHaveLength(1);
  expect((await bed.create([bed.request({ name: 'web-2' })])).get('web-2')?.state).toBe('made');
});

test('a host that makes another volume at that moment does not look anew, and that is no failure', async () => {
  bed = await CreationBed.make();
  const message = "pool 'default' has asynchronous jobs running.";
  bed.lab.faults.add({ fault: 'error', code: 1, procedure: 'STORAGE_POOL_REFRESH', message });
  expect((await bed.create([bed.request()])).get('web-1')?.state).toBe('made');
});

test('an image of a site that was in part on the host when the plan was made is fetched after all', async () => {
  bed = await CreationBed.make();
  const site = await Site.open({ 'small.raw': await readFile(bed.image) });
  try {
    const image = { kind: 'url', url: site.url('small.raw') } as const;
    const request = bed.request({ source: { kind: 'image', image } });
    const { plan: first } = await bed.prepare(request);
    const title = first?.shared.find(({ id }) => id === 'base')?.title ?? '';
    const name = /small-\S+/.exec(title)?.[0] ?? '';
    const { volumes, pools } = bed.hypervisor;
    await volumes.create(
      await pools.lookup('default'),
      volumeXml({ name, capacity: 1_320_000, format: 'raw' }),
    );
    await cutOff(name);
    expect((await bed.create([request])).get('web-1')).toMatchObject({ state: 'made' });
  } finally {
    await site.close();
  }
});

test('two that wait for one that was killed: one of them makes the image anew, both stand on it', async () => {
  bed = await CreationBed.make();
  const names = ['web-2', 'web-3'];
  const plans = [];
  for (const name of names) plans.push((await bed.prepare(bed.request({ name }))).plan);
  await bed.create([bed.request()]);
  const name = await imageName();
  await removeMachine();
  await cutOff(name);
  bed.lab.faults.add({ fault: 'slow', milliseconds: 200, procedure: 'STORAGE_VOL_DELETE', times: 2 });
  const made = plans.map((plan, at) => {
    if (plan === undefined) throw new Error('no plan');
    return bed.run(plan, [bed.request({ name: names[at] ?? '' })]);
  });
  const outcomes = (await Promise.all(made)).flatMap((all) => [...all.values()]);
  expect(outcomes).toEqual(Array(2).fill(expect.objectContaining({ state: 'made' })));
  expect(await imageName()).toBe(name);
});

test('an image of a site that tells no version is found again by its content, and one that has changed is another', async () => {
  bed = await CreationBed.make();
  const disk = await readFile(bed.image);
  const site = await Site.open({ 'small.raw': disk });
  site.etags = false;
  const images = async () =>
    (await bed.world()).filter((line) => line.startsWith('volume default/small-')).length;
  try {
    const image = { kind: 'url', url: site.url('small.raw') } as const;
    const counts: number[] = [];
    for (const [name, data] of [
      ['web-1', disk],
      ['web-2', disk],
      ['web-3', Buffer.concat([disk, disk])],
    ] as const) {
      site.files.set('/small.raw', data);
      const outcomes = await bed.create([bed.request({ name, source: { kind: 'image', image } })]);
      expect(outcomes.get(name)).toMatchObject({ state: 'made' });
      counts.push(await images());
    }
    expect(counts).toEqual([1, 1, 2]);
  } finally {
    await site.close();
  }
});
