import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isUnsupported } from '../../../source/libvirt/errors.js';
import type { HypervisorEvent } from '../../../source/libvirt/events.js';
import type { PoolRef } from '../../../source/libvirt/storage.js';
import { describePool, poolXml } from '../../../source/libvirt/xml/pool-xml.js';
import { describeVolume, volumeXml } from '../../../source/libvirt/xml/volume-xml.js';
import { rejection } from '../../wire/peer.js';
import type { Bench, ContractSubject } from './subject.js';

const mib = 1024 * 1024;

/** Storage pools and volumes of a host, with virsh as the witness. */
export function describeStorage({ can }: ContractSubject, bench: Bench): void {
  describe.runIf(can.pools)('storage', () => {
    const names = async (...flags: string[]): Promise<string[]> =>
      (await bench.virsh('pool-list', '--name', ...flags))
        .split('\n')
        .map((name) => name.trim())
        .filter(Boolean);

    const listed = async (name: string) => {
      const list = await bench.hypervisor.pools.list();
      return isUnsupported(list) ? undefined : list.find((pool) => pool.name === name);
    };

    /** A pool of this test's own, built and inactive; taken away afterwards with its directory. */
    async function withPool(work: (pool: PoolRef, path: string) => Promise<void>): Promise<void> {
      const name = bench.newName();
      const path = join(bench.host.poolFolder, name);
      const { pools } = bench.hypervisor;
      const pool = await pools.define(poolXml({ name, type: 'dir', path }));
      try {
        await pools.build(pool);
        await work(pool, path);
      } finally {
        await bench.host.virsh(['pool-destroy', name]);
        await bench.host.virsh(['pool-undefine', name]);
        await rm(path, { recursive: true, force: true });
      }
    }

    async function withActivePool(work: (pool: PoolRef) => Promise<void>): Promise<void> {
      await withPool(async (pool) => {
        await bench.hypervisor.pools.start(pool);
        await work(pool);
      });
    }

    it('pools are listed, started, stopped and removed as virsh sees it', async () => {
      await withPool(async (pool, path) => {
        const { pools } = bench.hypervisor;
        expect(await listed(pool.name)).toMatchObject({ active: false, autostart: false, persistent: true });
        await pools.start(pool);
        await pools.setAutostart(pool, true);
        expect(await names()).toContain(pool.name);
        expect(await listed(pool.name)).toMatchObject({ active: true, autostart: true });
        expect((await pools.info(pool)).state).toBe('running');
        expect(describePool(await pools.xml(pool))).toMatchObject({ type: 'dir', path });
        await pools.refresh(pool);
        await pools.stop(pool);
        await pools.undefine(pool);
        expect(await names('--all')).not.toContain(pool.name);
      });
    });

    it('what another client does to a pool comes as an event', async () => {
      await withPool(async (pool) => {
        const events: HypervisorEvent[] = [];
        const stop = bench.hypervisor.onEvent((event) => events.push(event));
        await bench.virsh('pool-start', pool.name);
        await bench.virsh('pool-refresh', pool.name);
        await bench.virsh('pool-destroy', pool.name);
        await bench.hypervisor.pools.list();
        stop();
        const ours = events.flatMap((event) =>
          event.type === 'pool' && event.pool.name === pool.name ? [event.event] : [],
        );
        expect(ours).toEqual(expect.arrayContaining(['started', 'stopped']));
        if (can.poolRefreshEvent) expect(ours).toContain('refreshed');
      });
    });

    it('a volume is made, described, resized, cloned and deleted', async () => {
      await withActivePool(async (pool) => {
        const { volumes } = bench.hypervisor;
        const spec = { name: 'disk.img', capacity: 8 * mib, allocation: 0, format: 'raw' };
        const volume = await volumes.create(pool, volumeXml(spec));
        expect(await volumes.list(pool)).toEqual([volume]);
        expect(await bench.virsh('vol-list', pool.name)).toContain('disk.img');
        expect(await volumes.info(volume)).toMatchObject({ type: 'file', capacity: 8 * mib });
        expect(describeVolume(await volumes.xml(volume))).toMatchObject({
          name: 'disk.img',
          capacity: 8 * mib,
          path: await volumes.path(volume),
        });
        expect(await volumes.lookup(pool, 'disk.img')).toEqual(volume);
        expect(await volumes.lookupByPath(await volumes.path(volume))).toEqual(volume);
        if (can.volumeResize) {
          await volumes.resize(volume, 16 * mib);
          expect(await bench.virsh('vol-info', '--bytes', 'disk.img', pool.name)).toContain(`${16 * mib}`);
          const error = await rejection(volumes.resize(volume, 4 * mib));
          expect((error as Error).message).toMatch(/shrink/i);
        }
        const copy = await volumes.clone(pool, volumeXml({ ...spec, name: 'copy.img' }), volume);
        expect(copy.name).toBe('copy.img');
        await volumes.delete(volume);
        expect(await bench.virsh('vol-list', pool.name)).not.toContain('disk.img');
      });
    });

    it.runIf(can.storageFiles)(
      'an overlay is what virsh vol-create-as makes with --backing-vol',
      async () => {
        await withActivePool(async (pool) => {
          const { volumes } = bench.hypervisor;
          const base = await volumes.create(
            pool,
            volumeXml({ name: 'base.qcow2', capacity: 16 * mib, format: 'qcow2' }),
          );
          const path = await volumes.path(base);
          const overlay = await volumes.create(
            pool,
            volumeXml({
              name: 'web-1.qcow2',
              capacity: 32 * mib,
              format: 'qcow2',
              backing: { path, format: 'qcow2' },
            }),
          );
          const ours = describeVolume(await volumes.xml(overlay));
          expect(ours).toMatchObject({
            capacity: 32 * mib,
            format: 'qcow2',
            backing: { path, format: 'qcow2' },
          });
          await bench.virsh(
            ...['vol-create-as', pool.name, 'theirs.qcow2', `${32 * mib}`, '--format', 'qcow2'],
            ...['--backing-vol', 'base.qcow2', '--backing-vol-format', 'qcow2'],
          );
          const theirs = describeVolume(await volumes.xml(await volumes.lookup(pool, 'theirs.qcow2')));
          expect({ ...theirs, name: '', path: '', allocation: 0 }).toEqual({
            ...ours,
            name: '',
            path: '',
            allocation: 0,
          });
        });
      },
    );

    it.runIf(can.storageFiles)('what is uploaded comes back byte for byte, wiped it is gone', async () => {
      await withActivePool(async (pool) => {
        const { volumes } = bench.hypervisor;
        const size = 3 * mib + 17;
        const bytes = Buffer.from(Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) & 255));
        const volume = await volumes.create(
          pool,
          volumeXml({ name: 'data.raw', capacity: size, format: 'raw' }),
        );
        const upload = await volumes.upload(volume, { offset: 0, length: size });
        await upload.write(bytes);
        await upload.finish();
        expect(Buffer.compare(await contents(), bytes)).toBe(0);
        await volumes.wipe(volume, 'zero');
        expect((await contents()).every((byte) => byte === 0)).toBe(true);

        async function contents(): Promise<Buffer> {
          const parts: Uint8Array[] = [];
          const stream = await volumes.download(volume, { offset: 0, length: size });
          for await (const item of stream) parts.push('data' in item ? item.data : Buffer.alloc(item.hole));
          await stream.finish();
          return Buffer.concat(parts);
        }
      });
    });

    it.runIf(can.storageFiles)('holes go both ways as their length', async () => {
      await withActivePool(async (pool) => {
        const { volumes } = bench.hypervisor;
        const size = 64 * mib;
        const volume = await volumes.create(
          pool,
          volumeXml({ name: 'holes.raw', capacity: size, allocation: 0, format: 'raw' }),
        );
        const upload = await volumes.upload(volume, { offset: 0, length: size }, { sparse: true });
        await upload.write(Buffer.from('first'.padEnd(mib, '.')));
        await upload.writeHole(size - 2 * mib);
        await upload.write(Buffer.from('last'.padEnd(mib, '.')));
        await upload.finish();
        expect((await volumes.info(volume)).allocation).toBeLessThan(size / 4);
        let holes = 0;
        let data = 0;
        const stream = await volumes.download(volume, { offset: 0, length: size }, { sparse: true });
        for await (const item of stream) {
          if ('hole' in item) holes += item.hole;
          else data += item.data.length;
        }
        await stream.finish();
        expect(holes + data).toBe(size);
        expect(holes).toBeGreaterThan(size / 2);
      });
    });

    it('what cannot be is refused in the daemon’s words', async () => {
      await withActivePool(async (pool) => {
        const words = await bench.virshError('vol-delete', 'nothing', pool.name);
        const error = await rejection(bench.hypervisor.volumes.lookup(pool, 'nothing'));
        expect((error as Error).message.length).toBeGreaterThan(5);
        expect(words).toBeTruthy();
      });
    });
  });
}
