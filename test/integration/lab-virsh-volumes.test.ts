import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';
import { rows, virshBed } from './lab-virsh-bed.js';

/** libvirt's own client makes, changes and transfers volumes of the lab. */

const bed = virshBed();
const images = '/var/lib/libvirt/images';
const volume = (name: string, of = 'default') => bed.lab.world.storage.findPool(of).volumes.get(name);
const mib = 1024 ** 2;
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** Bytes that are not all the same, and the same at every run. */
const noise = (length: number) => Buffer.from(Array.from({ length }, (_, index) => (index * index) >>> 3));

/** A new, empty pool of a test's own. */
async function ownPool(): Promise<void> {
  await bed.virsh('pool-create-as', 'own', 'dir', '--target', '/srv/own', '--build');
}

requires('libvirtd')('virsh changes volumes', () => {
  const create = (name: string, ...args: string[]) => bed.virsh('vol-create-as', 'own', name, ...args);
  const own = (command: string, name: string, ...args: string[]) =>
    bed.virsh(command, name, ...args, '--pool', 'own');

  it('creates them in every way, over a base as well', async () => {
    await ownPool();
    await create('a', '10M', '--format', 'qcow2');
    await create('r', '10M', '--allocation', '2M');
    await create('b', '20M', '--format', 'qcow2', '--backing-vol', 'a', '--backing-vol-format', 'qcow2');
    const sizes = rows(await bed.virsh('vol-list', 'own', '--details')).map(([name, , , ...bytes]) => [
      name,
      ...bytes,
    ]);
    expect(sizes).toEqual([
      ['a', '10.00 MiB', '196.00 KiB'],
      ['b', '20.00 MiB', '196.00 KiB'],
      ['r', '10.00 MiB', '2.00 MiB'],
    ]);
    const xml = await own('vol-dumpxml', 'b');
    expect(xml).toMatch(/<physical unit='bytes'>196616<\/physical>/);
    expect(xml).toMatch(/<backingStore>\s+<path>\/srv\/own\/a<\/path>\s+<format type='qcow2'\/>/);
    const given = `<volume><name>c</name><capacity unit='GiB'>1</capacity><target><format type='qcow2'/></target>
      <backingStore><path>b</path><format type='qcow2'/></backingStore></volume>`;
    await bed.virsh('vol-create', 'own', bed.file('c.xml', given));
    expect(volume('c', 'own')).toMatchObject({ capacity: 1024 ** 3, backing: { path: '/srv/own/b' } });
  });

  it('clones them, with all that was written', async () => {
    await ownPool();
    const bytes = noise(300_000);
    await create('a', '1M');
    await own('vol-upload', 'a', bed.file('bytes', bytes));
    await own('vol-clone', 'a', 'copy');
    await own('vol-upload', 'a', bed.file('others', Buffer.alloc(300_000, 7)));
    const target = join(bed.folder, 'copy');
    await own('vol-download', 'copy', target);
    expect(sha(readFileSync(target).subarray(0, bytes.length))).toBe(sha(bytes));
    const into = '<volume><name>elsewhere</name><target><format type="qcow2"/></target></volume>';
    await bed.virsh('vol-create-from', 'isos', bed.file('into.xml', into), '/srv/own/copy');
    expect(volume('elsewhere', 'isos')).toMatchObject({ format: 'qcow2', capacity: mib });
    await expect(own('vol-clone', 'a', 'copy')).rejects.toThrow("storage volume name 'copy' already in use.");
  });

  it('resizes them by libvirt’s rules', async () => {
    await ownPool();
    await create('r', '10M', '--allocation', '2M');
    await create('q', '10M', '--format', 'qcow2');
    await expect(own('vol-resize', 'r', '5M')).rejects.toThrow(
      "Can't shrink capacity below current capacity unless shrink flag explicitly specified",
    );
    await own('vol-resize', 'r', '5M', '--shrink');
    await expect(own('vol-resize', 'r', '1M', '--shrink')).rejects.toThrow(
      "can't shrink capacity below existing allocation",
    );
    await own('vol-resize', 'r', '3M', '--delta');
    expect(volume('r', 'own')).toMatchObject({ capacity: 8 * mib, allocation: 2 * mib });
    await own('vol-resize', 'r', '9M', '--allocate');
    expect(volume('r', 'own')).toMatchObject({ capacity: 9 * mib, allocation: 9 * mib });
    await own('vol-resize', 'q', '20M');
    expect(await own('vol-info', 'q')).toMatch(/Capacity:\s+20.00 MiB/);
    await expect(own('vol-resize', 'q', '21M', '--allocate')).rejects.toThrow(
      'preallocate is only supported for raw type volume',
    );
    await expect(own('vol-resize', 'r', '100T', '--allocate')).rejects.toThrow('Not enough space left');
  });

  it('resizes a domain’s disk, and the domain sees it', async () => {
    const [domain] = bed.lab.world.domains.values();
    const [disk] = domain!.definition.disks;
    await bed.virsh('vol-resize', disk!.source!, '50G');
    expect(await bed.virsh('domblkinfo', domain!.name, disk!.target)).toContain(String(50 * 1024 ** 3));
    const copy = (await bed.virsh('dumpxml', '--inactive', domain!.name))
      .replace(/<uuid>.*<\/uuid>/, '')
      .replace(/<name>.*<\/name>/, '<name>copy</name>');
    await bed.virsh('define', bed.file('copy.xml', copy));
    expect(await bed.virsh('domblkinfo', 'copy', disk!.target)).toContain(String(50 * 1024 ** 3));
  });

  it('wipes and deletes them', async () => {
    await ownPool();
    await create('q', '10M', '--format', 'qcow2');
    await create('r', '1M');
    await own('vol-upload', 'r', bed.file('bytes', noise(1000)));
    await own('vol-wipe', 'r');
    const target = join(bed.folder, 'wiped');
    await own('vol-download', 'r', target);
    expect(sha(readFileSync(target))).toBe(sha(Buffer.alloc(mib)));
    expect(volume('r', 'own')).toMatchObject({ format: 'raw', allocation: mib });
    await own('vol-wipe', 'q', '--algorithm', 'random');
    expect(volume('q', 'own')).toMatchObject({ format: 'raw', capacity: 196_616 });
    await expect(own('vol-wipe', 'r', '--algorithm', 'trim')).rejects.toThrow(
      "'trim' algorithm not supported",
    );
    await own('vol-delete', 'q');
    await own('vol-delete', 'r');
    expect(rows(await bed.virsh('vol-list', 'own'))).toEqual([]);
    expect(bed.lab.world.storage.store.used).toBe(0);
  });

  it.each([
    [['template.img', '1M'], "storage volume 'template.img' exists already"],
    [['x/y', '1M'], "volume name 'x/y' cannot contain '/'"],
    [['x', '1M', '--format', 'foo'], 'unsupported configuration: unknown volume format type foo'],
    [
      ['x', '1M', '--format', 'raw', '--backing-vol', 'template.img'],
      'backing storage not supported for raw volumes',
    ],
    [['x', '900T'], 'No space left on device'],
  ])('but does not create %j', async (args, message) => {
    await expect(bed.virsh('vol-create-as', 'default', ...args)).rejects.toThrow(message);
  });
});

