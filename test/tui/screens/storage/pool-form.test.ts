import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LibvirtError } from '../../../../source/libvirt/errors.js';
import type { StoragePools } from '../../../../source/libvirt/storage.js';
import { poolTypes } from '../../../../source/libvirt/xml/pool-xml.js';
import { FormPane } from '../../../../source/tui/kit/form/form-pane.js';
import { poolForm } from '../../../../source/tui/screens/storage/pool-form.js';
import { Bed, settle } from './bed.js';
import { fill } from './world.js';

describe('the form of a new pool', () => {
  let bed: Bed;
  let calls: string[];
  let failing: string | undefined;
  let sources: string | LibvirtError;
  let drafts = 0;

  const open = (options: ConstructorParameters<typeof Bed>[0] = {}) => {
    bed = new Bed({ columns: 100, rows: 40, ...options }, fill());
    calls = [];
    failing = undefined;
    sources = '<sources/>';
    const called =
      (name: string) =>
      async (...args: readonly unknown[]): Promise<unknown> => {
        const texts = args.filter((one) => typeof one === 'string' || typeof one === 'boolean');
        calls.push([name, ...texts].join(' ').replace(/\n */g, ''));
        if (failing === name) throw new LibvirtError({ kind: 'libvirt', message: `${name} is not possible` });
        return { name: 'new', uuid: 'new' };
      };
    const names = ['define', 'build', 'start', 'stop', 'undefine', 'setAutostart'];
    bed.inventory.hypervisor = {
      pools: {
        ...Object.fromEntries(names.map((name) => [name, called(name)])),
        findSources: async (type: string, source?: string) => {
          calls.push(['find', type, source ?? ''].join(' ').replace(/\n */g, '').trim());
          if (sources instanceof Error) throw sources;
          return sources;
        },
      } as unknown as StoragePools,
    };
    const form = poolForm(bed.host, 'c1', bed.connection.pools.items);
    drafts += 1;
    bed.panes.open(new FormPane({ ...bed.host, form: { ...form, id: `pool form ${drafts}` } }));
  };
  const type = (name: (typeof poolTypes)[number]) =>
    Array.from({ length: poolTypes.indexOf(name) }, () => 'right');

  beforeEach(() => {
    vi.useFakeTimers();
    open();
  });

  afterEach(() => {
    bed.dispose();
    vi.useRealTimers();
  });

  it('defines, starts and sets autostart', async () => {
    bed.press('"vm"', 'tab', 'tab', '"/srv/vm"', 'tab', 'tab', 'tab', 'tab', 'enter');
    await settle();
    expect(calls).toEqual([
      'define <pool type="dir"><name>vm</name><target><path>/srv/vm</path></target></pool>',
      'start',
      'setAutostart true',
    ]);
    expect(bed.panes.top()).toBeUndefined();
  });

  it('leaves no half pool behind, and stays open with the reason', async () => {
    failing = 'start';
    bed.press('"vm"', 'tab', 'tab', '"/srv/vm"', 'tab', ' ', 'tab', 'tab', 'tab', 'enter');
    await settle();
    expect(calls.slice(1)).toEqual(['build', 'start', 'stop', 'undefine']);
    expect(bed.text).toContain('Error: pool vm: create failed: start is not possible');
  });

  it.each(poolTypes)('has the fields of a pool of type %s, and says what is missing', async (name) => {
    bed.press('"vm"', 'tab', ...type(name), 'shift-tab', 'shift-tab', 'shift-tab', 'enter');
    await settle();
    expect(calls).toEqual([]);
    expect(bed.text).toContain('! give');
    expect(bed.text).toContain(`<pool type="${name}">`);
  });

  it.each([
    ['a name with a slash', ['"a/b"', 'tab'], 'a name has no slash'],
    ['a name that is taken', ['"images"', 'tab'], 'there is a pool images already'],
    ['a path that is none', ['a', 'tab', 'tab', '"srv"', 'tab'], 'a path on the host begins with a slash'],
    [
      'the place of another pool',
      ['a', 'tab', 'tab', '"/images"', 'tab'],
      'this is the place of the pool images',
    ],
  ])('refuses %s at the field', (_, keys, message) => {
    bed.press(...keys);
    expect(bed.text).toContain(`! ${message}`);
  });

  it('finds the exports of a server, once it is asked to', async () => {
    sources = `<sources><source><host name='nas'/><dir path='/export/vm'/><format type='nfs'/></source>
      <source><host name='nas'/><dir path='/export/iso'/><format type='nfs'/></source></sources>`;
    bed.press('"vm"', 'tab', ...type('netfs'), 'tab', '"nas"', 'tab');
    expect(bed.text).toMatch(/Exported path/);
    expect(calls).toEqual([]);
    bed.press('right');
    await settle();
    expect(calls).toEqual(['find netfs <source><host name="nas"/></source>']);
    expect(bed.text).toContain('2 found');
    bed.press('right', 'right');
    expect(bed.text).toContain('/export/iso  nfs');
    expect(bed.text).not.toMatch(/Exported path/);
    bed.press('tab', '"/mnt/iso"', 'tab', 'tab', 'tab', 'tab', 'enter');
    await settle();
    expect(calls[1]).toBe(
      'define <pool type="netfs"><name>vm</name><source><host name="nas"/><dir path="/export/iso"/><format type="nfs"/></source><target><path>/mnt/iso</path></target></pool>',
    );
  });

  it('asks for no server at every key that is typed', async () => {
    bed.press('"vm"', 'tab', ...type('netfs'), 'tab', '"nas"', 'tab', 'right');
    await settle();
    bed.press('shift-tab', '"2.example"');
    bed.text;
    await settle();
    expect(calls).toHaveLength(1);
    expect(bed.text).toContain('enter the server first, then choose this again');
  });

  it('finds volume groups without a server', async () => {
    sources =
      "<sources><source><device path='/dev/sdb'/><name>vg0</name><format type='lvm2'/></source></sources>";
    bed.press('"vm"', 'tab', ...type('logical'), 'tab', 'right');
    await settle();
    bed.press('right');
    expect(bed.text).toContain('<name>vg0</name>');
    expect(bed.text).toContain('<path>/dev/vg0</path>');
  });

  it('says why nothing was found, and looks again when it is asked again', async () => {
    sources = new LibvirtError({ kind: 'libvirt', message: 'no route to host' });
    bed.press('"vm"', 'tab', ...type('iscsi'), 'tab', '"nas"', 'tab', 'right', 'tab');
    await settle();
    expect(bed.text).toContain('! nothing was found: no route to host');
    bed.press('shift-tab', 'left');
    bed.text;
    bed.press('right');
    await settle();
    expect(calls).toHaveLength(2);
  });

  it.each([
    [80, 24],
    [120, 40],
    [40, 10],
  ])('fits %dx%d', (columns, rows) => {
    bed.dispose();
    open({ columns, rows, capabilities: { unicode: false, colors: 0 } });
    bed.press('"vm"', 'tab', ...type('netfs'));
    expect(bed.lines).toHaveLength(rows);
    expect(bed.text).toMatch(/^[\n\x20-\x7e]*$/);
  });
});
