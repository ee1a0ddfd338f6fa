import { expect, it } from 'vitest';
import { requires } from '../support/requirements.js';
import { pairs, rows, VirshEvents, virshBed } from './lab-virsh-bed.js';

/** libvirt's own client and the storage pools and volumes of the lab. */

const bed = virshBed();
const images = '/var/lib/libvirt/images';
const pool = (name: string) => bed.lab.world.storage.findPool(name);
const mib = 1024 ** 2;
/** virsh pads them. */
async function poolNames(...filter: string[]): Promise<string[]> {
  return (await bed.virsh('pool-list', '--name', ...filter)).split(/\s+/).filter((name) => name !== '');
}

/** A new, empty pool of a test's own. */
async function ownPool(): Promise<void> {
  await bed.virsh('pool-create-as', 'own', 'dir', '--target', '/srv/own', '--build');
}

requires('libvirtd')('virsh sees pools', () => {
  it('in its lists, with their sizes', async () => {
    const listed = rows(await bed.virsh('pool-list', '--all', '--details'));
    expect(listed.map((row) => row.slice(0, 4))).toEqual([
      ['default', 'running', 'yes', 'yes'],
      ['isos', 'running', 'yes', 'yes'],
      ['nas', 'inactive', 'no', 'yes'],
    ]);
    expect(listed[2]?.slice(4)).toEqual(['-', '-', '-']);
    expect(await poolNames('--all', '--type', 'netfs')).toEqual(['nas']);
    expect(await poolNames('--type', 'dir,logical')).toEqual(['default', 'isos']);
    expect(await poolNames('--inactive')).toEqual(['nas']);
  });

  it('with their facts, which follow the volumes', async () => {
    const info = async () => pairs(await bed.virsh('pool-info', 'isos', '--bytes'), /:\s+/);
    const before = await info();
    expect(before).toMatchObject({ Name: 'isos', State: 'running', Persistent: 'yes', Autostart: 'yes' });
    await bed.virsh('vol-create-as', 'isos', 'more.img', '10M');
    const after = await info();
    expect(Number(after.Allocation) - Number(before.Allocation)).toBe(10 * mib);
    expect(Number(before.Available) - Number(after.Available)).toBe(10 * mib);
    expect(Number(after.Allocation) + Number(after.Available)).toBe(Number(after.Capacity));
    expect(pairs(await bed.virsh('pool-info', 'nas'), /:\s+/)).not.toHaveProperty('Capacity');
  });

  it('as XML, and by name, UUID and volume', async () => {
    const xml = await bed.virsh('pool-dumpxml', 'default');
    expect(xml).toMatch(/^<pool type='dir'>\n {2}<name>default<\/name>\n {2}<uuid>/);
    expect(xml).toContain(`<path>${images}</path>`);
    expect(await bed.virsh('pool-dumpxml', 'nas')).toContain("<host name='nas.example'/>");
    expect((await bed.virsh('pool-uuid', 'default')).trim()).toBe(pool('default').uuid);
    expect((await bed.virsh('pool-name', pool('nas').uuid)).trim()).toBe('nas');
    expect((await bed.virsh('vol-pool', `${images}/template.img`)).trim()).toBe('default');
  });

  it('and what sources there are', async () => {
    const found = await bed.virsh('find-storage-pool-sources-as', 'netfs', 'nas.example');
    expect(found).toContain("<dir path='/export/vm'/>");
    expect(await bed.virsh('find-storage-pool-sources', 'logical')).toContain('<name>vg0</name>');
    await expect(bed.virsh('find-storage-pool-sources', 'dir')).rejects.toThrow(
      "pool type 'dir' does not support source discovery",
    );
    await expect(bed.virsh('find-storage-pool-sources-as', 'netfs', 'other')).rejects.toThrow(
      "no storage pools were found on host 'other'",
    );
    await expect(bed.virsh('find-storage-pool-sources', 'netfs')).rejects.toThrow(
      'hostname must be specified for netfs sources',
    );
  });
});

