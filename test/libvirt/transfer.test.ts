import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Lab } from '../../source/lab/lab.js';
import { openLab } from '../../source/lab/open.js';
import type { StreamItem } from '../../source/libvirt/byte-stream.js';
import type { Hypervisor } from '../../source/libvirt/hypervisor.js';
import type { PoolRef } from '../../source/libvirt/storage.js';
import { Fingerprint, Sha256 } from '../../source/libvirt/transfer/digest.js';
import { fullHere } from '../../source/libvirt/transfer/full-disk.js';
import { isOneHole } from '../../source/libvirt/transfer/upload.js';
import {
  downloadVolume,
  RateMeter,
  resumeUpload,
  type TransferPace,
  UploadJournal,
  uploadFile,
  uploadsFolder,
} from '../../source/libvirt/transfer.js';
import { volumeXml } from '../../source/libvirt/xml/volume-xml.js';
import { stillLab } from '../lab/bed.js';
import { temporaryDirectories } from '../settings/temporary.js';

const mib = 1024 * 1024;
const temporary = temporaryDirectories();
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const upload = 'STORAGE_VOL_UPLOAD';
const download = 'STORAGE_VOL_DOWNLOAD';

/** A lab, a connection to it, and a file here: data, a hole, data, a hole that ends in the middle of a block. */
async function bed() {
  const { lab } = stillLab();
  const folder = await temporary();
  const path = join(folder, 'file');
  const parts = [
    randomBytes(3 * mib + 17),
    Buffer.alloc(4 * mib),
    randomBytes(3 * mib),
    Buffer.alloc(mib + 5),
  ];
  const contents = Buffer.concat(parts);
  await writeFile(path, contents);
  const hypervisor = await openLab(lab);
  const pool = await hypervisor.pools.lookup('default');
  const notes = new UploadJournal(join(folder, 'notes'));
  const journal = { notes, uri: 'qemu:///system', volume: 'new' };
  const xml = volumeXml({ name: 'new', capacity: contents.length, allocation: 0, format: 'raw' });
  return { lab, folder, path, contents, hypervisor, pool, notes, journal, xml };
}

const made = async (lab: Lab, hypervisor: Hypervisor, pool: PoolRef) =>
  lab.world.storage.volumeOf(await hypervisor.volumes.lookup(pool, 'new')).volume.contents;

const notesIn = (folder: string) => readdir(join(folder, 'notes'));

/** Where nothing is left of an upload: no volume, no note. */
async function nothingLeft({ hypervisor, pool, folder }: Awaited<ReturnType<typeof bed>>) {
  await expect(hypervisor.volumes.lookup(pool, 'new')).rejects.toThrow('no storage vol');
  expect(await notesIn(folder)).toEqual([]);
}

