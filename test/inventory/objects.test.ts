import { beforeEach, expect, test } from 'vitest';
import { LibvirtError } from '../../source/libvirt/errors.js';
import type { HypervisorEvent } from '../../source/libvirt/events.js';
import type { NetworkListing } from '../../source/libvirt/networks.js';
import type { PoolListing } from '../../source/libvirt/storage.js';
import { Bed, settled } from './bed.js';
import { type FakeHypervisor, uuid } from './fake-host.js';

let bed: Bed;
let calls: string[];
let networks: NetworkListing[];
let pools: PoolListing[];
let volumes: string[];
let broken: LibvirtError | undefined;

const flags = { active: true, autostart: true, persistent: true };

/** Gives a connection networks and pools, whose calls are written down. */
function equip(link: FakeHypervisor): void {
  const say = <T>(call: string, value: () => T): Promise<T> => {
    calls.push(call);
    return broken === undefined ? Promise.resolve(value()) : Promise.reject(broken);
  };
  Object.assign(link, {
    networks: {
      list: () => say('networks', () => [...networks]),
      xml: ({ name }: NetworkListing) => say(`xml ${name}`, () => `<network><name>${name}</name></network>`),
      leases: ({ name }: NetworkListing) => say(`leases ${name}`, () => []),
      start: ({ name }: NetworkListing) =>
        say(`start ${name}`, () => {
          networks = networks.map((one) => (one.name === name ? { ...one, active: true } : one));
        }),
    },
    pools: {
      list: () => say('pools', () => [...pools]),
      xml: ({ name }: PoolListing) => say(`xml ${name}`, () => `<pool><name>${name}</name></pool>`),
      info: ({ name }: PoolListing) =>
        say(`info ${name}`, () => ({ state: 'running', capacity: 100, allocation: 40, available: 60 })),
    },
    volumes: {
      list: ({ name }: PoolListing) =>
        say(`volumes ${name}`, () => volumes.map((volume) => ({ pool: name, name: volume, key: volume }))),
      xml: ({ name }: { name: string }) => say(`xml ${name}`, () => `<volume><name>${name}</name></volume>`),
    },
  });
}

beforeEach(async () => {
  bed = new Bed();
  calls = [];
  broken = undefined;
  networks = [
    { name: 'lab', uuid: uuid(2), ...flags, active: false },
    { name: 'default', uuid: uuid(1), ...flags },
  ];
  pools = [{ name: 'images', uuid: uuid(3), ...flags }];
  volumes = ['base.qcow2', 'web-1.qcow2'];
  const open = bed.host.open.bind(bed.host);
  bed.host.open = () => {
    const link = open();
    equip(link);
    return link;
  };
  await bed.connect();
});

const names = () => bed.connection.networks.items.map(({ name }) => name);
const tell = (event: HypervisorEvent) => bed.host.link.emit(event);

test('nothing is asked until somebody looks; then the list with definitions and leases', async () => {
  await bed.clock.advance(10_000);
  expect(calls).toEqual([]);
  expect(bed.connection.networks.state).toBe('unread');
  const stop = bed.inventory.watchNetworks(bed.id);
  await settled();
  expect(names()).toEqual(['default', 'lab']);
  expect(bed.connection.networks.items[0]?.xml).toContain('<name>default</name>');
  expect(calls).toEqual(['networks', 'xml lab', 'xml default', 'leases default']);
  stop();
  calls.length = 0;
  await bed.clock.advance(20_000);
  expect(calls).toEqual([]);
});

test('two that look cost one reading, and the list is kept up to date until both have left', async () => {
  const stop = bed.inventory.watchNetworks(bed.id);
  const other = bed.inventory.watchNetworks(bed.id);
  await settled();
  expect(calls.filter((call) => call === 'networks')).toHaveLength(1);
  stop();
  // The same one again: it is not the other.
  stop();
  calls = [];
  await bed.clock.advance(5000);
  expect(calls).toContain('networks');
  other();
  calls = [];
  await bed.clock.advance(20_000);
  expect(calls).toEqual([]);
});