requires('libvirtd')('virsh changes pools', () => {
  it('defines, builds, starts, stops, deletes and undefines one', async () => {
    await bed.virsh('pool-define-as', 'own', 'dir', '--target', '/srv/own');
    expect(pool('own')).toMatchObject({ active: false, persistent: true, autostart: false });
    await expect(bed.virsh('pool-start', 'own')).rejects.toThrow(
      "cannot open directory '/srv/own': No such file or directory",
    );
    await bed.virsh('pool-build', 'own');
    await bed.virsh('pool-start', 'own');
    await bed.virsh('pool-autostart', 'own');
    expect(pool('own')).toMatchObject({ active: true, autostart: true });
    await bed.virsh('pool-refresh', 'own');
    await bed.virsh('vol-create-as', 'own', 'a', '1M');
    await bed.virsh('pool-destroy', 'own');
    await expect(bed.virsh('pool-delete', 'own')).rejects.toThrow("failed to remove pool '/srv/own'");
    await bed.virsh('pool-start', 'own');
    expect(rows(await bed.virsh('vol-list', 'own'))).toEqual([['a', '/srv/own/a']]);
    await bed.virsh('vol-delete', 'a', '--pool', 'own');
    await bed.virsh('pool-destroy', 'own');
    await bed.virsh('pool-delete', 'own');
    await bed.virsh('pool-undefine', 'own');
    await expect(bed.virsh('pool-info', 'own')).rejects.toThrow(
      "Storage pool not found: no storage pool with matching name 'own'",
    );
  });

  it('creates a transient one, which is gone once it stops', async () => {
    await ownPool();
    expect(pool('own')).toMatchObject({ active: true, persistent: false });
    await expect(bed.virsh('pool-autostart', 'own')).rejects.toThrow('pool has no config file');
    await bed.virsh('pool-destroy', 'own');
    await expect(bed.virsh('pool-info', 'own')).rejects.toThrow('Storage pool not found');
  });

  it('mounts an export, and takes over a volume group', async () => {
    await bed.virsh('pool-start', 'nas');
    expect(rows(await bed.virsh('vol-list', 'nas')).map(([name]) => name)).toContain('backup-friday.qcow2');
    await bed.virsh('pool-define-as', 'lvm', 'logical', '--source-name', 'vg0', '--target', '/dev/vg0');
    await bed.virsh('pool-start', 'lvm');
    const [first] = rows(await bed.virsh('vol-list', 'lvm', '--details'));
    expect(first).toEqual(['scratch', '/dev/vg0/scratch', 'block', '40.00 GiB', '40.00 GiB']);
    const key = (await bed.virsh('vol-key', 'swap', '--pool', 'lvm')).trim();
    expect((await bed.virsh('vol-path', key)).trim()).toBe('/dev/vg0/swap');
    await expect(bed.virsh('vol-resize', 'swap', '9G', '--pool', 'lvm')).rejects.toThrow(
      'storage pool does not support changing of volume capacity',
    );
  });

  it.each([
    ['pool-start default', "Requested operation is not valid: storage pool 'default' is already active"],
    ['pool-build default', "storage pool 'default' is already active"],
    ['pool-destroy nas', "Requested operation is not valid: storage pool 'nas' is not active"],
    ['pool-refresh nas', "storage pool 'nas' is not active"],
    ['pool-undefine default', "storage pool 'default' is still active"],
    ['pool-delete default', "storage pool 'default' is still active"],
    ['vol-list nas', "storage pool 'nas' is not active"],
    [
      `pool-define-as two dir --target ${images}`,
      "operation failed: Storage source conflict with pool: 'default'",
    ],
    ['pool-define-as isos dir --target /srv/x', "pool 'isos' already exists with uuid"],
    ['pool-define-as x dir', 'XML error: missing storage pool target path'],
    ['pool-define-as x foo --target /srv/x', "Invalid value for attribute 'type' in element 'pool': 'foo'."],
    ['pool-define-as x/y dir --target /srv/x', "XML error: name x/y cannot contain '/'"],
    ['pool-define-as x netfs --target /srv/x', 'missing storage pool source host name'],
    ['pool-define-as x fs --target /srv/x', 'missing storage pool source device name'],
  ])('but not: %s', async (command, message) => {
    await expect(bed.virsh(...command.split(' '))).rejects.toThrow(message);
  });
});

