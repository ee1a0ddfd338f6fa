import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LibvirtError } from '../../../../source/libvirt/errors.js';
import type { StoragePools } from '../../../../source/libvirt/storage.js';
import { ConnectionPane } from '../../../../source/tui/screens/connection/connection-pane.js';
import { storageTab } from '../../../../source/tui/screens/storage/storage-tab.js';
import { oddNames } from '../../odd-names.js';
import { Bed, settle } from './bed.js';
import { fill, gib, pool, ready, setPools } from './world.js';

describe('the Storage tab', () => {
  let bed: Bed;
  let calls: string[];
  let failure: Error | undefined;

  const open = (options: ConstructorParameters<typeof Bed>[0] = {}) => {
    bed = new Bed(options, fill());
    calls = [];
    failure = undefined;
    const called =
      (name: string) =>
      async (...args: readonly unknown[]): Promise<unknown> => {
        const texts = args.map((one) =>
          typeof one === 'object' ? ((one as { name?: string }).name ?? JSON.stringify(one)) : one,
        );
        calls.push([name, ...texts].join(' '));
        if (failure !== undefined) throw failure;
        return { name: 'new', uuid: 'new' };
      };
    const names = ['start', 'stop', 'refresh', 'build', 'delete', 'undefine', 'setAutostart', 'define'];
    bed.inventory.hypervisor = {
      pools: Object.fromEntries(names.map((name) => [name, called(name)])) as unknown as StoragePools,
    };
    bed.panes.open(new ConnectionPane({ host: bed.host, connectionId: bed.connection.id }, [storageTab]));
  };

  beforeEach(() => {
    vi.useFakeTimers();
    open({ columns: 120, rows: 40 });
  });

  afterEach(() => {
    bed.dispose();
    vi.useRealTimers();
  });

  it('lists pools with state, type, how full they are, and path', () => {
    expect(bed.line('images')).toMatch(/images +running +yes +dir +█+░+ +25% +25 GiB \/ 100 GiB +\/images/);
    expect(bed.line('vg0')).toMatch(/vg0 +inactive +no +logical +\/vg0/);
    expect(bed.text).toMatch(/Capacity +100 GiB, 25 GiB used \(25 %\), 75 GiB free/);
  });

  it('watches the pools while it is in view', () => {
    expect(bed.inventory.calls).toContain('watch pools of c1');
    bed.press('escape');
    expect(bed.inventory.calls).toContain('unwatch pools of c1');
  });

  it('starts, switches autostart and refreshes without a question', async () => {
    bed.press('r', 'A', 'down', 's', 'A');
    await settle();
    expect(calls).toEqual([
      'refresh images',
      'setAutostart images false',
      'start vg0',
      'setAutostart vg0 true',
    ]);
    expect(bed.question).toBe('');
  });

  it('says why a key does not apply', () => {
    bed.press('s');
    expect(bed.text).toContain('pool images is already active');
    bed.press('B');
    expect(bed.text).toContain('stop it before it is built');
    expect(calls).toEqual([]);
  });

  it('stops after a question that names the pool', async () => {
    bed.press('d');
    expect(bed.question).toContain('Stop the pool images?');
    bed.press('n', 'd', 'y');
    await settle();
    expect(calls).toEqual(['stop images']);
  });

  it('deletes the definition only, or the storage after a second question', async () => {
    bed.press('D');
    expect(bed.menu).toMatch(/Delete the pool images\nNo, keep it/);
    bed.press('enter');
    expect(calls).toEqual([]);
    bed.press('D', 'down', 'enter');
    await settle();
    expect(calls).toEqual(['stop images', 'undefine images']);
    calls = [];
    bed.press('D', 'down', 'down', 'enter');
    await settle();
    expect(bed.question).toContain('/images is removed from the host');
    expect(calls).toEqual([]);
    bed.press('y');
    await settle();
    expect(calls).toEqual(['stop images', 'delete images', 'undefine images']);
  });

  it('says whose volumes go with the storage', async () => {
    const disk = `<disk device='disk'><source file='/images/iso.raw'/><target dev='vda'/></disk>`;
    bed.inventory.hypervisor = {
      pools: { list: async () => [] } as unknown as StoragePools,
      domainXml: async () => `<domain><devices>${disk}</devices></domain>`,
    };
    bed.press('D', 'down', 'down', 'enter');
    await settle();
    expect(bed.question).toContain('In use, and they break: domain web-1.');
  });

  it('keys that come together answer no question', async () => {
    bed.manager.pressTogether('D', 'down', 'enter');
    await settle();
    expect(calls).toEqual([]);
  });

  it('builds over what is there only after a second question', async () => {
    bed.press('down', 'B', 'down', 'enter');
    await settle();
    expect(calls).toEqual(['build vg0 {"overwrite":false}']);
    bed.press('B', 'down', 'down', 'enter');
    expect(bed.question).toContain('Everything on it is lost.');
    bed.press('y');
    await settle();
    expect(calls.at(-1)).toBe('build vg0 {"overwrite":true}');
  });

  it('tells what failed', async () => {
    failure = new LibvirtError({ kind: 'libvirt', message: 'cannot open volume group' });
    bed.press('down', 's');
    await settle();
    expect(bed.text).toContain('pool vg0: start failed: cannot open volume group');
  });

  it('says so where there are none, where they cannot be read, and where the driver has none', () => {
    setPools(bed.inventory, bed.connection, []);
    expect(bed.text).toContain('There is no storage pool.');
    const error = new LibvirtError({ kind: 'libvirt', message: 'access denied', hint: 'Ask an admin.' });
    bed.connection.pools = { state: 'failed', items: [], error };
    expect(bed.text).toMatch(/could not be read: access denied\n +Ask an admin\./);
    bed.connection.pools = { state: 'unsupported', items: [], error: undefined };
    expect(bed.text).toContain('This hypervisor has no storage pools.');
    bed.press('n');
    expect(bed.text).not.toContain('New storage pool');
  });

  it('does nothing to a host that is not connected', () => {
    bed.inventory.setStatus(bed.connection, { state: 'disconnected' });
    bed.press('r', 'd', 'D', 'n');
    expect(calls).toEqual([]);
    expect(bed.question + bed.menu).toBe('');
  });

  it('keeps the selection on its pool when others come', () => {
    bed.press('down');
    expect(bed.text).toMatch(/Pool +vg0/);
    const { items } = bed.connection.pools;
    setPools(bed.inventory, bed.connection, [pool('c1', 'aaa'), ...items]);
    expect(bed.text).toMatch(/Pool +vg0/);
  });

  it('opens the volumes', () => {
    bed.press('enter');
    expect(bed.text).toMatch(/^images +3 volumes/);
    bed.press('escape');
    expect(bed.text).toContain('[Storage]');
  });

  it.each([
    [80, 24],
    [120, 40],
    [240, 70],
    [40, 10],
  ])('fills %dx%d with whatever names, in ASCII as well', (columns, rows) => {
    for (const unicode of [true, false]) {
      bed.dispose();
      open({ columns, rows, capabilities: { unicode, colors: 0 } });
      const odd = oddNames.map((name, at) =>
        pool('c1', name, {
          uuid: `${at}`,
          path: '/x<&"',
          info: { state: at % 2 === 0 ? 'degraded' : 'running', capacity: gib, allocation: at, available: 0 },
        }),
      );
      setPools(bed.inventory, bed.connection, odd);
      bed.press('down', 'down');
      expect(bed.panes.lines().join('')).not.toContain('\u001b]0;');
      if (!unicode) expect(bed.text).toMatch(/^[\n\x20-\x7e]*$/);
      expect(bed.lines).toHaveLength(rows);
    }
  });

  it('shows state and name on the smallest screen', () => {
    bed.dispose();
    open({ columns: 40, rows: 10 });
    expect(bed.line('images')).toMatch(/images +running/);
    setPools(bed.inventory, bed.connection, [pool('c1', 'x', { pending: 'starting', volumes: ready([]) })]);
    expect(bed.line('x ')).toContain('starting…');
  });
});
