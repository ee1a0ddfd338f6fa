import { afterEach, expect, test } from 'vitest';
import { openLab } from '../../source/lab/open.js';
import { volumeXml } from '../../source/libvirt/xml/volume-xml.js';
import { removeCutOff } from '../../source/provision/cleanup.js';
import type { CreationRecord } from '../../source/provision/journal.js';
import type { Plan } from '../../source/provision/plan.js';
import { planRemovals, removeDomain } from '../../source/provision/remove-domain.js';
import { ownMark } from '../../source/state/process-mark.js';
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

/** Somebody else's creation, at work as long as this process is. */
async function writeLiving(made: CreationRecord['made'] = []): Promise<void> {
  const record = await writeCutOff(made);
  await bed.journal.remove(record.id);
  await bed.journal.write({ ...record, id: 'living', process: await ownMark() });
}

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

const cleanUp = async (record: CreationRecord) => {
  const { left } = await removeCutOff(record, {
    host: { hypervisor: bed.hypervisor, connect: () => openLab(bed.lab) },
    journal: bed.journal,
    onEvent: () => {},
  });
  return left;
};

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
  await bed.create([bed.request({ start: false })]);
  const { uuid } = await bed.hypervisor.lookupDomain('web-1');
  const domain = { made: { kind: 'domain', name: 'web-1', uuid }, machine: 'web-1', sure: true } as const;
  const record = await writeCutOff([disk, seed, domain]);
  const mend = bed.lab.faults.add({ fault: 'error', code: 38, procedure: 'DOMAIN_UNDEFINE_FLAGS' });
  expect(await cleanUp(record)).not.toEqual([]);
  mend();
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
  const { pools, volumes } = bed.hypervisor;
  const path = (await volumes.lookup(await pools.lookup('default'), 'web-1.qcow2')).key;
  const backing = { path, format: 'qcow2' };
  const clone = volumeXml({ name: 'clone.qcow2', capacity: 2 ** 30, format: 'qcow2', backing });
  await volumes.create(await pools.lookup('default'), clone);
  const chosen = new Set(removal.volumes.filter(({ proposed }) => proposed).map(({ volume }) => volume.key));
  const { deleted, kept } = await removeDomain(bed.hypervisor, removal, chosen);
  expect(deleted.map(({ name }) => name)).toEqual(['web-1-seed.iso']);
  expect(kept.map(({ error }) => error.message)).toEqual([expect.stringContaining('clone')]);
});

test('an image that is there in part goes, although others are at work: they wait for it', async () => {
  bed = await CreationBed.make();
  const before = (await bed.world()).filter((line) => line.startsWith('volume'));
  await writeLiving();
  // It is not what was sent, and twice it cannot be taken away.
  bed.lab.faults.add({ fault: 'error', code: 38, procedure: 'STORAGE_VOL_DOWNLOAD', times: 1 });
  bed.lab.faults.add({ fault: 'error', code: 38, procedure: 'STORAGE_VOL_DELETE', times: 2 });
  expect((await bed.create([bed.request()])).get('web-1')?.state).toBe('failed');
  expect((await bed.world()).filter((line) => line.startsWith('volume'))).toEqual(before);
});

test('a VM that is begun while the image is being taken away gets a whole one', async () => {
  bed = await CreationBed.make();
  const [first, second] = [await planOf('web-1'), await planOf('web-2')];
  const failing = before(first, 'define', () => Promise.reject(new Error('this one fails')));
  let other: ReturnType<CreationBed['run']> | undefined;
  const outcomes = await bed.run(failing, [bed.request()], {
    onEvent: (event) => {
      if (event.type !== 'undo' || event.machine !== undefined || other !== undefined) return;
      bed.lab.faults.add({ fault: 'slow', milliseconds: 300, procedure: 'STORAGE_POOL_REFRESH', times: 1 });
      other = bed.run(second, [bed.request({ name: 'web-2' })]);
    },
  });
  expect(outcomes.get('web-1')?.state).toBe('failed');
  expect((await other)?.get('web-2')?.state).toBe('made');
  expect((await bed.world()).filter((line) => line.startsWith('volume default/small-'))).toHaveLength(1);
});

