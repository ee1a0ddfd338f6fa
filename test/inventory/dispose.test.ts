import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { LibvirtError } from '../../source/libvirt/errors.js';
import { Bed, settled } from './bed.js';
import { uuid } from './fake-host.js';

const away = new LibvirtError({ kind: 'closed', message: 'connection refused' });

let answerNetworks: () => void = () => {};
const lateNetworks = () =>
  new Promise((resolve) => {
    answerNetworks = () => resolve([]);
  });

describe('a connection that is given up leaves no timer and no listener behind', () => {
  const phases: Readonly<Record<string, (bed: Bed) => Promise<void>>> = {
    'at work, and looked at': async (bed) => {
      await bed.connect();
      bed.inventory.lookClosely(bed.id, bed.domain('ada').uuid);
      bed.inventory.watchNetworks(bed.id);
      bed.inventory.watchPools(bed.id);
      await bed.clock.advance(20_000);
    },
    'while its first list is awaited': async (bed) => {
      bed.host.hold('listDomains');
      await bed.connect();
    },
    'while its networks are read': readingNetworks,
    'while its networks are read, and change': async (bed) => {
      await readingNetworks(bed);
      answerNetworks();
      await settled();
      bed.host.emit({ type: 'network', network: { name: 'default', uuid: uuid(9) }, event: 'started' });
    },
    'while statistics are awaited': async (bed) => {
      await bed.connect();
      bed.host.hold('domainStats');
      await bed.clock.advance(3000);
    },
    'while details of a domain are awaited': async (bed) => {
      await bed.connect();
      bed.host.hold('domainXml');
      bed.inventory.watchDomain(bed.id, bed.domain('ada').uuid);
      await settled();
    },
    'while an action is awaited': async (bed) => {
      await bed.connect();
      void bed.inventory.act(bed.id, bed.domain('ada').uuid, 'shutdown');
      await settled();
    },
    'in the middle of events': async (bed) => {
      const ada = await connected(bed);
      for (let count = 0; count < 3; count += 1) bed.host.tell(ada, 'started', 'booted');
    },
    'lost, and waiting for its next try': async (bed) => {
      await bed.connect();
      bed.host.link.die();
      await settled();
    },
  };

  it.each(Object.entries(phases))('%s', async (_, reach) => {
    const bed = new Bed();
    bed.host.addRunning('ada');
    await reach(bed);
    await bed.inventory.dispose();
    expect(bed.clock.timers).toBe(0);
    // Nor does an answer that comes too late bring any back.
    answerNetworks();
    for (const method of ['listDomains', 'domainStats', 'domainXml'] as const) bed.host.release(method);
    await settled();
    expect(bed.clock.timers).toBe(0);
    expect(bed.host.connections.map(({ listeners }) => listeners)).toEqual(bed.host.connections.map(() => 0));
  });
});

it('a host that stays away for days has one listener waiting for the end, however often it was tried', async () => {
  let signal: AbortSignal | undefined;
  let tries = 0;
  const bed = new Bed({
    open: async (_uri, hooks) => {
      signal = hooks.signal;
      tries += 1;
      throw away;
    },
  });
  await bed.connect();
  await bed.clock.advance(3_600_000);
  expect(tries).toBeGreaterThan(100);
  expect(getEventListeners(signal as AbortSignal, 'abort')).toHaveLength(1);
  await bed.inventory.dispose();
  expect(getEventListeners(signal as AbortSignal, 'abort')).toHaveLength(0);
  expect(bed.clock.timers).toBe(0);
});

async function connected(bed: Bed) {
  const ada = [...bed.host.domains.values()][0];
  await bed.connect();
  if (ada === undefined) throw new Error('there is no domain');
  return ada;
}

async function readingNetworks(bed: Bed): Promise<void> {
  const open = bed.host.open.bind(bed.host);
  bed.host.open = () => Object.assign(open(), { networks: { list: lateNetworks } });
  await bed.connect();
  bed.inventory.watchNetworks(bed.id);
  await settled();
}
