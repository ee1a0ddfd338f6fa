import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Lab } from '../../source/lab/lab.js';
import { openLab } from '../../source/lab/open.js';
import type { RemoteHypervisor } from '../../source/libvirt/remote/remote-hypervisor.js';
import { poolXml } from '../../source/libvirt/xml/pool-xml.js';
import { volumeXml } from '../../source/libvirt/xml/volume-xml.js';
import type { CreationRecord } from '../../source/provision/journal.js';
import type { Made } from '../../source/provision/plan.js';
import { isRunning, type UndoOptions, undo, undoByHand } from '../../source/provision/undo.js';
import { stillLab } from '../lab/bed.js';

let lab: Lab;
let hypervisor: RemoteHypervisor;

/** A host with one guest, web-1, on the network default; nobody is on "isolated". */
beforeEach(async () => {
  lab = stillLab({ domains: 1, seed: 2 }).lab;
  hypervisor = await openLab(lab);
  return () => hypervisor.close();
});
afterEach(() => lab.close());

const atWork = { made: [] as CreationRecord['made'] } as CreationRecord;
const others = async () => [atWork];
const atOnce: UndoOptions = {
  longAgo: false,
  wanted: true,
  sure: true,
  maybeInUse: false,
  others: async () => [],
};
const takeBack = (made: Made, options: Partial<UndoOptions> = {}) =>
  undo(hypervisor, made, { ...atOnce, ...options });

const isActive = async (kind: 'networks' | 'pools', name: string): Promise<boolean | undefined> => {
  const all = (await hypervisor[kind].list()) as readonly { name: string; active: boolean }[];
  return all.find((one) => one.name === name)?.active;
};
const inPool = async (pool: string): Promise<string[]> =>
  (await hypervisor.volumes.list(await hypervisor.pools.lookup(pool))).map(({ name }) => name);
const makeVolume = async (pool: string, name: string): Promise<void> => {
  const xml = volumeXml({ name, capacity: 1000, format: 'raw' });
  await hypervisor.volumes.create(await hypervisor.pools.lookup(pool), xml);
};

describe('a pool', () => {
  const made = { kind: 'pool', name: 'new' } as const;
  beforeEach(async () => {
    const pool = await hypervisor.pools.define(poolXml({ name: 'new', type: 'dir', path: '/srv/new' }));
    await hypervisor.pools.build(pool);
    await hypervisor.pools.start(pool);
  });

  test('goes, also one that was stopped meanwhile or is gone', async () => {
    expect(await takeBack(made)).toBeUndefined();
    expect(await isActive('pools', 'new')).toBeUndefined();
    expect(await takeBack(made)).toBeUndefined();
    await hypervisor.pools.define(poolXml({ name: 'new', type: 'dir', path: '/srv/new' }));
    expect(await takeBack(made)).toBeUndefined();
    expect(await isActive('pools', 'new')).toBeUndefined();
  });

  test('stays where it has a volume, where others are at work, and long after', async () => {
    expect(await takeBack(made, { others })).toBe('others may use it by now');
    expect(await takeBack(made, { longAgo: true })).toBe('others may use it by now');
    await makeVolume('new', 'a.raw');
    expect(await takeBack(made)).toBe('it has volumes');
    expect(await isActive('pools', 'new')).toBe(true);
  });

  test('that cannot be stopped is told, and not taken for gone', async () => {
    lab.faults.add({ fault: 'error', code: 1, procedure: 'STORAGE_POOL_DESTROY' });
    await expect(takeBack(made)).rejects.toMatchObject({ code: 1 });
    expect(await isActive('pools', 'new')).toBe(true);
  });

  test('that was started is stopped again, and stays defined', async () => {
    const started = { kind: 'pool-started', name: 'new' } as const;
    expect(await takeBack(started, { others })).toBe('others may use it by now');
    expect(await takeBack(started, { longAgo: true })).toBe('others may use it by now');
    expect(await isActive('pools', 'new')).toBe(true);
    expect(await takeBack(started)).toBeUndefined();
    expect(await isActive('pools', 'new')).toBe(false);
    expect(await takeBack(started)).toBeUndefined();
  });
});

