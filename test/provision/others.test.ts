import { afterEach, expect, test } from 'vitest';
import { openLab } from '../../source/lab/open.js';
import { removeCutOff } from '../../source/provision/cleanup.js';
import type { CreationRecord } from '../../source/provision/journal.js';
import type { Plan } from '../../source/provision/plan.js';
import { planRemovals, removeDomain } from '../../source/provision/remove-domain.js';
import { CreationBed } from './bed.js';

// What others do while a creation, a clean-up or a removal is under way.

let bed: CreationBed;

afterEach(() => bed?.end());

const disk = {
  made: { kind: 'volume', pool: 'default', name: 'web-1.qcow2' },
  machine: 'web-1',
  sure: true,
} as const;
const seed = { ...disk, made: { ...disk.made, name: 'web-1-seed.iso' } } as const;

async function writeCutOff(made: CreationRecord['made']): Promise<CreationRecord> {
  const record: CreationRecord = {
    version: 1,
    id: 'cut',
    connection: 'lab:///',
    uri: 'qemu:///system',
    startedAt: '2026-01-01T00:00:00Z',
    process: { pid: 2 ** 22 + 1, started: '1' },
    requests: [bed.request()],
    made,
    finished: [],
  };
  await bed.journal.write(record);
  return record;
}

const cleanUp = (record: CreationRecord) =>
  removeCutOff(record, {
    host: { hypervisor: bed.hypervisor, connect: () => openLab(bed.lab) },
    journal: bed.journal,
    onEvent: () => {},
  });

async function planOf(name: string): Promise<Plan> {
  const { plan } = await bed.prepare(bed.request({ name }));
  if (plan === undefined) throw new Error('no plan');
  return plan;
}

/** A plan with something in the way of one step. */
function before(plan: Plan, step: string, work: () => Promise<void>): Plan {
  const machines = plan.machines.map((machine) => ({
    ...machine,
    steps: machine.steps.map((one) =>
      one.id === step
        ? {
            ...one,
            run: async (control: Parameters<typeof one.run>[0]) => {
              await work();
              return one.run(control);
            },
          }
        : one,
    ),
  }));
  return { ...plan, machines };
}

test('a machine that cannot be noted as whole is taken back', async () => {
  bed = await CreationBed.make();
  const before = await bed.world();
  const write = bed.journal.write.bind(bed.journal);
  bed.journal.write = (record) =>
    record.finished.length > 0 ? Promise.reject(new Error('no space left')) : write(record);
  const outcomes = await bed.create([bed.request()]);
  expect(outcomes.get('web-1')).toMatchObject({ state: 'failed', left: [] });
  expect(await bed.world()).toEqual(before);
});

test('the volumes of a domain that could not be removed go with it at the next clean-up', async () => {
  bed = await CreationBed.make();
  await bed.create([bed.request()]);
  const { uuid } = await bed.hypervisor.lookupDomain('web-1');
  const domain = { made: { kind: 'domain', name: 'web-1', uuid }, machine: 'web-1', sure: true } as const;
  const record = await writeCutOff([disk, seed, domain]);
  const mend = bed.lab.faults.add({ fault: 'error', code: 38, procedure: 'DOMAIN_DESTROY_FLAGS' });
  const mendOld = bed.lab.faults.add({ fault: 'error', code: 38, procedure: 'DOMAIN_DESTROY' });
  expect(await cleanUp(record)).not.toEqual([]);
  mend();
  mendOld();
  expect(await cleanUp(record)).toEqual([]);
  expect((await bed.world()).filter((line) => /web-1/.test(line))).toEqual([]);
});

test('a volume stays that a domain may use whose XML cannot be read', async () => {
  bed = await CreationBed.make();
  await bed.create([bed.request()]);
  const record = await writeCutOff([disk]);
  bed.lab.faults.add({ fault: 'error', code: 68, procedure: 'DOMAIN_GET_XML_DESC' });
  expect(await cleanUp(record)).toEqual([expect.objectContaining({ why: expect.stringContaining('web-1') })]);
  expect((await bed.world()).join('\n')).toContain('web-1.qcow2');
});

test('somebody else’s volume stays where the connection broke before one’s own was made', async () => {
  bed = await CreationBed.make();
  const plan = await planOf('web-1');
  await bed.create([bed.request()]);
  bed.lab.faults.add({ fault: 'drop', procedure: 'STORAGE_VOL_CREATE_XML', times: 1 });
  const outcomes = await bed.run(plan, [bed.request()]);
  expect(outcomes.get('web-1')?.state).toBe('failed');
  expect((await bed.world()).join('\n')).toContain('web-1.qcow2');
});

test('the image stays for another creation that is about to stand on it', async () => {
  bed = await CreationBed.make();
  const [first, second] = [await planOf('web-1'), await planOf('web-2')];
  let arrived = (): void => {};
  const atDisk = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  let goOn = (): void => {};
  const firstEnded = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let other: ReturnType<CreationBed['run']> | undefined;
  const failing = before(first, 'seed', async () => {
    const waiting = before(second, 'disk', () => {
      arrived();
      return firstEnded;
    });
    other = bed.run(waiting, [bed.request({ name: 'web-2' })]);
    await atDisk;
    throw new Error('this one fails');
  });
  expect((await bed.run(failing, [bed.request()])).get('web-1')?.state).toBe('failed');
  goOn();
  expect((await other)?.get('web-2')?.state).toBe('made');
});

test('a clean-up that was shown before somebody else ended it removes nothing', async () => {
  bed = await CreationBed.make();
  const record = await writeCutOff([disk]);
  expect(await cleanUp(record)).toEqual([]);
  await bed.create([bed.request()]);
  const after = await bed.world();
  expect(await cleanUp(record)).toEqual([]);
  expect(await bed.world()).toEqual(after);
  expect(await bed.journal.list()).toEqual([]);
});

test('a disk that a new one stands on stays, although the question about it is older', async () => {
  bed = await CreationBed.make();
  await bed.create([bed.request({ start: false })]);
  const domains = (await bed.hypervisor.listDomains()).filter(({ name }) => name === 'web-1');
  const [removal] = await planRemovals(bed.hypervisor, domains);
  if (removal === undefined) throw new Error('no removal');
  const image = { kind: 'volume', pool: 'default', name: 'web-1.qcow2' } as const;
  await bed.create([bed.request({ name: 'clone', start: false, source: { kind: 'image', image } })]);
  const chosen = new Set(removal.volumes.filter(({ proposed }) => proposed).map(({ volume }) => volume.key));
  const { deleted, kept } = await removeDomain(bed.hypervisor, removal, chosen);
  expect(deleted.map(({ name }) => name)).toEqual(['web-1-seed.iso']);
  expect(kept.map(({ error }) => error.message)).toEqual([expect.stringContaining('clone')]);
});