requires('libvirtd')('virsh transfers volumes', () => {
  it('up and down again, whole and in part', async () => {
    await ownPool();
    const bytes = noise(700_001);
    const file = bed.file('bytes', bytes);
    await bed.virsh('vol-create-as', 'own', 'a', '2M');
    await bed.virsh('vol-upload', 'a', file, '--pool', 'own', '--offset', '1000');
    const target = join(bed.folder, 'back');
    await bed.virsh('vol-download', 'a', target, '--pool', 'own', '--offset', '1000', '--length', '700001');
    expect(sha(readFileSync(target))).toBe(sha(bytes));
    await bed.virsh('vol-download', 'a', target, '--pool', 'own');
    expect(statSync(target).size).toBe(2 * mib);
    await expect(bed.virsh('vol-upload', 'a', file, '--pool', 'own', '--length', '500000')).rejects.toThrow(
      'cannot write to stream: No space left on device',
    );
  });

  it('the same bytes of a generated volume every time', async () => {
    const download = async (name: string) => {
      const target = join(bed.folder, name);
      await bed.virsh('vol-download', '/var/lib/libvirt/isos/seed.iso', target);
      return readFileSync(target);
    };
    const first = await download('one');
    expect(first.length).toBe(366 * 1024);
    expect(sha(await download('two'))).toBe(sha(first));
  });

  it('with their holes', async () => {
    const [whole, sparse] = [join(bed.folder, 'whole'), join(bed.folder, 'sparse')];
    await bed.virsh('vol-download', `${images}/template.img`, whole);
    await bed.virsh('vol-download', `${images}/template.img`, sparse, '--sparse');
    expect(sha(readFileSync(sparse))).toBe(sha(readFileSync(whole)));
    expect(statSync(sparse).blocks * 512).toBeLessThan(20 * mib);
    await ownPool();
    await bed.virsh('vol-create-as', 'own', 'a', '64M', '--allocation', '0');
    await bed.virsh('vol-upload', 'a', sparse, '--pool', 'own', '--sparse');
    expect(volume('a', 'own')).toMatchObject({ capacity: 64 * mib, allocation: 16 * mib });
    await bed.virsh('vol-download', 'a', whole, '--pool', 'own');
    expect(sha(readFileSync(whole))).toBe(sha(readFileSync(sparse)));
  });

  it('an image, which is then known for what it is', async () => {
    await ownPool();
    const image = join(bed.folder, 'image.qcow2');
    const base = ['-b', '/srv/own/base', '-F', 'raw', '-u'];
    await runProcess('qemu-img', ['create', '-f', 'qcow2', ...base, image, '3G']);
    await bed.virsh('vol-create-as', 'own', 'a', '1M');
    await bed.virsh('vol-upload', 'a', image, '--pool', 'own');
    expect(volume('a', 'own')).toMatchObject({
      format: 'qcow2',
      capacity: 3 * 1024 ** 3,
      backing: { path: '/srv/own/base', format: 'raw' },
    });
  });

  it('out of the lab, for qemu-img to read', async () => {
    await ownPool();
    await bed.virsh('vol-create-as', 'own', 'a', '1G');
    const overlay = ['--format', 'qcow2', '--backing-vol', 'a', '--backing-vol-format', 'raw'];
    await bed.virsh('vol-create-as', 'own', 'q', '3G', ...overlay);
    const image = join(bed.folder, 'made.qcow2');
    await bed.virsh('vol-download', 'q', image, '--pool', 'own');
    const { stdout } = await runProcess('qemu-img', ['info', '--output', 'json', image]);
    expect(JSON.parse(stdout)).toMatchObject({
      format: 'qcow2',
      'virtual-size': 3 * 1024 ** 3,
      'backing-filename': '/srv/own/a',
      'backing-filename-format': 'raw',
    });
    await bed.virsh('vol-create-as', 'own', 'alone', '700G', '--format', 'qcow2');
    await bed.virsh('vol-download', 'alone', image, '--pool', 'own');
    expect((await runProcess('qemu-img', ['check', image])).stdout).toContain('No errors were found');
  });

  it('and is told when the host fails in the middle', async () => {
    const template = `${images}/template.img`;
    const target = join(bed.folder, 'cut');
    const procedure = 'STORAGE_VOL_DOWNLOAD';
    bed.lab.faults.set([{ fault: 'error', procedure, every: 4, code: 38, message: 'the disk broke' }]);
    await expect(bed.virsh('vol-download', template, target)).rejects.toThrow('the disk broke');
    bed.lab.faults.set([{ fault: 'drop', procedure, every: 4 }]);
    await expect(bed.virsh('vol-download', template, target)).rejects.toThrow(
      'cannot receive data from volume',
    );
    bed.lab.faults.set([
      { fault: 'error', procedure: 'STORAGE_VOL_UPLOAD', every: 3, code: 38, message: 'full' },
    ]);
    const file = bed.file('large', Buffer.alloc(4 * mib, 1));
    await expect(bed.virsh('vol-upload', template, file)).rejects.toThrow('full');
  });
});