describe('an upload', () => {
  it('is the file, its holes not sent, confirmed in pieces, and leaves no note', async () => {
    const one = await bed();
    const { lab, path, contents, hypervisor, pool, journal, xml, folder } = one;
    const sent = hypervisor.metrics.bytesSent;
    const counts: (readonly [number, number | undefined, boolean])[] = [];
    const progress = (at: number, total?: number, checking = false) => counts.push([at, total, checking]);
    const result = await uploadFile(hypervisor, pool, path, { xml, journal, confirmEvery: 0, progress });
    expect(result).toEqual({ size: contents.length, sha256: sha(contents) });
    expect((await made(lab, hypervisor, pool)).read(0, contents.length).equals(contents)).toBe(true);
    expect(hypervisor.metrics.bytesSent - sent).toBeLessThan(9 * mib);
    // Sent, then read back, each from nothing to all of it.
    for (const checking of [false, true]) {
      const part = counts.filter((count) => count[2] === checking);
      expect(part[0]).toEqual([0, contents.length, checking]);
      expect(part.at(-1)).toEqual([contents.length, contents.length, checking]);
      expect(part.every(([bytes], at) => bytes >= (part[at - 1]?.[0] ?? 0))).toBe(true);
    }
    expect(await notesIn(folder)).toEqual([]);
  });

  it('is not read back where nobody wants that', async () => {
    const { path, contents, hypervisor, pool, xml } = await bed();
    const before = hypervisor.metrics.bytesReceived;
    await uploadFile(hypervisor, pool, path, { xml, verify: false });
    expect(hypervisor.metrics.bytesReceived - before).toBeLessThan(contents.length / 10);
  });

  it('fails when it reads back differently, and is taken away', async () => {
    const one = await bed();
    const { lab, path, hypervisor, pool, journal, xml } = one;
    lab.faults.set([{ fault: 'truncate', procedure: download, every: 3, times: 1 }]);
    const uploading = uploadFile(hypervisor, pool, path, { xml, journal });
    await expect(uploading).rejects.toThrow('reads back differently');
    await nothingLeft(one);
  });

  it('is taken away when the host refuses the rest, and when it is cancelled', async () => {
    const one = await bed();
    const { lab, path, hypervisor, pool, journal, xml } = one;
    lab.faults.set([{ fault: 'error', procedure: upload, every: 9, code: 38, message: 'the disk is gone' }]);
    await expect(uploadFile(hypervisor, pool, path, { xml, journal })).rejects.toThrow('the disk is gone');
    await nothingLeft(one);
    lab.faults.clear();
    const abort = new AbortController();
    const progress = (bytes: number) => bytes > 5 * mib && abort.abort(new Error('enough'));
    const cancelled = uploadFile(hypervisor, pool, path, { xml, journal, progress, signal: abort.signal });
    await expect(cancelled).rejects.toThrow('enough');
    await nothingLeft(one);
  });

  it('fails when the file changes under it', async () => {
    const one = await bed();
    const { path, hypervisor, pool, journal, xml } = one;
    let touched = Promise.resolve();
    const progress = (bytes: number) => {
      if (bytes === mib) touched = utimes(path, 1, 1);
    };
    const uploading = uploadFile(hypervisor, pool, path, { xml, journal, progress });
    await expect(uploading).rejects.toThrow('the file has changed while it was read');
    await touched;
    await nothingLeft(one);
  });

  it('does not begin where the volume is too small', async () => {
    const one = await bed();
    const { path, hypervisor, pool, journal } = one;
    const xml = volumeXml({ name: 'new', capacity: mib, allocation: 0, format: 'raw' });
    const uploading = uploadFile(hypervisor, pool, path, { xml, journal });
    await expect(uploading).rejects.toThrow(/the file has \d+ bytes, the volume new would hold 1048576/);
    await expect(hypervisor.volumes.lookup(pool, 'new')).rejects.toThrow('no storage vol');
  });
});

