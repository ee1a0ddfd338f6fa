import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Lab } from '../../source/lab/lab.js';
import { labOptionsOf } from '../../source/lab/lab-uri.js';
import { openLab } from '../../source/lab/open.js';
import type { ByteStream } from '../../source/libvirt/byte-stream.js';
import type { RemoteHypervisor } from '../../source/libvirt/remote/remote-hypervisor.js';
import type { VolumeRef } from '../../source/libvirt/storage.js';
import { stillLab } from './bed.js';

const mib = 1024 ** 2;
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Everything that comes on a stream, holes as zeros. */
async function received(stream: ByteStream): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const item of stream) parts.push('hole' in item ? Buffer.alloc(item.hole) : item.data);
  return Buffer.concat(parts);
}

async function volumeOf(hypervisor: RemoteHypervisor, pool: string, name: string): Promise<VolumeRef> {
  return hypervisor.volumes.lookup(await hypervisor.pools.lookup(pool), name);
}

/** A volume of 2 MiB in a lab, and a connection to it. */
async function target(lab: Lab) {
  const hypervisor = await openLab(lab, { events: true });
  const pool = await hypervisor.pools.lookup('default');
  const xml = '<volume><name>new</name><capacity unit="MiB">2</capacity></volume>';
  const volume = await hypervisor.volumes.create(pool, xml);
  return { hypervisor, pool, volume, made: lab.world.storage.volumeOf(volume).volume };
}

