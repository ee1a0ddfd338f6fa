import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Channel } from '../../source/wire/channel.js';
import { procedures } from '../../source/wire/procedures.js';
import type { WireStream } from '../../source/wire/stream.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { requires } from '../support/requirements.js';
import { rejection } from '../wire/peer.js';

const sparse = 1;
const MiB = 1024 * 1024;
const { STORAGE_VOL_DOWNLOAD, STORAGE_VOL_UPLOAD } = procedures;

async function connect(daemon: PrivateLibvirtd, name: string): Promise<Channel> {
  const socket = createConnection(daemon.socket);
  await once(socket, 'connect');
  const channel = new Channel(socket);
  await channel.call(procedures.AUTH_LIST, {});
  await channel.call(procedures.CONNECT_OPEN, { name, flags: 0 });
  return channel;
}

/** All data of a stream; holes are filled with zeros. Finishes the stream. */
async function contents(stream: WireStream): Promise<{ data: Buffer; holes: number }> {
  const parts: Buffer[] = [];
  let holes = 0;
  for await (const item of stream) {
    if ('data' in item) parts.push(item.data);
    else {
      parts.push(Buffer.alloc(item.hole));
      holes += item.hole;
    }
  }
  await stream.finish();
  return { data: Buffer.concat(parts), holes };
}

async function drained(stream: WireStream): Promise<void> {
  for await (const _ of stream);
}

requires('libvirtd')('streams of the real daemon', () => {
  let daemon: PrivateLibvirtd;
  let channel: Channel;

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'streams' });
  });

  afterAll(() => daemon.stop());

  afterEach(() => channel.close());

  it('carry a screenshot of the test driver: what virsh writes to a file', async () => {
    channel = await connect(daemon, 'test:///default');
    const { dom } = await channel.call(procedures.DOMAIN_LOOKUP_BY_NAME, { name: 'test' });
    const { answer, stream } = await channel.openStream(procedures.DOMAIN_SCREENSHOT, {
      dom,
      screen: 0,
      flags: 0,
    });
    expect(answer).toEqual({ mime: 'image/png' });
    const { data } = await contents(stream);
    const file = join(daemon.folder, 'shot.png');
    await daemon.virshOk(['screenshot', 'test', file]);
    expect(data.length).toBeGreaterThan(1000);
    expect(data.equals(await readFile(file))).toBe(true);
  });

  it('end with the error of the call when it is refused', async () => {
    channel = await connect(daemon, 'test:///default');
    const vol = { pool: 'default-pool', name: 'none', key: '/none' };
    const opening = channel.openStream(STORAGE_VOL_DOWNLOAD, { vol, offset: 0, length: 0, flags: 0 });
    expect(await rejection(opening)).toMatchObject({ name: 'RemoteError' });
    expect(await channel.call(procedures.CONNECT_GET_TYPE, {})).toEqual({ type: 'TEST' });
  });
});