test('however often it is read besides, it is read at its interval once', async () => {
  bed.inventory.watchNetworks(bed.id);
  for (let i = 0; i < 3; i += 1) await bed.inventory.refresh(bed.id);
  await settled();
  calls = [];
  await bed.clock.advance(5000);
  expect(calls.filter((call) => call === 'networks')).toHaveLength(1);
});

test('the lists are shown while their definitions are on their way', async () => {
  const { link } = bed.host;
  const never = () => new Promise<never>(() => {});
  Object.assign(link.networks, { xml: never });
  Object.assign(link.pools, { xml: never });
  bed.inventory.watchNetworks(bed.id);
  bed.inventory.watchPools(bed.id);
  await settled();
  expect(names()).toEqual(['default', 'lab']);
  expect(bed.connection.pools.items).toMatchObject([{ name: 'images', volumes: { state: 'unread' } }]);
});

test('a driver without networks or pools is no failure', async () => {
  const list = async () => ({ unsupported: true, reason: 'not here' }) as const;
  Object.assign(bed.host.link.networks, { list });
  Object.assign(bed.host.link.pools, { list });
  bed.inventory.watchNetworks(bed.id);
  bed.inventory.watchPools(bed.id);
  await settled();
  expect(bed.connection.networks.state).toBe('unsupported');
  expect(bed.connection.pools.state).toBe('unsupported');
});

test('one whose definition cannot be read says why, and the others are there', async () => {
  const error = new LibvirtError({ kind: 'libvirt', message: 'not for you' });
  const xml = async ({ name }: { readonly name: string }) => {
    if (name === 'lab' || name === 'images') throw error;
    return '<network/>';
  };
  Object.assign(bed.host.link.networks, { xml });
  Object.assign(bed.host.link.pools, { xml });
  bed.inventory.watchNetworks(bed.id);
  bed.inventory.watchPools(bed.id);
  await settled();
  expect(bed.connection.networks).toMatchObject({
    state: 'ready',
    items: [
      { name: 'default', xml: '<network/>', error: undefined },
      { name: 'lab', xml: undefined, error },
    ],
  });
  // How full it is was told all the same.
  expect(bed.connection.pools.items).toMatchObject([{ xml: undefined, error, info: { capacity: 100 } }]);
});

test('nothing is asked of a connection that is over, and nothing waits', async () => {
  bed.inventory.watchNetworks(bed.id);
  bed.inventory.watchPools(bed.id);
  bed.inventory.watchVolumes(bed.id, uuid(3));
  await settled();
  for (let i = 0; i < 2; i += 1) {
    tell({ type: 'network', network: { name: 'lab', uuid: uuid(2) }, event: 'started' });
    tell({ type: 'pool', pool: { name: 'images', uuid: uuid(3) }, event: 'refreshed' });
  }
  await settled();
  await bed.inventory.disconnect(bed.id);
  await settled();
  expect(bed.clock.timers).toBe(0);
});

test('leases are asked for again while somebody looks', async () => {
  bed.inventory.watchNetworks(bed.id);
  await settled();
  calls.length = 0;
  await bed.clock.advance(5000);
  expect(calls).toContain('leases default');
});

test('what another client does is seen by its event', async () => {
  bed.inventory.watchNetworks(bed.id);
  await settled();
  networks = [...networks, { name: 'dmz', uuid: uuid(9), ...flags }];
  tell({ type: 'network', network: { name: 'dmz', uuid: uuid(9) }, event: 'defined' });
  await settled();
  expect(names()).toEqual(['default', 'dmz', 'lab']);
});

test('a storm of events of networks, pools and their volumes costs a few calls a second', async () => {
  const stops = [
    bed.inventory.watchNetworks(bed.id),
    bed.inventory.watchPools(bed.id),
    bed.inventory.watchVolumes(bed.id, uuid(3)),
  ];
  await settled();
  calls = [];
  for (let at = 0; at < 1000; at += 1) {
    tell({ type: 'network', network: { name: 'lab', uuid: uuid(2) }, event: 'started' } as HypervisorEvent);
    tell({ type: 'pool', pool: { name: 'images', uuid: uuid(3) }, event: 'refreshed' } as HypervisorEvent);
    await bed.clock.advance(4);
  }
  const of = (name: string) => calls.filter((call) => call === name).length;
  for (const name of ['networks', 'pools', 'volumes images']) {
    expect([name, of(name), of(name) <= 6]).toEqual([name, expect.any(Number), true]);
    expect([name, of(name) >= 2]).toEqual([name, true]);
  }
  volumes = ['last.img'];
  tell({ type: 'pool', pool: { name: 'images', uuid: uuid(3) }, event: 'refreshed' } as HypervisorEvent);
  await bed.clock.advance(3000);
  const [images] = bed.connection.pools.items;
  expect(images?.volumes.items.map(({ name }) => name)).toEqual(['last.img']);
  for (const stop of stops) stop();
});

