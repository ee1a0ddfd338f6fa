import { beforeEach, expect, test } from 'vitest';
import type { Domain } from '../../source/inventory/types.js';
import { readVolumeUse, usersOf, VolumeUsers } from '../../source/inventory/volume-users.js';
import { DomainState } from '../../source/libvirt/domain-state.js';
import type { Hypervisor } from '../../source/libvirt/hypervisor.js';

interface Guest {
  name: string;
  revision: number;
  sources: string[];
  next?: string[];
  running?: boolean;
}

let guests: Guest[];
let calls: string[];
let broken: Set<string>;
let now: number;
let changes: number;
let users: VolumeUsers;

const xml = (sources: readonly string[]): string =>
  `<domain><devices>${sources
    .map((source, at) => {
      const [pool, volume] = source.split('/');
      const place = source.startsWith('/') ? `file='${source}'` : `pool='${pool}' volume='${volume}'`;
      return `<disk device='disk'><source ${place}/><target dev='vd${'abc'[at]}'/></disk>`;
    })
    .join('')}</devices></domain>`;

const domainXml: Hypervisor['domainXml'] = async ({ name }, options) => {
  calls.push(options?.inactive === true ? `${name} next` : name);
  if (broken.has(name)) throw new Error('not allowed');
  const guest = guests.find((one) => one.name === name) as Guest;
  return xml((options?.inactive === true ? guest.next : undefined) ?? guest.sources);
};

const keptXmls: Hypervisor['keptXmls'] = async () => [];
const readFresh = () =>
  readVolumeUse(
    { domainXml, keptXmls } as Hypervisor,
    guests.map(({ name, running }) => ({
      name,
      uuid: name,
      persistent: true,
      id: running === true ? 1 : -1,
    })),
  );

const settled = async (): Promise<void> => {
  for (let round = 0; round < 2000; round += 1) await Promise.resolve();
};
const volume = { pool: 'images', name: 'web.qcow2', key: '/images/web.qcow2' };
const namesOf = (use = users.use) => usersOf(use, volume, '/images/web.qcow2').map(({ domain }) => domain);

beforeEach(() => {
  calls = [];
  broken = new Set();
  now = 1000;
  changes = 0;
  guests = [
    { name: 'web', revision: 1, sources: ['/images/web.qcow2'] },
    { name: 'db', revision: 1, sources: ['/images/db.qcow2', 'images/web.qcow2'] },
    { name: 'live', revision: 1, sources: [], next: ['/images/web.qcow2'], running: true },
  ];
  users = new VolumeUsers({
    ask: (call) => call({ domainXml } as Hypervisor),
    domains: () =>
      guests.map(
        ({ name, revision, running }) =>
          ({
            name,
            uuid: name,
            revision,
            persistent: true,
            id: running === true ? 1 : -1,
            state: running === true ? DomainState.running : DomainState.shutOff,
          }) as Domain,
      ),
    changed: () => {
      changes += 1;
    },
    clock: { now: () => now },
  });
});

test('a volume is found by its path and by pool and name; each domain once', async () => {
  expect(namesOf()).toEqual([]);
  users.read();
  await settled();
  expect(changes).toBe(1);
  expect(namesOf()).toEqual(['web', 'db']);
});

test('asks once a minute, and only for domains that have changed', async () => {
  users.read();
  await settled();
  users.read();
  now += 59_000;
  users.read();
  await settled();
  expect(calls).toHaveLength(3);
  now += 2000;
  (guests[1] as Guest).revision = 2;
  users.read();
  await settled();
  expect(calls.slice(3)).toEqual(['db']);
});

test('for the column at most 500 domains are asked for; the rest is said to be unknown', async () => {
  guests = Array.from({ length: 600 }, (_, at) => ({ name: `g${at}`, revision: 1, sources: [] }));
  users.read();
  await settled();
  expect(calls).toHaveLength(500);
  expect(users.use.unknown).toHaveLength(100);
});

test('a fresh look reads everything, the next start of what runs included', async () => {
  users.read();
  await settled();
  calls = [];
  const use = await readFresh();
  expect(calls.toSorted()).toEqual(['db', 'live', 'live next', 'web']);
  expect(namesOf(use).toSorted()).toEqual(['db', 'live', 'web']);
});

test('a domain whose XML cannot be read is told, not taken for one without disks', async () => {
  broken.add('db');
  expect((await readFresh()).unknown).toEqual(['db']);
  users.read();
  await settled();
  expect(users.use.unknown).toEqual(['db']);
  expect(namesOf()).toEqual(['web']);
});

test('a domain that is gone uses nothing', async () => {
  users.read();
  await settled();
  guests.shift();
  now += 61_000;
  users.read();
  await settled();
  expect(namesOf()).toEqual(['db']);
});