/** Lets everything that is under way arrive; no time passes. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('a pool of many volumes', () => {
  it('is there when it is asked for, and lists quickly', async () => {
    const { lab } = stillLab(labOptionsOf('lab:///?domains=3&volumes=10000'));
    const hypervisor = await openLab(lab);
    const pool = await hypervisor.pools.lookup('archive');
    const started = performance.now();
    const volumes = await hypervisor.volumes.list(pool);
    expect(performance.now() - started).toBeLessThan(1500);
    expect(new Set(volumes.map(({ key }) => key)).size).toBe(10_000);
    const { capacity, allocation, available } = await hypervisor.pools.info(pool);
    expect(allocation + available).toBe(capacity);
    expect(available).toBeGreaterThan(0);
    const bases = [...lab.world.storage.findPool('archive').volumes.values()].flatMap(
      ({ backing }) => backing ?? [],
    );
    expect(bases.length).toBeGreaterThan(6000);
    expect(bases.filter(({ path }) => !lab.world.storage.hasFile(path)).length).toBeGreaterThan(3);
    await hypervisor.close();
  });

  it('tells of each what it allocates, whether somebody looked into it or not', () => {
    const { lab } = stillLab({ domains: 24, volumes: 50 });
    for (const { volumes } of lab.world.storage.pools.values()) {
      for (const volume of volumes.values()) {
        const { allocation, physical } = volume;
        expect([volume.contents.allocation, volume.contents.length]).toEqual([allocation, physical]);
        volume.release();
      }
    }
  });
});

describe('transfers', () => {
  it('go up and come down, on one connection with calls between them', async () => {
    const { lab } = stillLab();
    const { hypervisor, volume, made } = await target(lab);
    const bytes = Buffer.from(Array.from({ length: mib }, (_, index) => index >>> 4));
    const up = await hypervisor.volumes.upload(volume, { offset: 100, length: 0 });
    await up.write(bytes.subarray(0, 300_000));
    expect((await hypervisor.hostInfo()).hostname).toBe('lab');
    await up.write(bytes.subarray(300_000));
    await up.finish();
    expect(made.contents.read(100, mib).equals(bytes)).toBe(true);
    const down = await hypervisor.volumes.download(volume, { offset: 100, length: mib });
    expect(sha(await received(down))).toBe(sha(bytes));
    await down.finish();
    await hypervisor.close();
  });

  it('leave out holes where they may', async () => {
    const { lab } = stillLab();
    const hypervisor = await openLab(lab);
    const template = await volumeOf(hypervisor, 'default', 'template.img');
    const before = hypervisor.metrics.bytesReceived;
    const stream = await hypervisor.volumes.download(template, { offset: 0, length: 0 }, { sparse: true });
    const bytes = await received(stream);
    await stream.finish();
    expect(hypervisor.metrics.bytesReceived - before).toBeLessThan(17 * mib);
    expect(sha(bytes)).toBe(sha(lab.world.storage.volumeOf(template).volume.contents.read(0, 64 * mib)));
    await hypervisor.close();
  });

  it('refuse a hole that nobody spoke of', async () => {
    const { lab } = stillLab();
    const { hypervisor, volume } = await target(lab);
    const stream = await hypervisor.volumes.upload(volume, { offset: 0, length: 0 });
    await stream.writeHole(4096);
    await expect(stream.finish()).rejects.toThrow('internal error: unexpected stream hole');
    await hypervisor.close();
  });

  it('keep what came until they were given up, and refresh the pool', async () => {
    const { lab } = stillLab();
    const { hypervisor, volume, made } = await target(lab);
    const events: string[] = [];
    hypervisor.onEvent((event) => events.push(`${event.type} ${'event' in event ? event.event : ''}`.trim()));
    const stream = await hypervisor.volumes.upload(volume, { offset: 0, length: 0 });
    await stream.write(Buffer.alloc(1000, 7));
    await stream.abort();
    await hypervisor.hostInfo();
    expect(made.contents.read(999, 2)).toEqual(Buffer.from([7, 0]));
    expect(events).toHaveLength(1);
    await hypervisor.close();
  });

  it('end with their connection, and with the volume', async () => {
    const { lab } = stillLab();
    const { hypervisor, volume, pool } = await target(lab);
    const { used } = lab.world.storage.store;
    const stream = await hypervisor.volumes.upload(volume, { offset: 0, length: 0 });
    await stream.write(Buffer.alloc(mib, 7));
    await hypervisor.volumes.delete(volume);
    await stream.write(Buffer.alloc(mib, 7));
    lab.restart();
    await hypervisor.closed;
    await settle();
    expect(lab.world.storage.store.used).toBe(used);
    expect(lab.world.storage.poolOf(pool).volumes.has('new')).toBe(false);
  });

  it('fill the memory that the lab gives them, and no more', async () => {
    const { lab } = stillLab();
    const { hypervisor, volume } = await target(lab);
    const { limit } = lab.world.storage.store;
    const stream = await hypervisor.volumes.upload(volume, { offset: 0, length: 0 });
    const piece = Buffer.alloc(4 * mib, 1);
    const upload = async () => {
      for (let sent = 0; sent <= limit; sent += piece.length) await stream.write(piece);
      await stream.finish();
    };
    await expect(upload()).rejects.toThrow('cannot write to stream: No space left on device');
    expect(lab.world.storage.store.used).toBeLessThanOrEqual(limit);
    await hypervisor.close();
  });
});

describe('faults in the middle of a transfer', () => {
  const download = 'STORAGE_VOL_DOWNLOAD';
  const upload = 'STORAGE_VOL_UPLOAD';
  const all = { offset: 0, length: 0 };

  it.each([
    ['drop', 'the connection ended in the middle of a message'],
    ['garbage', 'a message cannot have the length 3'],
    ['oversize', 'a message cannot have the length'],
  ] as const)('%s, either way', async (fault, message) => {
    const { lab } = stillLab();
    lab.faults.set([{ fault, procedure: download, every: 3 }]);
    const one = await openLab(lab);
    const from = await one.volumes.download(await volumeOf(one, 'default', 'template.img'), all);
    await expect(received(from)).rejects.toThrow(message);
    lab.faults.set([{ fault, procedure: upload, every: 3 }]);
    const { hypervisor, volume } = await target(lab);
    const into = await hypervisor.volumes.upload(volume, all);
    const writing = async () => {
      for (let piece = 0; piece < 100; piece += 1) await into.write(Buffer.alloc(mib));
      await into.finish();
    };
    await expect(writing()).rejects.toThrow(message);
    await settle();
    expect(lab.clients).toBe(0);
  });

  it('error: the stream is over, the connection is not', async () => {
    const { lab } = stillLab();
    const { hypervisor, volume } = await target(lab);
    lab.faults.set([{ fault: 'error', every: 3, procedure: upload, code: 38, message: 'the disk is gone' }]);
    const into = await hypervisor.volumes.upload(volume, all);
    // Whatever is under way when the error comes is told of it: the write, or else the end.
    const sending = into.write(Buffer.alloc(mib)).then(() => into.finish());
    await expect(sending).rejects.toMatchObject({ code: 38, message: 'the disk is gone' });
    await expect(into.finish()).rejects.toMatchObject({ code: 38 });
    lab.faults.set([{ fault: 'error', every: 3, procedure: download, code: 38, message: 'unreadable' }]);
    const from = await hypervisor.volumes.download(volume, all);
    await expect(received(from)).rejects.toMatchObject({ code: 38, message: 'unreadable' });
    lab.faults.clear();
    expect((await received(await hypervisor.volumes.download(volume, all))).length).toBe(2 * mib);
    await hypervisor.close();
  });

  it('truncate: fewer bytes come than there are', async () => {
    const { lab } = stillLab();
    const { hypervisor, volume } = await target(lab);
    lab.faults.set([{ fault: 'truncate', procedure: download, every: 3, times: 1 }]);
    const bytes = await received(await hypervisor.volumes.download(volume, all));
    expect(bytes.length).toBeLessThan(2 * mib);
    expect(bytes.length).toBeGreaterThan(mib);
    await hypervisor.close();
  });

  it('slow: every packet takes its time, and keeps its place', async () => {
    const { lab, clock } = stillLab();
    const { hypervisor, volume, made } = await target(lab);
    lab.faults.set([{ fault: 'slow', procedure: upload, milliseconds: 100 }]);
    const opening = hypervisor.volumes.upload(volume, all);
    await settle();
    clock.advance(100);
    const into = await opening;
    for (let piece = 1; piece <= 4; piece += 1) await into.write(Buffer.alloc(1000, piece));
    await settle();
    expect(made.contents.read(0, 1)[0]).toBe(0);
    clock.advance(100);
    await settle();
    expect([made.contents.read(0, 1)[0], made.contents.read(1000, 1)[0]]).toEqual([1, 0]);
    const finished = into.finish();
    for (let packet = 0; packet < 5; packet += 1) {
      clock.advance(100);
      await settle();
    }
    await finished;
    expect([0, 1000, 2000, 3000].map((at) => made.contents.read(at, 1)[0])).toEqual([1, 2, 3, 4]);
    await hypervisor.close();
  });

  it('silent: no more packets come', async () => {
    const { lab } = stillLab();
    const hypervisor = await openLab(lab);
    const volume = await volumeOf(hypervisor, 'default', 'template.img');
    const from = (await hypervisor.volumes.download(volume, all))[Symbol.asyncIterator]();
    await from.next();
    lab.faults.add({ fault: 'silent' });
    await settle();
    let came = 0;
    const counting = (async () => {
      for (let item = await from.next(); !item.done; item = await from.next()) came += 1;
    })().catch(() => {});
    await settle();
    const before = came;
    await settle();
    expect([came, before < 64]).toEqual([before, true]);
    await hypervisor.close();
    await counting;
  });
});

describe('a read-only connection', () => {
  it('changes nothing', async () => {
    const { lab } = stillLab();
    const hypervisor = await openLab(lab, { readOnly: true });
    const pool = await hypervisor.pools.lookup('default');
    const network = await hypervisor.networks.lookup('default');
    const volume = await hypervisor.volumes.lookup(pool, 'template.img');
    const refused = (call: string) => `read only access prevents ${call}`;
    await expect(hypervisor.pools.stop(pool)).rejects.toThrow(refused('virStoragePoolDestroy'));
    await expect(hypervisor.networks.stop(network)).rejects.toThrow(refused('virNetworkDestroy'));
    await expect(hypervisor.volumes.delete(volume)).rejects.toThrow(refused('virStorageVolDelete'));
    await expect(hypervisor.volumes.download(volume, { offset: 0, length: 0 })).rejects.toThrow(
      refused('virStorageVolDownload'),
    );
    await hypervisor.close();
  });
});