test('a clean-up leaves the volume that another creation makes under that name', async () => {
  bed = await CreationBed.make();
  await bed.create([bed.request({ start: false })]);
  await bed.hypervisor.undefineDomain(await bed.hypervisor.lookupDomain('web-1'));
  const record = await writeCutOff([disk]);
  await writeLiving([disk]);
  await bed.journal.write(record);
  expect(await cleanUp(record)).toEqual([]);
  expect((await bed.world()).join('\n')).toContain('web-1.qcow2');
});

test('two that start one network start it once, and none of them fails for it', async () => {
  bed = await CreationBed.make();
  const { networks } = bed.hypervisor;
  for (const domain of await bed.hypervisor.listDomains())
    if (domain.id !== -1) await bed.hypervisor.destroy(domain);
  await networks.stop(await networks.lookup('default'));
  const requests = ['web-1', 'web-2'].map((name) => bed.request({ name, startInactive: true }));
  const prepared = [];
  for (const request of requests) prepared.push(await bed.prepare(request));
  const made = prepared.map(({ plan }, index) => {
    if (plan === undefined) throw new Error('no plan');
    return bed.run(plan, requests.slice(index, index + 1));
  });
  const states = (await Promise.all(made)).flatMap((outcomes) => [...outcomes.values()]);
  expect(states).toEqual(Array(2).fill(expect.objectContaining({ state: 'made' })));
});

test('a pool made by one that fails stays where it has somebody’s volumes by then', async () => {
  bed = await CreationBed.make();
  const { pools, volumes } = bed.hypervisor;
  for (const pool of (await pools.list()) as readonly { name: string; uuid: string; active: boolean }[]) {
    if (pool.active) await pools.stop(pool);
    await pools.undefine(pool);
  }
  const failing = before(await planOf('web-1'), 'disk', async () => {
    await volumes.create(
      await pools.lookup('default'),
      volumeXml({ name: 'theirs', capacity: 512, format: 'raw' }),
    );
    throw new Error('this one fails');
  });
  expect((await bed.run(failing, [bed.request()])).get('web-1')).toMatchObject({ state: 'failed', left: [] });
  const world = await bed.world();
  expect(world).toEqual(expect.arrayContaining(['pool default true', 'volume default/theirs']));
});

test('a volume that cannot be read when the domain goes is not deleted', async () => {
  bed = await CreationBed.make();
  await bed.create([bed.request({ start: false })]);
  const domains = (await bed.hypervisor.listDomains()).filter(({ name }) => name === 'web-1');
  const [removal] = await planRemovals(bed.hypervisor, domains);
  if (removal === undefined) throw new Error('no removal');
  bed.lab.faults.add({ fault: 'error', code: 38, procedure: 'STORAGE_VOL_GET_XML_DESC' });
  const { deleted } = await removeDomain(
    bed.hypervisor,
    removal,
    new Set(removal.volumes.map((one) => one.volume.key)),
  );
  expect(deleted).toEqual([]);
});

test.each([
  ['its own name', ''],
  ['another spelling', '/.'],
])('an image stays that a guest stands on by an overlay outside of all pools, by %s', async (_, spelling) => {
  bed = await CreationBed.make();
  const plan = await planOf('web-1');
  const failing = before(plan, 'define', async () => {
    const { pools, volumes } = bed.hypervisor;
    const [image] = (await volumes.list(await pools.lookup('default'))).filter(({ name }) =>
      /^small-/.test(name),
    );
    const path = image === undefined ? '' : await volumes.path(image);
    await bed.hypervisor.defineDomain(`<domain type='kvm'><name>outside</name><memory>65536</memory>
      <os><type>hvm</type></os><devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
      <source file='/elsewhere/overlay.qcow2'/><target dev='vda' bus='virtio'/>
      <backingStore type='file'><format type='raw'/><source file='${spelling}${path}'/></backingStore></disk></devices></domain>`);
    throw new Error('this one fails');
  });
  expect((await bed.run(failing, [bed.request()])).get('web-1')?.state).toBe('failed');
  expect((await bed.world()).join('\n')).toContain('volume default/small-');
});
