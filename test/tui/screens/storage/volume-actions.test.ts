import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Volume } from '../../../../source/inventory/object-types.js';
import { LibvirtError } from '../../../../source/libvirt/errors.js';
import type { StoragePools, StorageVolumes, VolumeRef } from '../../../../source/libvirt/storage.js';
import { VolumesPane } from '../../../../source/tui/screens/storage/volumes-pane.js';
import { Bed, settle } from './bed.js';
import { fill, gib, setPools, volume } from './world.js';

describe('what is done to volumes', () => {
  let bed: Bed;
  let pools = 0;
  let calls: string[];
  let failure: Error | undefined;
  let release: (() => void) | undefined;
  let hold: boolean;
  /** Sources of the domains' disks, by name. */
  let disks: string[];

  const open = (volumes?: readonly Volume[], options: ConstructorParameters<typeof Bed>[0] = {}) => {
    bed = new Bed({ columns: 100, rows: 30, ...options }, fill(volumes));
    // Drafts of forms outlive a test; another pool has others.
    pools += 1;
    const { items } = bed.connection.pools;
    setPools(
      bed.inventory,
      bed.connection,
      items.map((one) => ({ ...one, uuid: `${one.uuid}-${pools}` })),
    );
    calls = [];
    failure = undefined;
    release = undefined;
    hold = false;
    disks = [];
    const called =
      (name: string) =>
      async (...args: readonly unknown[]): Promise<unknown> => {
        const { signal } = (args.at(-1) ?? {}) as { signal?: AbortSignal };
        const texts = args.flatMap((one) => {
          if (typeof one !== 'object') return [String(one)];
          const { name: own, signal: _, timeout: __, ...rest } = one as Record<string, unknown>;
          return own === undefined
            ? Object.keys(rest).length === 0
              ? []
              : [JSON.stringify(rest)]
            : [String(own)];
        });
        calls.push([name, ...texts].join(' ').replace(/\n */g, ''));
        if (failure !== undefined) throw failure;
        if (hold)
          await new Promise<void>((resolve, reject) => {
            release = resolve;
            signal?.addEventListener('abort', () => reject(new Error('aborted')));
          });
        return { capacity: gib };
      };
    const names = ['create', 'clone', 'resize', 'delete', 'wipe', 'info'];
    bed.inventory.hypervisor = {
      volumes: {
        ...Object.fromEntries(names.map((name) => [name, called(name)])),
        xml: async ({ name }: VolumeRef) => volume({ name }).xml,
        path: async ({ name }: VolumeRef) => `/images/${name}`,
      } as unknown as StorageVolumes,
      pools: {
        xml: async () => "<pool type='dir'><name>images</name></pool>",
      } as unknown as StoragePools,
      listDomains: async () => [
        { name: 'web-1', uuid: 'uuid-web-1', id: -1, autostart: false, persistent: true, managedSave: false },
      ],
      domainXml: async () => {
        const list = disks.map(
          (file) => `<disk device='disk'><source file='${file}'/><target dev='vda'/></disk>`,
        );
        return `<domain><devices>${list.join('')}</devices></domain>`;
      },
    };
    bed.panes.open(new VolumesPane({ host: bed.host, connectionId: 'c1', uuid: `uuid-images-${pools}` }));
    bed.lines;
  };
  /** The names come in this order: base.qcow2, iso.raw, web-1.qcow2. */
  const isoRaw = 'down';

  beforeEach(() => {
    vi.useFakeTimers();
    open();
  });

  afterEach(() => {
    bed.dispose();
    vi.useRealTimers();
  });

  describe('deleting', () => {
    it('asks, naming the volume', async () => {
      bed.press(isoRaw, 'D');
      await settle();
      expect(bed.question).toContain('Delete the volume iso.raw?');
      bed.press('enter');
      expect(calls).toEqual([]);
      bed.press('D');
      await settle();
      bed.press('y');
      await settle();
      expect(calls).toEqual(['delete iso.raw']);
      expect(bed.text).toContain('volume iso.raw: deleted');
    });

    it('is refused with the names while a domain uses it; a second choice forces it', async () => {
      disks = ['/images/iso.raw'];
      bed.press(isoRaw, 'D');
      await settle();
      expect(bed.question).toContain('iso.raw is in use\ndomain web-1 (vda)');
      bed.press('y');
      await settle();
      expect(calls).toEqual([]);
      expect(bed.menu).toContain('Delete iso.raw, which is in use\nNo, keep it');
      bed.press('enter');
      expect(calls).toEqual([]);
      bed.press('D');
      await settle();
      bed.press('y');
      await settle();
      bed.press('down', 'enter');
      await settle();
      expect(calls).toEqual(['delete iso.raw']);
    });

    it('is refused while another volume stands on it, with the domains that use that', async () => {
      disks = ['/images/web-1.qcow2'];
      bed.press('D');
      await settle();
      expect(bed.question).toContain('volume images/web-1.qcow2');
      expect(bed.question).toContain('domain web-1, by the volume web-1.qcow2');
    });

    it('is refused in whatever spelling its name is used', async () => {
      for (const backing of [
        '../images/base.qcow2',
        '//images/./base.qcow2',
        'json:{"file.filename":"/images/base.qcow2"}',
      ]) {
        bed.dispose();
        open([volume({ name: 'base.qcow2' }), volume({ name: 'over.qcow2', backing })]);
        bed.press('D');
        await settle();
        expect(bed.question).toContain('base.qcow2 is in use\nvolume images/over.qcow2');
      }
      bed.dispose();
      open();
      disks = ['/images/../images/iso.raw'];
      bed.press(isoRaw, 'D');
      await settle();
      expect(bed.question).toContain('iso.raw is in use\ndomain web-1 (vda)');
    });

    it('always looks anew', async () => {
      bed.press(isoRaw);
      await settle();
      disks = ['/images/iso.raw'];
      bed.press('D');
      await settle();
      expect(bed.question).toContain('iso.raw is in use');
    });

    it('holding a key down forces nothing', async () => {
      disks = ['/images/iso.raw'];
      bed.press(isoRaw, 'D');
      await settle();
      bed.manager.pressTogether('y', 'down', 'enter', 'y', 'enter');
      await settle();
      expect(calls).toEqual([]);
    });

    it('says what is not known', async () => {
      bed.inventory.hypervisor = {
        ...bed.inventory.hypervisor,
        domainXml: () => Promise.reject(new LibvirtError({ kind: 'libvirt', message: 'access denied' })),
      };
      bed.press(isoRaw, 'D');
      await settle();
      expect(bed.question).toContain('Whether these use it is not known: domain web-1.');
    });

    it('asks nothing once the person has gone on', async () => {
      bed.press(isoRaw, 'D', 'b');
      await settle();
      expect(bed.question).toBe('');
      expect(calls).toEqual([]);
    });

    it('tells what failed', async () => {
      failure = new LibvirtError({ kind: 'libvirt', message: 'in use by another process' });
      bed.press(isoRaw, 'D');
      await settle();
      bed.press('y');
      await settle();
      expect(bed.text).toContain('volume iso.raw: delete failed: in use by another process');
    });
  });

  describe('wiping', () => {
    it('asks for the algorithm, then for the volume, and is a task on a connection of its own', async () => {
      hold = true;
      bed.press(isoRaw, 'W');
      expect(bed.menu).toMatch(/^Wipe the volume iso\.raw\nNo, leave it as it is\nOverwrite with zero/);
      bed.press('down', 'enter');
      await settle();
      expect(bed.question).toContain('Wipe the volume iso.raw?');
      expect(calls).toEqual([]);
      bed.press('y');
      await settle();
      expect(calls).toEqual(['wipe iso.raw zero']);
      expect(bed.inventory.calls).toContain('open another c1');
      expect(bed.tasks.running[0]?.title).toBe('wipe iso.raw (zero)');
      release?.();
      await settle();
      expect(bed.tasks.tasks[0]?.state).toBe('done');
      expect(bed.inventory.calls).toContain('close c1');
      expect(bed.text).toContain('wipe iso.raw (zero): wiped with zero');
    });

    it('is refused for what is in use as deleting is', async () => {
      disks = ['/images/iso.raw'];
      bed.press(isoRaw, 'W', 'down', 'enter');
      await settle();
      expect(bed.question).toContain('They break if you wipe it.');
    });
  });

  describe('a new volume', () => {
    const button = ['shift-tab', 'shift-tab', 'enter'];

    it('is made of all that was entered', async () => {
      bed.press('n', '"disk.qcow2"', 'tab', 'tab', '"10 GiB"', 'tab', '"5G"', 'tab', '"base.qcow2"');
      expect(bed.text).toContain('<capacity unit="bytes">10737418240</capacity>');
      bed.press('tab', 'tab', 'tab', 'enter');
      await settle();
      expect(calls[0]).toContain('create images <volume><name>disk.qcow2</name>');
      expect(calls[0]).toContain('<allocation unit="bytes">5368709120</allocation>');
      expect(calls[0]).toContain('<format type="qcow2"/>');
      expect(calls[0]).toContain('<backingStore><path>/images/base.qcow2</path><format type="qcow2"/>');
      expect(bed.text).toContain('3 volumes');
    });

    it.each([
      ['a name with a slash', ['"a/b"', 'tab'], 'a name has no slash'],
      ['no name', ['tab'], 'give it a name'],
      ['a name that is taken', ['"iso.raw"', 'tab'], 'there is a volume iso.raw in images already'],
      ['a size that is none', ['a', 'tab', 'tab', '"10 XB"', 'tab'], '"XB" is no unit of size'],
      ['no size', ['a', 'tab', 'tab', 'tab'], 'give a size'],
      ['nothing as a size', ['a', 'tab', 'tab', '0', 'tab'], 'give more than nothing'],
      ['too much at once', ['a', 'tab', 'tab', '"1G"', 'tab', '"2G"', 'tab'], 'more than the capacity'],
      [
        'a base that is not there',
        ['a', 'tab', 'tab', '"1G"', 'tab', 'tab', '"nobody"', 'tab'],
        'there is no volume nobody in images',
      ],
      [
        'a format that stands on nothing',
        ['a', 'tab', 'right', 'tab', '"1G"', 'tab', 'tab', '"base.qcow2"', 'tab'],
        'raw stands on nothing: choose qcow2',
      ],
    ])('refuses %s at the field', async (_, keys, message) => {
      bed.press('n', ...keys);
      expect(bed.text).toContain(`! ${message}`);
      bed.press('escape', 'n', ...button);
      await settle();
      expect(calls).toEqual([]);
    });

    it('takes the capacity and the format of what it stands on', () => {
      bed.press('n', '"top.qcow2"', 'tab', 'tab', 'tab', 'tab', '"web-1.qcow2"');
      expect(bed.text).toContain('<capacity unit="bytes">21474836480</capacity>');
      expect(bed.text).toMatch(/<path>\/images\/web-1\.qcow2<\/path>\n +<format type="qcow2"\/>/);
    });

    it('tells that a domain writes to what it would stand on', async () => {
      disks = ['/images/web-1.qcow2'];
      for (const domain of bed.connection.domains.values()) domain.revision += 1;
      await vi.advanceTimersByTimeAsync(61_000);
      bed.lines;
      await settle();
      bed.press('n', '"top"', 'tab', 'tab', 'tab', 'tab', '"web-1.qcow2"');
      expect(bed.text).toContain('web-1 writes to it: what stands on it breaks');
    });

    it('keeps what was entered', () => {
      bed.press('n', '"half"', 'escape', 'n');
      expect(bed.text).toMatch(/Name +half/);
    });
  });

  describe('resizing', () => {
    it('grows at once', async () => {
      bed.press('z');
      expect(bed.text).toMatch(/Capacity +10G +now 10 GiB/);
      bed.press('ctrl-u', '"30G"', 'tab', 'enter');
      await settle();
      expect(bed.question).toBe('');
      expect(calls).toEqual(['resize base.qcow2 32212254720 {"shrink":false}']);
    });

    it('shrinks only after a question that warns', async () => {
      bed.press('z', 'ctrl-u', '"5G"', 'tab', 'enter');
      await settle();
      expect(bed.question).toContain('Shrink the volume base.qcow2?');
      expect(bed.question).toContain('In use, and they break: volume images/web-1.qcow2.');
      bed.press('n');
      await settle();
      expect(calls).toEqual([]);
      expect(bed.text).toContain('Nothing was changed.');
      bed.press('enter');
      await settle();
      bed.press('y');
      await settle();
      expect(calls).toEqual(['resize base.qcow2 5368709120 {"shrink":true}']);
    });

    it('refuses what is no size, or no other size', () => {
      bed.press('z', 'tab');
      expect(bed.text).toContain('! this is its capacity now');
      bed.press('shift-tab', 'ctrl-u', '"10 XB"', 'tab');
      expect(bed.text).toContain('! "XB" is no unit of size');
    });
  });

  describe('cloning', () => {
    it('is a task on a connection of its own', async () => {
      hold = true;
      bed.press('C');
      expect(bed.text).toMatch(/Name +base-clone\.qcow2/);
      bed.press('tab', 'tab', 'tab', 'enter');
      await settle();
      expect(calls[0]).toContain('clone images <volume type="file"><name>base-clone.qcow2</name>');
      expect(calls[0]).toMatch(/<\/volume> *base\.qcow2/);
      expect(bed.text).toContain('3 volumes');
      expect(bed.text).toContain('begun. J shows the tasks.');
      bed.tasks.cancel(1);
      await settle();
      expect(bed.tasks.tasks[0]).toMatchObject({ state: 'cancelled' });
      expect(bed.text).toContain('the host may go on with it');
      expect(bed.inventory.calls).toContain('close c1');
    });

    it('tells what failed, the hint included', async () => {
      failure = new LibvirtError({ kind: 'libvirt', message: 'no space left', hint: 'Make room.' });
      bed.press('C', 'tab', 'tab', 'tab', 'enter');
      await settle();
      expect(bed.text).toContain('failed: no space left');
      expect(bed.tasks.tasks[0]).toMatchObject({ state: 'failed', hint: 'Make room.' });
    });

    it('keeps what is read of it at that moment, also where the screen has read nothing', async () => {
      bed.dispose();
      open([volume({ name: 'dark.img', unread: true })]);
      bed.press('C', 'tab', 'tab', 'tab', 'enter');
      await settle();
      expect(calls[0]).toContain('<capacity unit="bytes">10737418240</capacity>');
      expect(calls[0]).toContain('<allocation unit="bytes">2147483648</allocation>');
    });

    it('of an overlay stands on the same volume, or on nothing by choice', async () => {
      bed.press('G', 'C');
      expect(bed.text).toMatch(/Stands on +base\.qcow2, as the original/);
      expect(bed.text).toContain('<backingStore>');
      bed.press('tab', 'tab', 'tab', 'right');
      expect(bed.text).toMatch(/Stands on +← nothing: the copy holds everything/);
      expect(bed.text).not.toContain('<backingStore>');
      bed.press('tab', 'enter');
      await settle();
      expect(calls[0]).toContain('clone images');
      expect(calls[0]).not.toContain('backingStore');
    });

    it('in a format that stands on nothing is flattened, or told at the field', () => {
      bed.press('G', 'C', 'tab', 'tab', 'right', 'tab', 'tab');
      expect(bed.text).toContain('! a copy as raw stands on nothing: let the copy hold everything');
    });
  });
});