describe('an upload whose connection is lost', () => {
  /** Cut after some packets: the first pieces are confirmed, the rest is not. */
  async function cut(packets: number) {
    const one = await bed();
    const { lab, path, hypervisor, pool, journal, xml } = one;
    lab.faults.set([{ fault: 'drop', procedure: upload, every: packets }]);
    const uploading = uploadFile(hypervisor, pool, path, { xml, journal, confirmEvery: 0 });
    await expect(uploading).rejects.toMatchObject({
      message: expect.stringContaining('the volume new of the pool default is incomplete'),
      hint: expect.stringContaining('--resume'),
    });
    lab.faults.clear();
    const again = await openLab(lab);
    const record = await one.notes.find(pool, 'new');
    if (record === undefined) throw new Error('there is no note');
    return { ...one, again, record, volume: await again.volumes.lookup(pool, 'new') };
  }

  it('is noted with what is confirmed, and goes on from there', async () => {
    const { lab, path, contents, again, record, volume, pool, notes, folder } = await cut(12);
    expect(record).toEqual({
      uri: 'qemu:///system',
      pool: { name: 'default', uuid: pool.uuid },
      volume: 'new',
      path,
      size: contents.length,
      confirmed: mib,
      mtime: (await stat(path)).mtimeMs,
    });
    const [name = ''] = await notesIn(folder);
    expect((await stat(join(folder, 'notes', name))).mode & 0o777).toBe(0o600);
    expect([...(await notes.of(pool)).keys()]).toEqual(['new']);
    const counts: number[] = [];
    const progress = (bytes: number) => counts.push(bytes);
    const result = await resumeUpload(again, volume, path, record, { notes, progress });
    expect(result).toEqual({ size: contents.length, sha256: sha(contents) });
    expect(counts[0]).toBe(mib);
    expect((await made(lab, again, pool)).read(0, contents.length).equals(contents)).toBe(true);
    expect(await notesIn(folder)).toEqual([]);
  });

  it('says that its volume may be there, and can be gone on with, where its creation was not answered', async () => {
    const { lab, path, hypervisor, pool, journal, xml, folder } = await bed();
    lab.faults.set([{ fault: 'drop', procedure: 'STORAGE_VOL_CREATE_XML' }]);
    await expect(uploadFile(hypervisor, pool, path, { xml, journal })).rejects.toMatchObject({
      message: expect.stringContaining('perhaps the volume new is there, incomplete'),
      hint: expect.stringContaining('--resume'),
    });
    expect(await notesIn(folder)).toHaveLength(1);
  });

  it('does not go on with another file', async () => {
    const { path, again, record, volume, notes, folder } = await cut(12);
    await utimes(path, 1, 1);
    const resuming = resumeUpload(again, volume, path, record, { notes });
    await expect(resuming).rejects.toThrow('the file is not what it was');
    expect(await notesIn(folder)).toHaveLength(1);
  });

  it('stays as it is when going on fails too, and is sent whole when what was confirmed is not there', async () => {
    const { lab, path, contents, again, record, volume, notes, pool, folder } = await cut(12);
    lab.faults.set([{ fault: 'error', procedure: upload, every: 9, code: 38, message: 'the disk is gone' }]);
    const failing = resumeUpload(again, volume, path, record, { notes });
    await expect(failing).rejects.toThrow(
      'the disk is gone; the volume new of the pool default is incomplete',
    );
    expect(await notesIn(folder)).toHaveLength(1);
    lab.faults.clear();
    // As after a crash of the host: what it had confirmed never reached its disk.
    (await made(lab, again, pool)).write(100, Buffer.alloc(1000));
    const different = resumeUpload(again, volume, path, record, { notes });
    await expect(different).rejects.toThrow('reads back differently; the volume new');
    const later = await notes.find(pool, 'new');
    expect(later?.confirmed).toBe(0);
    if (later === undefined) return;
    await resumeUpload(again, volume, path, later, { notes });
    expect((await made(lab, again, pool)).read(0, contents.length).equals(contents)).toBe(true);
  });

  it('keeps its note when somebody begins it anew and may not', async () => {
    const { path, again, record, notes, pool, xml, journal } = await cut(12);
    await expect(uploadFile(again, pool, path, { xml, journal })).rejects.toThrow('exists already');
    expect(await notes.find(pool, 'new')).toEqual(record);
  });

  it('is an upload as any other where notes cannot be written', async () => {
    const { lab, folder, path, hypervisor, pool, journal, xml } = await bed();
    const notes = new UploadJournal(join(path, 'not-a-folder'));
    lab.faults.set([{ fault: 'drop', procedure: upload, every: 12 }]);
    await expect(
      uploadFile(hypervisor, pool, path, {
        xml,
        journal: { ...journal, notes },
        byHand: ({ name }) => `remove ${name}`,
      }),
    ).rejects.toMatchObject({ hint: 'It could not be removed. Delete it: remove new' });
    expect(await readdir(folder)).toEqual(['file']);
  });
});

describe('a download', () => {
  async function uploaded() {
    const one = await bed();
    await uploadFile(one.hypervisor, one.pool, one.path, { xml: one.xml, verify: false });
    const volume = await one.hypervisor.volumes.lookup(one.pool, 'new');
    return { ...one, volume, target: join(one.folder, 'back') };
  }

  it('is the volume, its holes not written, and can be compared once more', async () => {
    const { hypervisor, volume, target, contents } = await uploaded();
    const counts: number[] = [];
    const result = await downloadVolume(hypervisor, volume, target, {
      verify: true,
      progress: (bytes) => counts.push(bytes),
    });
    expect(result).toEqual({ size: contents.length, sha256: sha(contents) });
    expect((await readFile(target)).equals(contents)).toBe(true);
    expect((await stat(target)).blocks * 512).toBeLessThan(9 * mib);
    expect(counts.at(-1)).toBe(contents.length);
  });

  it('notices that fewer bytes came than there are', async () => {
    const { lab, hypervisor, volume, target, folder } = await uploaded();
    lab.faults.set([{ fault: 'truncate', procedure: download, every: 3, times: 1 }]);
    const downloading = downloadVolume(hypervisor, volume, target);
    await expect(downloading).rejects.toThrow(/the host sent \d+ bytes of \d+/);
    expect(await readdir(folder)).not.toContain('back.part');
  });

  it('keeps its part if told so, and goes on with it', async () => {
    const { lab, hypervisor, volume, target, contents } = await uploaded();
    lab.faults.set([{ fault: 'drop', procedure: download, every: 9 }]);
    await expect(downloadVolume(hypervisor, volume, target, { keepPart: true })).rejects.toThrow();
    await expect(stat(target)).rejects.toThrow('ENOENT');
    const begun = (await stat(`${target}.part`)).size;
    expect(begun).toBeGreaterThan(0);
    lab.faults.clear();
    const again = await openLab(lab);
    const counts: number[] = [];
    const progress = (bytes: number) => counts.push(bytes);
    const result = await downloadVolume(again, volume, target, { resume: true, progress });
    expect(result).toEqual({ size: contents.length, sha256: sha(contents) });
    expect(counts[0]).toBe(begun);
    expect((await readFile(target)).equals(contents)).toBe(true);
    await expect(stat(`${target}.part`)).rejects.toThrow('ENOENT');
  });

  it('does not go on with a part of something else, and leaves it', async () => {
    const { hypervisor, volume, target } = await uploaded();
    await writeFile(`${target}.part`, randomBytes(2 * mib));
    const resuming = downloadVolume(hypervisor, volume, target, { resume: true });
    await expect(resuming).rejects.toThrow('not of this volume');
    expect((await stat(`${target}.part`)).size).toBe(2 * mib);
  });

  it('begins where there is nothing to go on with', async () => {
    const { hypervisor, volume, target, contents } = await uploaded();
    await downloadVolume(hypervisor, volume, target, { resume: true });
    expect((await readFile(target)).equals(contents)).toBe(true);
  });
});