test('an operation shows what is under way, tells its outcome, and the list follows', async () => {
  bed.inventory.watchNetworks(bed.id);
  await settled();
  const [, lab] = bed.connection.networks.items;
  const operation = bed.inventory.operate(bed.id, {
    on: { kind: 'network', uuid: lab?.uuid ?? '' },
    pending: 'starting',
    done: 'network lab: started',
    failed: 'network lab: start failed',
    call: ({ networks: all }) => all.start({ name: 'lab', uuid: uuid(2) }),
  });
  expect(bed.connection.networks.items[1]?.pending).toBe('starting');
  expect(await operation).toEqual({ ok: true, text: 'network lab: started' });
  await settled();
  expect(bed.connection.networks.items[1]).toMatchObject({ active: true, pending: undefined });
  expect(bed.notices).toContain('success: network lab: started');
});

test('an operation on a pool shows on the pool, and both lists follow it', async () => {
  bed.inventory.watchNetworks(bed.id);
  bed.inventory.watchPools(bed.id);
  bed.inventory.watchVolumes(bed.id, uuid(3));
  await settled();
  const operation = bed.inventory.operate(bed.id, {
    on: { kind: 'pool', uuid: uuid(3) },
    pending: 'deleting',
    done: 'volume web-1.qcow2: deleted',
    failed: 'no',
    call: async () => {
      volumes = ['base.qcow2'];
    },
  });
  expect(bed.connection.pools.items[0]?.pending).toBe('deleting');
  calls = [];
  await operation;
  await settled();
  expect(calls).toEqual(expect.arrayContaining(['networks', 'pools', 'volumes images']));
  expect(bed.connection.pools.items[0]).toMatchObject({
    pending: undefined,
    volumes: { items: [{ name: 'base.qcow2' }] },
  });
});

test('an operation that cannot be done is an outcome, and told as a failure', async () => {
  const operation = {
    pending: 'p',
    done: 'd',
    failed: 'pool x: start failed',
    call: () => Promise.resolve(),
  };
  const outcome = async (id: string, call: () => Promise<unknown>) =>
    (await bed.inventory.operate(id, { ...operation, call })).text;
  expect(await outcome(bed.id, () => Promise.reject(new Error('a fault')))).toBe(
    'pool x: start failed: a fault',
  );
  expect(await outcome(bed.id, () => Promise.reject('words'))).toBe('pool x: start failed: words');
  expect(await outcome('gone', operation.call)).toBe(
    'pool x: start failed: the connection is not there any more',
  );
  await bed.inventory.disconnect(bed.id);
  expect(await outcome(bed.id, operation.call)).toBe('pool x: start failed: stardust is not connected');
  expect(bed.notices.map((notice) => notice.split(':')[0])).toEqual(['error', 'error', 'error', 'error']);
});

test('an operation that fails says why, with the hint', async () => {
  const error = new LibvirtError({
    kind: 'libvirt',
    message: 'address already in use',
    hint: 'Stop dnsmasq.',
  });
  const outcome = await bed.inventory.operate(bed.id, {
    pending: 'starting',
    done: 'fine',
    failed: 'network lab: start failed',
    call: () => Promise.reject(error),
  });
  expect(outcome).toMatchObject({
    ok: false,
    text: 'network lab: start failed: address already in use',
    hint: 'Stop dnsmasq.',
  });
});

