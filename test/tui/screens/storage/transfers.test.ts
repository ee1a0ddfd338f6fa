import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ByteStream, StreamItem } from '../../../../source/libvirt/byte-stream.js';
import type { StoragePools, StorageVolumes } from '../../../../source/libvirt/storage.js';
import { VolumesPane } from '../../../../source/tui/screens/storage/volumes-pane.js';
import { Bed } from './bed.js';
import { fill, pool, ready, setPools, volume } from './world.js';

const content = Buffer.from('what is in the image');
let beds = 0;

/** A stream that keeps what is written and gives `items`; one that `hangs` gives nothing until it is aborted. */
class FakeStream implements ByteStream {
  written = Buffer.alloc(0);
  readonly #items: readonly StreamItem[];
  readonly #hangs: boolean;
  #stop: () => void = () => {};

  constructor(items: readonly StreamItem[], hangs: boolean) {
    this.#items = items;
    this.#hangs = hangs;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamItem> {
    yield* this.#items;
    if (!this.#hangs) return;
    await new Promise<void>((resolve) => {
      this.#stop = resolve;
    });
    throw new Error('aborted');
  }

  async write(data: Uint8Array): Promise<void> {
    this.written = Buffer.concat([this.written, data]);
  }

  async writeHole(length: number): Promise<void> {
    this.written = Buffer.concat([this.written, Buffer.alloc(length)]);
  }

  async finish(): Promise<void> {}

  async abort(): Promise<void> {
    this.#stop();
  }
}

describe('uploads and downloads', () => {
  let bed: Bed;
  let folder: string;
  let calls: string[];
  let hangs: boolean;
  let up: FakeStream | undefined;

  const until = (what: () => boolean) => vi.waitFor(() => expect(what()).toBe(true));
  const title = (): string => bed.lines[0] ?? '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'transfers-'));
    writeFileSync(join(folder, 'disk.img'), content);
    bed = new Bed({ columns: 110, rows: 30 }, fill());
    beds += 1;
    const uuid = `transfers-${beds}`;
    const volumes = ready([volume({ name: 'base.img', format: 'raw' })]);
    setPools(bed.inventory, bed.connection, [pool('c1', 'images', { uuid, volumes })]);
    calls = [];
    hangs = false;
    up = undefined;
    bed.inventory.hypervisor = {
      domainXml: async () => '<domain/>',
      volumes: {
        create: async (_: unknown, xml: string) => {
          calls.push(`create ${/<name>(.*)<\/name>/.exec(xml)?.[1]} ${/format type="(\w+)"/.exec(xml)?.[1]}`);
          return { pool: 'images', name: 'disk.img', key: 'k' };
        },
        delete: async () => {
          calls.push('delete');
        },
        xml: async () => volume({ name: 'base.img' }).xml,
        upload: async () => {
          up = new FakeStream([], false);
          return up;
        },
        download: async () =>
          new FakeStream([{ data: up?.written ?? content }, { hole: up ? 0 : 10 }], hangs),
      } as unknown as StorageVolumes,
      pools: {
        refresh: async () => {
          calls.push('refresh');
        },
      } as unknown as StoragePools,
    };
    bed.panes.open(new VolumesPane({ host: bed.host, connectionId: 'c1', uuid }));
  });

  afterEach(async () => {
    await bed.tasks.cancelAll();
    bed.dispose();
    rmSync(folder, { recursive: true });
  });

  it('a file is uploaded, read back and looked at by the host, as a task', async () => {
    bed.press('u');
    bed.manager.paste(join(folder, 'disk.img'));
    await until(() => bed.text.includes('20 B'));
    expect(bed.text).toContain('left out: disk.img');
    bed.press('tab', 'tab', 'tab', 'enter');
    await until(() => bed.tasks.tasks[0]?.state === 'done');
    expect(calls).toEqual(['create disk.img raw', 'refresh']);
    expect(up?.written).toEqual(content);
    expect(bed.tasks.tasks[0]?.outcome).toMatch(/^20 B, read back and compared, SHA-256 [\da-f]{64}$/);
    expect(bed.inventory.calls).toContain('close c1');
    await until(() => title().startsWith('images'));
  });

  it('an upload that is cancelled leaves no half volume', async () => {
    hangs = true;
    bed.press('u');
    bed.manager.paste(join(folder, 'disk.img'));
    bed.press('tab', '"a.qcow2"', 'tab', 'right', 'tab', 'enter');
    await until(() => (bed.tasks.tasks[0]?.progress?.bytes ?? 0) > 0);
    bed.tasks.cancel(1);
    await until(() => bed.tasks.tasks[0]?.state === 'cancelled');
    expect(calls).toEqual(['create a.qcow2 qcow2', 'delete']);
    expect(bed.text).toContain('the volume that was begun is removed');
  });

  it.each([
    ['no path', '', 'give the path of a file on this machine'],
    ['a file that is not there', '/nowhere/x.img', 'there is no such file on this machine'],
    ['a directory', '/', 'this is a directory'],
  ])('an upload of %s is refused at the field', async (_, path, message) => {
    bed.press('u');
    if (path !== '') bed.manager.paste(path);
    bed.press('tab');
    await until(() => bed.text.includes(`! ${message}`));
    bed.press('tab', 'tab', 'enter');
    expect(bed.tasks.tasks).toEqual([]);
  });

  it('a volume is downloaded to a file, with its holes', async () => {
    const path = join(folder, 'copy.img');
    bed.press('x', 'ctrl-u');
    bed.manager.paste(path);
    bed.press('tab', 'enter');
    await until(() => bed.tasks.tasks[0]?.state === 'done');
    expect(readFileSync(path)).toEqual(Buffer.concat([content, Buffer.alloc(10)]));
    expect(bed.tasks.tasks[0]?.outcome).toMatch(/^30 B, SHA-256/);
  });

  it('a file that is there is overwritten only when that is switched on', async () => {
    bed.press('x', 'ctrl-u');
    bed.manager.paste(join(folder, 'disk.img'));
    await until(() => bed.text.includes('Overwrite'));
    bed.press('tab', 'tab', 'enter');
    expect(bed.text).toContain('! there is a file already');
    expect(bed.tasks.tasks).toEqual([]);
    bed.press(' ', 'tab', 'enter');
    await until(() => bed.tasks.tasks[0]?.state === 'done');
    expect(readFileSync(join(folder, 'disk.img'))).toHaveLength(30);
  });

  it('a download that is cancelled leaves nothing behind', async () => {
    hangs = true;
    const path = join(folder, 'copy.img');
    bed.press('x', 'ctrl-u');
    bed.manager.paste(path);
    bed.press('tab', 'enter');
    await until(() => (bed.tasks.tasks[0]?.progress?.bytes ?? 0) > 0);
    bed.tasks.cancel(1);
    await until(() => bed.tasks.tasks[0]?.state === 'cancelled');
    expect(() => readFileSync(`${path}.part`)).toThrow();
    expect(() => readFileSync(path)).toThrow();
  });
});