describe('contents of nearly nothing but holes', () => {
  it('go up, are read back and come down at once, without a SHA-256 of zeros that nobody would wait for', async () => {
    const { hypervisor, pool, folder } = await bed();
    const path = join(folder, 'empty');
    const size = 300 * 1024 * mib;
    await writeFile(path, '');
    await truncate(path, size);
    const xml = volumeXml({ name: 'new', capacity: size, allocation: 0, format: 'raw' });
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    expect(await uploadFile(hypervisor, pool, path, { xml })).toEqual({ size, sha256: undefined });
    const volume = await hypervisor.volumes.lookup(pool, 'new');
    const target = join(folder, 'back');
    expect(await downloadVolume(hypervisor, volume, target, { verify: true })).toEqual({
      size,
      sha256: undefined,
    });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    const { size: length, blocks } = await stat(target);
    expect([length, blocks]).toEqual([size, 0]);
  });

  it.each([
    ['ext4', 0xef53, 0, 1 * mib, true],
    ['ext4, with data', 0xef53, 8, 1 * mib, false],
    ['ext4, so short that the inode may hold it', 0xef53, 0, 4096, false],
    ['ZFS, which counts blocks only once they are on the disk', 0x2fc12fc1, 0, 1 * mib, false],
    ['FUSE, which may count none at all', 0x65735546, 0, 1 * mib, false],
  ])(
    'are told from data by their blocks only where those can be believed: %s',
    (_, type, blocks, size, is) => {
      expect(isOneHole({ blocks, size }, type)).toBe(is);
    },
  );

  it('have the SHA-256 of all their zeros where there are not too many', async () => {
    const sha256 = new Sha256();
    await sha256.add({ data: Buffer.from('a') });
    await sha256.add({ hole: 20 * mib + 1 });
    expect(sha256.digest()).toBe(sha(Buffer.concat([Buffer.from('a'), Buffer.alloc(20 * mib + 1)])));
  });

  it('can be given up in the middle of a hole', async () => {
    const abort = new AbortController();
    const hashing = new Sha256().add({ hole: 2 * 1024 * mib }, abort.signal);
    setImmediate(() => abort.abort(new Error('enough')));
    await expect(hashing).rejects.toThrow('enough');
  });
});

describe('a fingerprint', () => {
  const of = (...items: StreamItem[]) => {
    const fingerprint = new Fingerprint();
    for (const item of items) fingerprint.add(item);
    return fingerprint.digest();
  };
  const data = (length: number, fill = 0): StreamItem => ({ data: Buffer.alloc(length, fill) });

  it('is the same however zeros are sent, and in whatever pieces', () => {
    const whole = of(data(70_000, 1), data(200_000), data(5, 2), data(100_000));
    expect(of(data(69_999, 1), data(1, 1), { hole: 200_000 }, data(5, 2), { hole: 99_999 }, data(1))).toBe(
      whole,
    );
    expect(of(data(70_000, 1), { hole: 10 }, data(199_990), data(5, 2), { hole: 100_000 })).toBe(whole);
  });

  it('is another where a byte, a place or the length is another', () => {
    const one = of(data(70_000, 1), { hole: 200_000 }, data(5, 2));
    const others = [
      of(data(70_000, 1), { hole: 200_001 }, data(5, 2)),
      of(data(70_000, 1), { hole: 200_000 }, data(5, 3)),
      of(data(70_000, 1), { hole: 200_000 }, data(5, 2), { hole: 1 }),
      of({ hole: 200_000 }, data(70_000, 1), data(5, 2)),
    ];
    expect(new Set([one, ...others]).size).toBe(5);
  });
});

