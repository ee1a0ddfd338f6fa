import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Hypervisor } from '../../source/libvirt/hypervisor.js';
import { openHypervisor } from '../../source/libvirt/open.js';
import type { PoolRef, VolumeRef } from '../../source/libvirt/storage.js';
import { downloadVolume, resumeUpload, UploadJournal, uploadFile } from '../../source/libvirt/transfer.js';
import { poolXml } from '../../source/libvirt/xml/pool-xml.js';
import { volumeXml } from '../../source/libvirt/xml/volume-xml.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { requires } from '../support/requirements.js';

const mib = 1024 * 1024;

requires('libvirtd', 'qemu')('files into and out of the pools of a real libvirtd', () => {
  let daemon: PrivateLibvirtd;
  let hypervisor: Hypervisor;
  let pool: PoolRef;
  let poolPath: string;
  let folder: string;
  let count = 0;

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'files' });
    hypervisor = await reopen();
    poolPath = join(daemon.folder, 'pool');
    pool = await hypervisor.pools.define(poolXml({ name: 'files', type: 'dir', path: poolPath }));
    await hypervisor.pools.build(pool);
    await hypervisor.pools.start(pool);
    folder = await mkdtemp(join(tmpdir(), 'virtdeck-test-'));
  });

  afterAll(async () => {
    await hypervisor?.close();
    await daemon?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    count += 1;
  });

  const reopen = () => openHypervisor(daemon.qemuUri, { keepalive: true });
  const definition = (capacity: number) =>
    volumeXml({ name: `file-${count}`, capacity, allocation: 0, format: 'raw' });
  const names = async () => (await hypervisor.volumes.list(pool)).map(({ name }) => name);

  /** A file with data at both ends and a hole between them. */
  async function sparseFile(size: number): Promise<string> {
    const path = join(folder, `source-${count}`);
    const file = await open(path, 'w');
    await file.write(randomBytes(mib + 17), 0, mib + 17, 0);
    await file.write(randomBytes(mib), 0, mib, size - mib);
    await file.close();
    return path;
  }

  it('goes there and back byte for byte, holes as holes, with the checksum of both', async () => {
    const size = 48 * mib + 5;
    const path = await sparseFile(size);
    const contents = await readFile(path);
    const progress: number[] = [];
    const sent = await uploadFile(hypervisor, pool, path, {
      xml: definition(size),
      progress: (bytes) => progress.push(bytes),
    });
    expect(sent).toEqual({ size, sha256: createHash('sha256').update(contents).digest('hex') });
    expect(progress.at(-1)).toBe(size);
    expect(Buffer.compare(await readFile(join(poolPath, `file-${count}`)), contents)).toBe(0);
    expect((await stat(join(poolPath, `file-${count}`))).blocks * 512).toBeLessThan(8 * mib);

    const target = join(folder, 'back');
    const volume = await hypervisor.volumes.lookup(pool, `file-${count}`);
    const received = await downloadVolume(hypervisor, volume, target);
    expect(received).toEqual(sent);
    expect(Buffer.compare(await readFile(target), contents)).toBe(0);
    expect((await stat(target)).blocks * 512).toBeLessThan(8 * mib);
    expect((await stat(target)).mode & 0o777).toBe(0o600);
  });

  it('an empty file is a file', async () => {
    const path = join(folder, 'empty');
    await writeFile(path, '');
    expect((await uploadFile(hypervisor, pool, path, { xml: definition(0) })).size).toBe(0);
    expect(await names()).toContain(`file-${count}`);
  });

  it('a cancelled upload leaves no volume, a cancelled download no file', async () => {
    const size = 64 * mib;
    const path = join(folder, 'full');
    await writeFile(path, randomBytes(size));
    const stopAt = (bytes: number) => {
      const abort = new AbortController();
      const progress = (at: number) => {
        if (at >= bytes) abort.abort(new Error('cancelled by the person'));
      };
      return { signal: abort.signal, progress };
    };
    const upload = uploadFile(hypervisor, pool, path, { xml: definition(size), ...stopAt(8 * mib) });
    await expect(upload).rejects.toThrow('cancelled by the person');
    expect(await names()).not.toContain(`file-${count}`);

    await uploadFile(hypervisor, pool, path, { xml: definition(size) });
    const volume = await hypervisor.volumes.lookup(pool, `file-${count}`);
    const target = join(folder, 'cancelled');
    await expect(downloadVolume(hypervisor, volume, target, stopAt(4 * mib))).rejects.toThrow('cancelled');
    await expect(stat(target)).rejects.toThrow('ENOENT');
    await expect(stat(`${target}.part`)).rejects.toThrow('ENOENT');
  });

  it('a connection lost in the middle of an upload leaves no half volume', async () => {
    const size = 64 * mib;
    const path = join(folder, 'cut');
    await writeFile(path, randomBytes(size));
    const doomed = await reopen();
    const progress = (at: number) => {
      if (at >= 8 * mib) void doomed.close();
    };
    const upload = uploadFile(doomed, pool, path, { xml: definition(size), progress, reopen });
    await expect(upload).rejects.toThrow();
    expect(await names()).not.toContain(`file-${count}`);
  });

  it('where not even that can be done, the volume is named as incomplete', async () => {
    const size = 32 * mib;
    const path = join(folder, 'cut');
    await writeFile(path, randomBytes(size));
    const doomed = await reopen();
    const progress = (at: number) => {
      if (at >= 4 * mib) void doomed.close();
    };
    const byHand = ({ pool, name }: VolumeRef): string => `delete ${pool}/${name}`;
    const options = { xml: definition(size), progress, byHand };
    await expect(uploadFile(doomed, pool, path, options)).rejects.toMatchObject({
      message: expect.stringContaining(`the volume file-${count} of the pool files is incomplete`),
      hint: `It could not be removed. Delete it: delete files/file-${count}`,
    });
  });

  it('confirmed in pieces it is the same file, and a cut one goes on from what was confirmed', async () => {
    const size = 48 * mib + 5;
    const path = await sparseFile(size);
    const contents = await readFile(path);
    const notes = new UploadJournal(join(folder, 'notes'));
    const journal = { notes, uri: daemon.qemuUri, volume: `file-${count}` };
    const doomed = await reopen();
    const progress = (at: number) => {
      if (at >= 24 * mib) void doomed.close();
    };
    // At every block: far more often than in earnest, holes at the beginnings and ends of pieces included.
    const options = { xml: definition(size), journal, confirmEvery: 0 };
    await expect(uploadFile(doomed, pool, path, { ...options, progress })).rejects.toThrow('is incomplete');
    const record = await notes.find(pool, `file-${count}`);
    expect(record).toMatchObject({ size, confirmed: expect.any(Number), volume: `file-${count}` });
    expect(record?.confirmed).toBeGreaterThanOrEqual(20 * mib);
    if (record === undefined) return;
    const volume = await hypervisor.volumes.lookup(pool, `file-${count}`);
    const { sha256 } = await resumeUpload(hypervisor, volume, path, record, { notes, confirmEvery: 0 });
    expect(sha256).toBe(createHash('sha256').update(contents).digest('hex'));
    const written = join(poolPath, `file-${count}`);
    expect(Buffer.compare(await readFile(written), contents)).toBe(0);
    expect((await stat(written)).blocks * 512).toBeLessThan(8 * mib);
    expect((await notes.of(pool)).size).toBe(0);
  });

  it('a path that cannot be read or written says so, and makes no volume', async () => {
    await mkdir(join(folder, 'folder'), { recursive: true });
    await expect(
      uploadFile(hypervisor, pool, join(folder, 'nothing'), { xml: definition(1) }),
    ).rejects.toThrow('ENOENT');
    expect(await names()).not.toContain(`file-${count}`);
  });
});