describe.each(['network', 'network-started'] as const)('%s', (kind) => {
  test('goes where nobody is on it', async () => {
    expect(await takeBack({ kind, name: 'isolated' })).toBeUndefined();
    expect(await isActive('networks', 'isolated')).toBe(kind === 'network' ? undefined : false);
    expect(await takeBack({ kind, name: 'isolated' })).toBeUndefined();
  });

  test('stays where a guest is on it, where others are at work, and long after', async () => {
    expect(await takeBack({ kind, name: 'default' })).toBe('other guests are on it');
    expect(await takeBack({ kind, name: 'isolated' }, { others })).toBe('others may use it by now');
    expect(await takeBack({ kind, name: 'isolated' }, { longAgo: true })).toBe('others may use it by now');
    expect(await isActive('networks', 'default')).toBe(true);
    expect(await isActive('networks', 'isolated')).toBe(true);
  });
});

describe('a volume', () => {
  const made = { kind: 'volume', pool: 'isos', name: 'mine.raw' } as const;
  beforeEach(() => makeVolume('isos', 'mine.raw'));

  test('stays long after only where another creation makes one of that name in that pool', async () => {
    const making = (pool: string, name: string) => async () => [
      {
        ...atWork,
        made: [{ made: { kind: 'volume', pool, name }, machine: 'web-2', sure: false }],
      } as CreationRecord,
    ];
    const longAgo = true;
    expect(await takeBack(made, { longAgo, others: making('isos', 'mine.raw') })).toBe(
      'another creation makes one of that name',
    );
    expect(await inPool('isos')).toContain('mine.raw');
    for (const other of [making('default', 'mine.raw'), making('isos', 'other.raw')]) {
      expect(await takeBack(made, { longAgo, others: other })).toBeUndefined();
      expect(await inPool('isos')).not.toContain('mine.raw');
      await makeVolume('isos', 'mine.raw');
    }
  });

  test('of which nobody knows who uses it stays, for one domain that tells nothing', async () => {
    lab.faults.add({ fault: 'error', code: 38, procedure: 'DOMAIN_GET_XML_DESC' });
    await expect(takeBack(made, { sure: false })).rejects.toThrow('nobody knows who uses it: domain web-1');
    await expect(takeBack({ ...made, kind: 'image' })).rejects.toThrow(
      'nobody knows who uses it: domain web-1',
    );
    expect(await inPool('isos')).toContain('mine.raw');
  });
});

describe('a domain', () => {
  const domain = async (kind: 'domain' | 'domain-started') => {
    const { name, uuid } = await hypervisor.lookupDomain('web-1');
    return { kind, name, uuid };
  };
  const isThere = async () => (await hypervisor.listDomains()).map(({ id }) => id > 0);

  test('that runs long after stays, one that was not wanted goes', async () => {
    for (const kind of ['domain-started', 'domain'] as const) {
      const made = await domain(kind);
      expect(await takeBack(made, { longAgo: true })).toBe('it runs');
      expect(await isThere()).toEqual([true]);
    }
    expect(await takeBack(await domain('domain-started'), { longAgo: true, wanted: false })).toBeUndefined();
    expect(await isThere()).toEqual([false]);
    // It does not run any more.
    expect(await takeBack(await domain('domain'), { longAgo: true })).toBeUndefined();
    expect(await isThere()).toEqual([]);
  });

  test('goes at once where it runs', async () => {
    expect(await takeBack(await domain('domain'))).toBeUndefined();
    expect(await isThere()).toEqual([]);
  });

  test('is known to run, to be off or gone; where the host does not say, that is told', async () => {
    const made = { ...(await domain('domain')), kind: 'domain' as const };
    expect(await isRunning(hypervisor, made)).toBe(true);
    expect(await isRunning(hypervisor, { ...made, uuid: made.uuid.replace(/^./, 'f') })).toBe(false);
    lab.faults.add({ fault: 'error', code: 1, procedure: 'DOMAIN_LOOKUP_BY_NAME' });
    await expect(isRunning(hypervisor, made)).rejects.toThrow();
  });
});

test('what a person types instead is of virsh where virtdeck has no such command', () => {
  expect(undoByHand({ kind: 'pool', name: 'a b' }, 'qemu:///system')).toBe(
    "virtdeck pool stop 'a b' -c qemu:///system; virsh -c qemu:///system pool-undefine 'a b'",
  );
  expect(undoByHand({ kind: 'network', name: 'n' }, undefined)).toBe(
    'virtdeck net stop n; virsh net-undefine n',
  );
  expect(undoByHand({ kind: 'volume', pool: 'p', name: 'v' }, undefined)).toBe('virtdeck vol delete p v');
});