describe('a host that sends more than the volume has', () => {
  const endless = (item: StreamItem) => ({
    async *[Symbol.asyncIterator]() {
      for (;;) yield item;
    },
    finish: async () => {},
    abort: async () => {},
  });

  it.each([
    ['data', { data: Buffer.alloc(mib, 7) }],
    ['a hole of 2^62', { hole: 2 ** 62 }],
  ] as const)('is not listened to any longer: %s', async (_, item) => {
    const { hypervisor, pool, path, xml, folder } = await bed();
    await uploadFile(hypervisor, pool, path, { xml, verify: false });
    const volume = await hypervisor.volumes.lookup(pool, 'new');
    const hostile = {
      volumes: { xml: () => hypervisor.volumes.xml(volume), download: async () => endless(item) },
    } as unknown as Hypervisor;
    const downloading = downloadVolume(hostile, volume, join(folder, 'back'));
    await expect(downloading).rejects.toThrow(/the host sends more than the \d+ bytes/);
    expect(await readdir(folder)).not.toContain('back.part');
  });
});

describe('a disk that is full', () => {
  it('there is told where what was sent reads back differently', async () => {
    const one = await bed();
    const { lab, path, hypervisor, pool, journal, xml } = one;
    lab.faults.set([{ fault: 'truncate', procedure: download, every: 3, times: 1 }]);
    const info = hypervisor.pools.info.bind(hypervisor.pools);
    hypervisor.pools.info = async (...args) => ({ ...(await info(...args)), available: 4096 });
    const uploading = uploadFile(hypervisor, pool, path, { xml, journal });
    await expect(uploading).rejects.toMatchObject({
      message: 'the storage pool default is full: not all of new could be written',
    });
    await nothingLeft(one);
  });

  it('here is told in words, with its place', () => {
    const error = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(fullHere(error, '/tmp/x.part')?.message).toBe('the disk of this machine is full, at /tmp/x.part');
    expect(fullHere(new Error('else'), '/tmp/x.part')).toBeUndefined();
  });
});

describe('the pace', () => {
  it('tells rate and remaining time, what was there before not counted', () => {
    const paces: TransferPace[] = [];
    let now = 5000;
    const meter = new RateMeter();
    const progress = (bytes: number, total: number) => paces.push(meter.at(now, bytes, total));
    progress(600, 1000);
    for (const bytes of [650, 700, 750]) {
      now += 500;
      progress(bytes, 1000);
    }
    expect(paces[0]).toEqual({ bytes: 600, total: 1000, rate: undefined, eta: undefined, checking: false });
    expect(paces.at(-1)).toEqual({ bytes: 750, total: 1000, rate: 100, eta: 2500, checking: false });
    now += 10_000;
    progress(750, 1000);
    expect(paces.at(-1)?.rate).toBeLessThan(10);
  });
});

describe('notes', () => {
  it.each([
    [{ XDG_STATE_HOME: '/s', HOME: '/h' }, '/s/virtdeck/uploads'],
    [{ XDG_STATE_HOME: 's', HOME: '/h' }, '/h/.local/state/virtdeck/uploads'],
    [{ HOME: '/h' }, '/h/.local/state/virtdeck/uploads'],
  ])('%j', (env, folder) => {
    expect(uploadsFolder(env)).toBe(folder);
  });

  it('that are none are not read', async () => {
    const folder = await temporary();
    const pool = { name: 'p', uuid: '0b1d3b4e-0000-4000-8000-000000000001' };
    const notes = new UploadJournal(folder);
    const record = { uri: 'u', pool, volume: 'v', path: '/f', size: 5, confirmed: 2, mtime: 1 };
    await notes.write(record);
    const [name = ''] = await readdir(folder);
    for (const text of ['', '{', 'null', '[]', JSON.stringify({ ...record, confirmed: 9 })]) {
      await writeFile(join(folder, name), text);
      expect(await notes.find(pool, 'v')).toBeUndefined();
      expect((await notes.of(pool)).size).toBe(0);
    }
  });
});