requires('libvirtd')('virsh sees volumes', () => {
  it('the disks of the domains, and what they stand on', async () => {
    const listed = rows(await bed.virsh('vol-list', 'default', '--details'));
    const disks = [...bed.lab.world.domains.values()].flatMap(({ definition }) => definition.disks);
    for (const { source } of disks) expect(listed.map(([, path]) => path)).toContain(source);
    const [web] = bed.lab.world.domains.values();
    const [disk] = web!.definition.disks;
    const xml = await bed.virsh('vol-dumpxml', disk!.source!);
    const base = /<backingStore>\s+<path>(.*)<\/path>\s+<format type='qcow2'\/>/.exec(xml)?.[1] ?? '';
    expect(base).toMatch(/golden-.*\.qcow2$/);
    expect(await bed.virsh('vol-dumpxml', base)).toContain('<backingStore>');
    const [domainInfo] = rows(await bed.virsh('domblklist', web!.name));
    expect(domainInfo?.[1]).toBe(disk!.source);
    expect(await bed.virsh('dumpxml', web!.name)).toContain(`<source file='${base}'/>`);
  });

  it('one whose base is gone', async () => {
    const xml = await bed.virsh('vol-dumpxml', 'test-1.qcow2', '--pool', 'default');
    const base = /<backingStore>\s+<path>(.*)<\/path>/.exec(xml)?.[1] ?? '';
    await expect(bed.virsh('vol-info', base)).rejects.toThrow(`no storage vol with matching path '${base}'`);
  });

  it('by name, path and key, with their facts', async () => {
    const path = `${images}/template.img`;
    expect((await bed.virsh('vol-path', 'template.img', '--pool', 'default')).trim()).toBe(path);
    expect((await bed.virsh('vol-key', path)).trim()).toBe(path);
    expect((await bed.virsh('vol-name', path)).trim()).toBe('template.img');
    expect(pairs(await bed.virsh('vol-info', path), /:\s+/)).toEqual({
      Name: 'template.img',
      Type: 'file',
      Capacity: '64.00 MiB',
      Allocation: '16.00 MiB',
    });
    expect(await bed.virsh('vol-info', path, '--physical')).toMatch(/Physical:\s+64.00 MiB/);
    await expect(bed.virsh('vol-info', 'nothing', '--pool', 'default')).rejects.toThrow(
      "no storage vol with matching path 'nothing'",
    );
  });
});

requires('libvirtd')('virsh hears of pools', () => {
  it('what others do, in the order in which it happens', async () => {
    const lifecycle = new VirshEvents(bed, 'pool-event', '--event', 'lifecycle');
    const refresh = new VirshEvents(bed, 'pool-event', '--event', 'refresh', '--pool', 'default');
    await refresh.ready('refresh', () => bed.virsh('pool-refresh', 'default'));
    const isos = bed.file('isos.xml', await bed.virsh('pool-dumpxml', 'isos'));
    await lifecycle.ready('isos: Defined', () => bed.virsh('pool-define', isos));
    await bed.virsh('pool-define-as', 'own', 'dir', '--target', '/srv/own');
    for (const command of ['build', 'start', 'destroy', 'delete', 'undefine']) {
      await bed.virsh(`pool-${command}`, 'own');
    }
    await lifecycle.hears('own: Undefined');
    const heard = lifecycle.heard.filter((line) => line.includes('own:'));
    expect(heard.map((line) => line.replace(/.*own: /, ''))).toEqual([
      'Defined',
      'Created',
      'Started',
      'Stopped',
      'Deleted',
      'Undefined',
    ]);
    await lifecycle.end();
    await refresh.end();
  });
});
