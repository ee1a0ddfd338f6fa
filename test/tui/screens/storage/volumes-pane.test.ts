import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Volume } from '../../../../source/inventory/object-types.js';
import { LibvirtError } from '../../../../source/libvirt/errors.js';
import { VolumesPane } from '../../../../source/tui/screens/storage/volumes-pane.js';
import { oddNames } from '../../odd-names.js';
import { Bed, settle } from './bed.js';
import { fill, gib, pool, ready, setPools, volume } from './world.js';

describe('the volumes of a pool', () => {
  let bed: Bed;

  const open = (options: ConstructorParameters<typeof Bed>[0] = {}, volumes?: readonly Volume[]) => {
    bed = new Bed(options, fill(volumes));
    bed.inventory.hypervisor = {
      domainXml: async ({ name }) =>
        `<domain><devices><disk device='disk'><source file='/images/${name}.qcow2'/><target dev='vda'/></disk></devices></domain>`,
    };
    bed.panes.open(new VolumesPane({ host: bed.host, connectionId: 'c1', uuid: 'uuid-images' }));
  };
  /** The names in their order on the screen. */
  const names = (): string[] =>
    bed.lines.slice(3, -2).flatMap((line) => /^ {2}(\S+\.\S+)/.exec(line)?.slice(1) ?? []);

  beforeEach(() => {
    vi.useFakeTimers();
    open({ columns: 120, rows: 40 });
  });

  afterEach(() => {
    bed.dispose();
    vi.useRealTimers();
  });

  it('lists name, format, sizes, backing file and who uses it', async () => {
    await settle();
    expect(bed.line('web-1.qcow2')).toMatch(/web-1\.qcow2 +qcow2 +20 GiB +2 GiB +base\.qcow2 +web-1 *$/);
    expect(names()).toEqual(['base.qcow2', 'iso.raw', 'web-1.qcow2']);
    bed.press('G');
    expect(bed.text).toMatch(/Backing +\/images\/base\.qcow2 +qcow2\nUsed by +web-1 \(vda\)/);
  });

  it('watches pool and volumes until it is closed', () => {
    expect(bed.inventory.calls).toContain('watch volumes of c1 uuid-images');
    bed.press('escape');
    expect(bed.inventory.calls).toContain('unwatch volumes of c1 uuid-images');
    expect(bed.inventory.calls).toContain('unwatch pools of c1');
  });

  it('filters by name; Esc clears the filter before it goes back', () => {
    bed.press('/', '"WEB"');
    expect(names()).toEqual(['web-1.qcow2']);
    expect(bed.text).toContain('1 of 3 volumes');
    bed.press('enter');
    expect(bed.line('images')).toContain('/WEB');
    bed.press('escape');
    expect(names()).toHaveLength(3);
    bed.press('escape');
    expect(bed.panes.top()).toBeUndefined();
  });

  it('letters are text while the filter is typed', () => {
    bed.press('/', '"qDW:?"');
    expect(bed.question).toBe('');
    expect(bed.text).toContain('/ qDW:?');
    expect(bed.text).toContain('No name matches.');
    bed.press('escape');
    expect(names()).toHaveLength(3);
  });

  it('sorts by each column both ways, what shows no value last', () => {
    bed.press('o', 'o');
    expect(bed.lines[2]).toMatch(/FORMAT +▲ CAPACITY/);
    expect(names()).toEqual(['iso.raw', 'base.qcow2', 'web-1.qcow2']);
    bed.press('O');
    expect(bed.lines[2]).toMatch(/▼ CAPACITY/);
    expect(names()).toEqual(['web-1.qcow2', 'base.qcow2', 'iso.raw']);
    bed.press('o', 'o');
    expect(bed.lines[2]).toContain('BACKING ▲');
    expect(names()[0]).toBe('web-1.qcow2');
    bed.press('O');
    expect(names()[0]).toBe('web-1.qcow2');
  });

  it('asks for the descriptions of what is drawn, and for nothing else', () => {
    bed.dispose();
    const many = Array.from({ length: 1000 }, (_, at) => volume({ name: `disk-${at}.img`, unread: true }));
    open({ columns: 80, rows: 24 }, many);
    expect(bed.text).toContain('disk-0.img');
    expect(bed.inventory.wantedVolumes).toHaveLength(12);
    bed.press('G');
    expect(bed.text).toContain('disk-999.img');
    expect(bed.inventory.wantedVolumes).toContain('disk-999.img');
    expect(bed.inventory.wantedVolumes).toHaveLength(12);
    expect(bed.line('disk-999.img')).toContain('…');
    bed.press('o');
    expect(bed.inventory.calls).not.toContain('read all volumes of uuid-images');
    expect(bed.text).toContain('1000 of 1000 volumes are not read. R reads them all.');
    bed.press('R');
    expect(bed.inventory.calls).toContain('read all volumes of uuid-images');
  });

  it('reads the rest of a small pool by itself when rows are sorted by what it says', () => {
    bed.dispose();
    open({ columns: 80, rows: 24 }, [volume({ name: 'a.img', unread: true })]);
    bed.press('o');
    expect(bed.inventory.calls).toContain('read all volumes of uuid-images');
  });

  it('10,000 volumes list, filter and sort without a stall', () => {
    bed.dispose();
    const many = Array.from({ length: 10_000 }, (_, at) =>
      volume({ name: `disk-${at}.img`, capacity: (at % 100) * gib }),
    );
    open({ columns: 120, rows: 40 }, many);
    const timed = (what: () => void): number => {
      const start = performance.now();
      what();
      return performance.now() - start;
    };
    bed.lines;
    const keys = [...'disk-99'].map((key) => timed(() => bed.press(key === 'd' ? '/' : '', key)));
    expect(Math.max(...keys)).toBeLessThan(100);
    expect(bed.text).toContain('111 of 10000 volumes');
    bed.press('escape');
    const moves = ['G', 'g', 'pagedown', 'down', 'down'].map((key) => timed(() => bed.press(key)));
    expect(Math.max(...moves)).toBeLessThan(50);
    // One description that comes in makes a new list with the same names.
    const refreshed = timed(() => {
      const [first, ...rest] = many;
      const changed = [{ ...(first as Volume) }, ...rest];
      setPools(bed.inventory, bed.connection, [pool('c1', 'images', { volumes: ready(changed) })]);
      bed.lines;
    });
    expect(refreshed).toBeLessThan(50);
  });

  it('reads descriptions for sorting bit by bit, and is right in the end', async () => {
    bed.dispose();
    const many = Array.from({ length: 1000 }, (_, at) =>
      volume({ name: `disk-${at}.img`, capacity: (1000 - at) * gib }),
    );
    open({ columns: 120, rows: 40 }, many);
    bed.press('o', 'o');
    for (let round = 0; round < 5; round += 1) await settle();
    bed.press('g');
    expect(names()[0]).toBe('disk-999.img');
  });

  it('keeps the selection on its volume through sorting and refreshes', () => {
    bed.press('G');
    expect(bed.text).toMatch(/Volume +web-1\.qcow2/);
    bed.press('o', 'o', 'O');
    expect(bed.text).toMatch(/Volume +web-1\.qcow2/);
    const volumes = ready([volume({ name: 'aaa.img' }), volume({ name: 'web-1.qcow2' })]);
    setPools(bed.inventory, bed.connection, [pool('c1', 'images', { volumes })]);
    expect(bed.text).toMatch(/Volume +web-1\.qcow2/);
  });

  it('selects what was made, once it is there', async () => {
    bed.inventory.hypervisor = { volumes: { create: async () => ({}) } as never };
    bed.press('n', '"new.img"', 'tab', 'tab', '"1G"', 'tab', 'tab', 'tab', 'tab', 'enter');
    await settle();
    const volumes = ready(['a.img', 'new.img', 'z.img'].map((name) => volume({ name })));
    setPools(bed.inventory, bed.connection, [pool('c1', 'images', { volumes })]);
    expect(bed.text).toMatch(/Volume +new\.img/);
  });

  it('says why there are none, why one could not be read, and that the pool is off', () => {
    const show = (patch: Parameters<typeof pool>[2]) =>
      setPools(bed.inventory, bed.connection, [pool('c1', 'images', patch)]);
    show({ volumes: ready([]) });
    expect(bed.text).toContain('There is no volume. n makes one, u uploads one.');
    const error = new LibvirtError({ kind: 'libvirt', message: 'pool is gone' });
    show({ volumes: { state: 'failed', items: [], error } });
    expect(bed.text).toContain('The volumes could not be read: pool is gone');
    show({ volumes: ready([{ ...volume({ name: 'bad.img', unread: true }), error }]) });
    expect(bed.text).toMatch(/Error +pool is gone/);
    show({ volumes: ready([]), active: false });
    expect(bed.text).toContain('The pool is inactive: its volumes are not known.');
    bed.press('n');
    expect(bed.text).toContain('start it first');
  });

  it('closes when its pool is gone', () => {
    setPools(bed.inventory, bed.connection, []);
    bed.panes.redraw();
    expect(bed.panes.top()).toBeUndefined();
  });

  it('refreshes the pool', async () => {
    const refreshed = vi.fn(async () => {});
    bed.inventory.hypervisor = { pools: { refresh: refreshed } as never };
    bed.press('r');
    await settle();
    expect(refreshed).toHaveBeenCalled();
    expect(bed.text).toContain('pool images: refreshed');
  });

  it('opens the details and the XML of a volume', () => {
    bed.press('G', 'enter');
    expect(bed.text).toMatch(/^web-1\.qcow2 +in images/);
    expect(bed.text).toContain('<capacity unit=');
    bed.press('pagedown', 'escape');
    expect(bed.text).toContain('3 volumes');
  });

  it.each([
    [80, 24],
    [120, 40],
    [240, 70],
    [40, 10],
  ])('fills %dx%d with whatever names, in ASCII as well', async (columns, rows) => {
    for (const unicode of [true, false]) {
      bed.dispose();
      const odd = oddNames.map((name) =>
        volume({ name, backing: `/images/${name}`.replace(/[^ -~]/g, '?'), broken: true }),
      );
      open({ columns, rows, capabilities: { unicode, colors: 0 } }, odd);
      for (const keys of [['down'], ['o'], ['/', 'e'], ['escape'], ['enter'], ['escape'], ['b'], ['down']]) {
        bed.press(...keys);
        await settle();
        expect(bed.lines).toHaveLength(rows);
        if (!unicode) expect(bed.text).toMatch(/^[\n\x20-\x7e]*$/);
      }
    }
  });

  it('shows name and capacity on the smallest screen', () => {
    bed.dispose();
    open({ columns: 40, rows: 10 });
    expect(bed.line('web-1.qcow2')).toMatch(/web-1\.qcow2 +qcow2 +20 GiB/);
  });
});
