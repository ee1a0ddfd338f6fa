import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Inventory } from '../../source/inventory/inventory.js';
import type { Connection, InventoryState } from '../../source/inventory/types.js';
import { createLab, type Lab } from '../../source/lab/lab.js';
import { labOpener, openLab } from '../../source/lab/open.js';
import type { Fault } from '../../source/lab/server/faults.js';
import { LibvirtError } from '../../source/libvirt/errors.js';

/** The inventory on a host that fails in every way the lab knows: shown, survived, and no list wrong after. */
describe('a host that fails', () => {
  let lab: Lab;
  let inventory: Inventory;
  let id: string;

  beforeEach(async () => {
    lab = createLab({ seed: 3, domains: 40 });
    const open = labOpener(() => lab);
    inventory = new Inventory({
      open: (uri, hooks) => open(uri, { ...hooks, events: true, keepalive: true }),
      interval: 200,
      random: () => 0,
    });
    id = inventory.add({ uri: 'lab:///' });
    inventory.connect(id);
    await until((connection) => connection.status.state === 'connected' && connection.domains.size === 40);
  });

  afterEach(async () => {
    await inventory.dispose();
    lab.close();
  });

  /** Resolves with the connection as soon as it is as wanted, by the inventory's own notifications. */
  function until(wanted: (connection: Connection, state: InventoryState) => boolean): Promise<Connection> {
    return new Promise((resolve) => {
      const look = (state: InventoryState) => {
        const connection = state.connections[0];
        if (connection === undefined || !wanted(connection, state)) return;
        stop();
        resolve(connection);
      };
      const stop = inventory.store.subscribe(look);
      look(inventory.store.getState());
    });
  }

  /** What the host itself says, over a connection of the test's own. */
  async function truth(): Promise<string[]> {
    const hypervisor = await openLab(lab);
    const stats = await hypervisor.domainStats(['state']);
    await hypervisor.close();
    return stats.map(({ uuid, name, state }) => `${uuid} ${name} ${state}`).sort();
  }

  const shown = (connection: Connection) =>
    [...connection.domains.values()].map(({ uuid, name, state }) => `${uuid} ${name} ${state}`).sort();

  const isLost = (connection: Connection) => connection.status.state === 'reconnecting';
  const isStale = (connection: Connection) => connection.stale;
  const stats = 'CONNECT_GET_ALL_DOMAIN_STATS';

  const cases: readonly [string, Fault, (connection: Connection, state: InventoryState) => boolean][] = [
    ['drops the connection in the middle of a reply', { fault: 'drop', procedure: stats }, isLost],
    ['sends bytes that are no frame', { fault: 'garbage', procedure: stats }, isLost],
    ['claims a frame longer than any may be', { fault: 'oversize', procedure: stats }, isLost],
    ['cuts a reply short in a whole frame', { fault: 'truncate', procedure: stats }, isStale],
    [
      'refuses the statistics',
      { fault: 'error', procedure: stats, code: 38, message: 'out of order' },
      isStale,
    ],
    ['takes a second for the statistics', { fault: 'slow', procedure: stats, milliseconds: 1000 }, isStale],
    [
      'refuses the list',
      { fault: 'error', procedure: 'CONNECT_LIST_ALL_DOMAINS', code: 1 },
      (connection) => connection.domains.size === 40,
    ],
  ];

  it.each(cases)('%s: it shows, it heals, and the list is right', async (_, fault, shows) => {
    lab.faults.set([fault]);
    const during = await until(shows);
    expect(during.domains.size).toBe(40);
    // What other people do meanwhile is found when the fault has ended.
    lab.faults.clear();
    await startOne();
    const healed = await until((connection) => connection.status.state === 'connected' && !connection.stale);
    const expected = await truth();
    await until((connection) => shown(connection).join() === expected.join());
    expect(shown(healed)).toEqual(await truth());
  });

  /** Somebody else starts a domain. */
  async function startOne(): Promise<void> {
    const hypervisor = await openLab(lab);
    const off = (await hypervisor.listDomains()).find(({ id: number }) => number < 0);
    if (off) await hypervisor.start(off);
    await hypervisor.close();
  }

  it('is restarted while others change domains', async () => {
    lab.restart({ down: 0.5, changes: 5 });
    await until(isLost);
    await until((connection) => connection.status.state === 'connected');
    const expected = await truth();
    await until((connection) => shown(connection).join() === expected.join());
  });

  it('refuses connections for a while after it dropped one', async () => {
    lab.refuse(2);
    lab.faults.set([{ fault: 'drop', procedure: stats, times: 1 }]);
    const lost = await until(isLost);
    expect(lost.status.state === 'reconnecting' && lost.status.error).toBeInstanceOf(LibvirtError);
    await until((connection) => connection.status.state === 'connected');
  });

  it('goes silent: values become stale, keepalive notices, and it comes back', async () => {
    lab.faults.set([{ fault: 'silent' }]);
    await until(isStale);
    await until(isLost);
    lab.faults.clear();
    await until((connection) => connection.status.state === 'connected' && !connection.stale);
  }, 60_000);

  it('a slow host delays no other', async () => {
    lab.faults.set([{ fault: 'silent' }]);
    const second = createLab({ seed: 4, domains: 10 });
    const both = new Inventory({
      open: (uri, hooks) => openLab(uri === 'lab://slow/' ? lab : second, { ...hooks, events: true }),
      interval: 200,
    });
    try {
      both.connect(both.add({ uri: 'lab://slow/' }));
      const quick = both.add({ uri: 'lab://quick/' });
      both.connect(quick);
      await new Promise<void>((resolve) => {
        const stop = both.store.subscribe(() => {
          if (both.connection(quick)?.status.state !== 'connected') return;
          stop();
          resolve();
        });
      });
      expect(both.connection(quick)?.domains.size).toBe(10);
    } finally {
      await both.dispose();
      second.close();
    }
  });
});