test('a list that fails keeps what was known, and says why', async () => {
  bed.inventory.watchNetworks(bed.id);
  await settled();
  broken = new LibvirtError({ kind: 'timeout', message: 'no answer' });
  await bed.clock.advance(5000);
  expect(bed.connection.networks).toMatchObject({ state: 'failed', error: { message: 'no answer' } });
  expect(names()).toEqual(['default', 'lab']);
  broken = undefined;
  await bed.clock.advance(5000);
  expect(bed.connection.networks.state).toBe('ready');
});

test('volumes: names by one call, the rest for those on the screen, anew after a refresh', async () => {
  bed.inventory.watchPools(bed.id);
  await settled();
  const pool = uuid(3);
  bed.inventory.watchVolumes(bed.id, pool);
  await settled();
  const shown = () => bed.connection.pools.items[0]?.volumes;
  expect(shown()?.items.map(({ name }) => name)).toEqual(['base.qcow2', 'web-1.qcow2']);
  expect(calls.filter((call) => call.includes('qcow2'))).toEqual([]);
  bed.inventory.wantVolumes(bed.id, pool, ['web-1.qcow2']);
  await settled();
  expect(shown()?.items[1]?.xml).toContain('web-1.qcow2');
  expect(calls.filter((call) => call.includes('qcow2'))).toEqual(['xml web-1.qcow2']);
  volumes = [...volumes, 'new.qcow2'];
  tell({ type: 'pool', pool: { name: 'images', uuid: pool }, event: 'refreshed' });
  await settled();
  expect(shown()?.items).toHaveLength(3);
  expect(calls.filter((call) => call === 'xml web-1.qcow2')).toHaveLength(2);
});

test('all volumes can be read, also when nobody looks into the pool', async () => {
  volumes = Array.from({ length: 40 }, (_, i) => `disk-${i}`);
  bed.inventory.watchPools(bed.id);
  await settled();
  const all = await bed.inventory.readAllVolumes(bed.id, uuid(3));
  expect(all).toHaveLength(40);
  expect(all.every(({ xml }) => xml !== undefined)).toBe(true);
  // And nobody looks into it afterwards.
  calls = [];
  tell({ type: 'pool', pool: { name: 'images', uuid: uuid(3) }, event: 'refreshed' });
  await bed.clock.advance(60_000);
  expect(calls).not.toContain('volumes images');
});

test('all volumes are those that there are by now', async () => {
  bed.inventory.watchPools(bed.id);
  bed.inventory.watchVolumes(bed.id, uuid(3));
  await settled();
  volumes = ['other.qcow2'];
  const all = await bed.inventory.readAllVolumes(bed.id, uuid(3));
  expect(all.map(({ name, xml }) => [name, xml !== undefined])).toEqual([['other.qcow2', true]]);
});

test('a pool that is started has its volumes read, one that is stopped has none', async () => {
  bed.inventory.watchPools(bed.id);
  bed.inventory.watchVolumes(bed.id, uuid(3));
  await settled();
  const [pool] = pools as [PoolListing];
  /** How many volumes there are after it. */
  const hear = async (event: 'started' | 'stopped') => {
    pools = [{ ...pool, active: event === 'started' }];
    tell({ type: 'pool', pool: { name: 'images', uuid: uuid(3) }, event });
    await bed.clock.advance(1000);
    return bed.connection.pools.items[0]?.volumes.items.length;
  };
  expect(await hear('stopped')).toBe(0);
  expect(await hear('started')).toBe(2);
});

test('what comes on the screen does not end the reading of all', async () => {
  volumes = Array.from({ length: 40 }, (_, at) => `volume-${at}`);
  bed.inventory.watchPools(bed.id);
  bed.inventory.watchVolumes(bed.id, uuid(3));
  await settled();
  const all = bed.inventory.readAllVolumes(bed.id, uuid(3));
  bed.inventory.wantVolumes(bed.id, uuid(3), ['volume-3']);
  expect((await all).every(({ xml }) => xml !== undefined)).toBe(true);
});

test('after the connection came back the lists are read anew', async () => {
  bed.inventory.watchNetworks(bed.id);
  await settled();
  networks = networks.slice(0, 1);
  await bed.inventory.disconnect(bed.id);
  expect(names()).toEqual(['default', 'lab']);
  await bed.connect();
  await settled();
  expect(names()).toEqual(['lab']);
});