requires('libvirtd', 'qemu')('volumes of the real daemon', () => {
  let daemon: PrivateLibvirtd;
  let channel: Channel;
  let pool: string;

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'volumes' });
    pool = join(daemon.folder, 'data', 'pool');
    const virsh = (...args: string[]) => daemon.virshOk(args, { uri: daemon.qemuUri });
    await virsh('pool-define-as', 'p', 'dir', '--target', pool);
    await virsh('pool-build', 'p');
    await virsh('pool-start', 'p');
  });

  afterAll(() => daemon.stop());

  beforeEach(async () => {
    channel = await connect(daemon, 'qemu:///session');
  });

  afterEach(() => channel.close());

  async function volume(name: string, size: number) {
    await daemon.virshOk(['vol-create-as', 'p', name, String(size), '--format', 'raw', '--allocation', '0'], {
      uri: daemon.qemuUri,
    });
    const { vol } = await channel.call(procedures.STORAGE_VOL_LOOKUP_BY_PATH, { path: join(pool, name) });
    return vol;
  }

  it('take an upload and give it back, byte for byte', async () => {
    const data = randomBytes(5 * MiB + 123);
    const vol = await volume('plain', data.length);
    const { stream } = await channel.openStream(STORAGE_VOL_UPLOAD, { vol, offset: 0, length: 0, flags: 0 });
    await stream.write(data);
    await stream.finish();
    expect((await readFile(join(pool, 'plain'))).equals(data)).toBe(true);

    const download = await channel.openStream(STORAGE_VOL_DOWNLOAD, { vol, offset: 0, length: 0, flags: 0 });
    expect((await contents(download.stream)).data.equals(data)).toBe(true);

    const part = await channel.openStream(STORAGE_VOL_DOWNLOAD, {
      vol,
      offset: 1000,
      length: 5000,
      flags: 0,
    });
    expect((await contents(part.stream)).data.equals(data.subarray(1000, 6000))).toBe(true);
  });

  it('take holes, which take no room on the disk', async () => {
    const size = 64 * MiB;
    const vol = await volume('holes', size);
    const head = randomBytes(MiB);
    const tail = randomBytes(MiB);
    const { stream } = await channel.openStream(STORAGE_VOL_UPLOAD, {
      vol,
      offset: 0,
      length: 0,
      flags: sparse,
    });
    await stream.write(head);
    await stream.writeHole(size - 2 * MiB);
    await stream.write(tail);
    await stream.finish();
    const file = await readFile(join(pool, 'holes'));
    expect(file.length).toBe(size);
    expect(file.equals(Buffer.concat([head, Buffer.alloc(size - 2 * MiB), tail]))).toBe(true);
    expect((await stat(join(pool, 'holes'))).blocks * 512).toBeLessThan(4 * MiB);
  });

  it('give holes instead of zeros, the one at the end too', async () => {
    const size = 32 * MiB;
    const vol = await volume('sparse', size);
    const data = randomBytes(MiB);
    await writeFile(join(pool, 'sparse'), data);
    await truncate(join(pool, 'sparse'), size);
    const { stream } = await channel.openStream(STORAGE_VOL_DOWNLOAD, {
      vol,
      offset: 0,
      length: 0,
      flags: sparse,
    });
    const got = await contents(stream);
    expect(got.holes).toBe(size - MiB);
    expect(got.data.length).toBe(size);
    expect(got.data.subarray(0, MiB).equals(data)).toBe(true);
  });

  it('answer other calls while a download runs', async () => {
    const data = randomBytes(8 * MiB);
    const vol = await volume('busy', data.length);
    await writeFile(join(pool, 'busy'), data);
    const { stream } = await channel.openStream(STORAGE_VOL_DOWNLOAD, {
      vol,
      offset: 0,
      length: 0,
      flags: 0,
    });
    const types = Promise.all(
      Array.from({ length: 20 }, () => channel.call(procedures.CONNECT_GET_TYPE, {})),
    );
    expect(await types).toHaveLength(20);
    expect((await contents(stream)).data.equals(data)).toBe(true);
  });

  it('let a download be given up in the middle, and the connection goes on', async () => {
    const vol = await volume('given-up', 16 * MiB);
    const { stream } = await channel.openStream(STORAGE_VOL_DOWNLOAD, {
      vol,
      offset: 0,
      length: 0,
      flags: 0,
    });
    for await (const _ of stream) break;
    await stream.abort();
    expect(await channel.call(procedures.CONNECT_GET_TYPE, {})).toEqual({ type: 'QEMU' });
    const again = await channel.openStream(STORAGE_VOL_DOWNLOAD, { vol, offset: 0, length: MiB, flags: 0 });
    expect((await contents(again.stream)).data).toHaveLength(MiB);
  });

  it('end with the connection when a hole was not asked for: the daemon hangs up', async () => {
    const vol = await volume('refused', MiB);
    const { stream } = await channel.openStream(STORAGE_VOL_UPLOAD, { vol, offset: 0, length: 0, flags: 0 });
    await stream.writeHole(4096);
    expect(await rejection(drained(stream))).toMatchObject({ name: 'WireError', kind: 'closed' });
  });

  it('end every transfer when the daemon dies', async () => {
    const vol = await volume('killed', 64 * MiB);
    const { stream } = await channel.openStream(STORAGE_VOL_UPLOAD, { vol, offset: 0, length: 0, flags: 0 });
    const writing = rejection(
      (async () => {
        for (;;) await stream.write(Buffer.alloc(MiB));
      })(),
    );
    await daemon.kill();
    expect(await writing).toMatchObject({ name: 'WireError', kind: 'closed' });
  });
});
