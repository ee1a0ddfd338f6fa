import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Channel } from '../../source/wire/channel.js';
import { RemoteError } from '../../source/wire/errors.js';
import { type Frame, MessageStatus, MessageType, streamChunkSize } from '../../source/wire/framing.js';
import { procedures } from '../../source/wire/procedures.js';
import { HOLE, type WireStream } from '../../source/wire/stream.js';
import { decode } from '../../source/wire/xdr.js';
import { errorPayload, rejection, ScriptedPeer } from './peer.js';

const { CONNECT_GET_HOSTNAME, DOMAIN_SCREENSHOT, STORAGE_VOL_DOWNLOAD, STORAGE_VOL_UPLOAD } = procedures;
const vol = { pool: 'default', name: 'a', key: '/a' };
const whole = { vol, offset: 0, length: 0, flags: 1 };

let peer: ScriptedPeer;
let channel: Channel;

beforeEach(() => {
  peer = new ScriptedPeer();
  channel = new Channel(peer.client);
});

afterEach(() => channel.close());

async function open(): Promise<{ call: Frame; stream: WireStream }> {
  const opening = channel.openStream(STORAGE_VOL_DOWNLOAD, whole);
  const call = await peer.next();
  peer.reply(call, STORAGE_VOL_DOWNLOAD, {});
  return { call, stream: (await opening).stream };
}

/** Everything that a stream gives, data as text and holes as lengths. */
async function drain(stream: WireStream): Promise<(string | number)[]> {
  const items: (string | number)[] = [];
  for await (const item of stream) items.push('hole' in item ? item.hole : item.data.toString());
  return items;
}

describe('what a daemon sends on a stream', () => {
  it('arrives in order, with its holes, up to the end of data', async () => {
    const { call, stream } = await open();
    peer.data(call, 'one');
    peer.hole(call, 5_000_000_000);
    peer.data(call, 'two');
    peer.endOfData(call);
    expect(await drain(stream)).toEqual(['one', 5_000_000_000, 'two']);

    const finished = stream.finish();
    expect(await peer.next()).toMatchObject({
      type: MessageType.stream,
      status: MessageStatus.ok,
      serial: call.serial,
      procedure: call.procedure,
      program: call.program,
    });
    peer.stream(call, MessageStatus.ok);
    await finished;
  });

  it('is kept until it is read, and never holds up other answers', async () => {
    const { call, stream } = await open();
    const other = channel.call(CONNECT_GET_HOSTNAME, {});
    for (let i = 0; i < 1000; i += 1) peer.data(call, String(i));
    peer.endOfData(call);
    peer.reply(await peer.next(), CONNECT_GET_HOSTNAME, { hostname: 'host' });
    expect(await other).toEqual({ hostname: 'host' });
    expect(await drain(stream)).toHaveLength(1000);
  });

  it('stays at the daemon while its reader is behind, and goes on when that has caught up', async () => {
    const { call, stream } = await open();
    const piece = 'x'.repeat(256 * 1024);
    const count = 400;
    for (let at = 0; at < count; at += 1) peer.data(call, piece);
    peer.endOfData(call);
    const reader = stream[Symbol.asyncIterator]();
    const first = await reader.next();
    await new Promise((resolve) => setImmediate(resolve));
    // 100 MiB were sent: what the reader has not asked for lies before the transport, and not in memory here.
    expect(channel.metrics.bytesReceived).toBeLessThan(20 * 1024 * 1024);
    expect(peer.client.isPaused()).toBe(true);
    expect(first.done).toBe(false);
    expect(await drain(stream)).toHaveLength(count - 1);
    expect(peer.client.isPaused()).toBe(false);
  });

  it('that nobody wants any more does not hold up the connection', async () => {
    const { call, stream } = await open();
    for (let at = 0; at < 100; at += 1) peer.data(call, 'x'.repeat(256 * 1024));
    await stream[Symbol.asyncIterator]().next();
    await stream.abort();
    const other = channel.call(CONNECT_GET_HOSTNAME, {});
    await peer.next();
    peer.reply(await peer.next(), CONNECT_GET_HOSTNAME, { hostname: 'host' });
    expect(await other).toEqual({ hostname: 'host' });
  });

  it('may come in the same chunk as the answer to the call', async () => {
    const opening = channel.openStream(DOMAIN_SCREENSHOT, {
      dom: { name: 'a', uuid: '00000000-0000-0000-0000-000000000001', id: 1 },
      screen: 0,
      flags: 0,
    });
    const call = await peer.next();
    peer.side.cork();
    peer.reply(call, DOMAIN_SCREENSHOT, { mime: 'image/png' });
    peer.data(call, 'pixels');
    peer.endOfData(call);
    peer.side.uncork();
    const { answer, stream } = await opening;
    expect(answer).toEqual({ mime: 'image/png' });
    expect(await drain(stream)).toEqual(['pixels']);
  });

  it('is told before the error that ends it', async () => {
    const { call, stream } = await open();
    peer.data(call, 'half');
    peer.stream(call, MessageStatus.error, errorPayload(38, 'disk gone', 38));
    const items: string[] = [];
    const error = await rejection(
      (async () => {
        for await (const item of stream) if ('data' in item) items.push(item.data.toString());
      })(),
    );
    expect(items).toEqual(['half']);
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ code: 38, message: 'disk gone' });
    expect(await rejection(stream.finish())).toBe(error);
    expect(await rejection(stream.write(Buffer.from('x')))).toBe(error);
  });

  it('harms only its own stream when a hole cannot be understood', async () => {
    const { call, stream } = await open();
    const second = await open();
    peer.raw(holeFrame(call, Buffer.from('??')));
    expect(await rejection(drain(stream))).toMatchObject({ name: 'WireError', kind: 'decode' });
    peer.hole(second.call, -1);
    expect(await rejection(drain(second.stream))).toMatchObject({ name: 'WireError', kind: 'decode' });
    expect(channel.isOver).toBe(false);
  });

  it('is dropped when it comes after the end', async () => {
    const { call, stream } = await open();
    await stream.abort();
    expect(await peer.next()).toMatchObject({ type: MessageType.stream, status: MessageStatus.error });
    peer.data(call, 'late');
    peer.stream(call, MessageStatus.ok);
    peer.stream(call, MessageStatus.error, errorPayload(9, 'late'));
    peer.raw(holeFrame(call, Buffer.alloc(0)));
    peer.stream({ ...call, serial: 4711 }, MessageStatus.continue, Buffer.from('of nobody'));
    await peer.sync();
    expect(channel.isOver).toBe(false);
    expect(await rejection(drain(stream))).toMatchObject({ kind: 'aborted' });
  });
});

describe('what this program sends on a stream', () => {
  async function upload(): Promise<{ call: Frame; stream: WireStream }> {
    const opening = channel.openStream(STORAGE_VOL_UPLOAD, whole);
    const call = await peer.next();
    peer.reply(call, STORAGE_VOL_UPLOAD, {});
    return { call, stream: (await opening).stream };
  }

  it('goes in chunks of the daemon’s size, with holes, and is finished by its confirmation', async () => {
    const { call, stream } = await upload();
    const data = Buffer.alloc(streamChunkSize * 2 + 10, 'abc');
    await stream.write(data);
    await stream.writeHole(4096);
    let confirmed = false;
    const finished = stream.finish().then(() => {
      confirmed = true;
    });
    const packets = await peer.waiting();
    expect(packets.map(({ type, status }) => [type, status])).toEqual([
      [3, 2],
      [3, 2],
      [3, 2],
      [6, 2],
      [3, 0],
    ]);
    expect(packets.every(({ serial }) => serial === call.serial)).toBe(true);
    expect(Buffer.concat(packets.slice(0, 3).map(({ payload }) => payload)).equals(data)).toBe(true);
    expect(decode(HOLE, packets[3]!.payload)).toEqual({ length: 4096, flags: 0 });
    expect(confirmed).toBe(false);
    peer.stream(call, MessageStatus.ok);
    await finished;
  });

  it('is given up at once at a daemon that takes nothing', async () => {
    const opening = channel.openStream(STORAGE_VOL_UPLOAD, whole);
    const call = await peer.next();
    peer.reply(call, STORAGE_VOL_UPLOAD, {});
    const { stream } = await opening;
    peer.side.pause();
    const writing = rejection(stream.write(Buffer.alloc(64 * 1024 * 1024)));
    await stream.abort();
    expect(await writing).toMatchObject({ kind: 'aborted' });
  });

  it('stops at the daemon’s error', async () => {
    const { call, stream } = await upload();
    await stream.write(Buffer.from('some'));
    peer.stream(call, MessageStatus.error, errorPayload(38, 'No space left on device', 38));
    await peer.sync();
    expect((await rejection(stream.write(Buffer.from('more')))).message).toBe('No space left on device');
    expect((await rejection(stream.finish())).message).toBe('No space left on device');
  });

  it('ends with the reply by which a daemon refuses a hole', async () => {
    const { call, stream } = await upload();
    await stream.writeHole(10);
    const finished = rejection(stream.finish());
    peer.refuse(call, 55, 'not sparse', 38);
    expect(await finished).toMatchObject({ name: 'RemoteError', code: 55 });
  });

  it('that fails while its confirmation is waited for is no success, and is not waited for', async () => {
    const { call, stream } = await upload();
    const finished = rejection(stream.finish());
    await peer.next();
    await peer.sync();
    peer.stream(call, MessageStatus.error, errorPayload(38, 'No space left on device', 38));
    expect((await finished).message).toBe('No space left on device');
  });

  it('that the daemon confirms before all was sent takes no more, and is finished once', async () => {
    const { call, stream } = await upload();
    peer.stream(call, MessageStatus.ok);
    await peer.sync();
    expect(await rejection(stream.write(Buffer.from('rest')))).toMatchObject({ kind: 'closed' });
    expect(await rejection(stream.writeHole(5))).toMatchObject({ kind: 'closed' });
    await stream.finish();
    expect(await peer.waiting()).toHaveLength(0);
  });

  it('is not aborted after it was confirmed', async () => {
    const { call, stream } = await upload();
    const finished = stream.finish();
    await peer.next();
    peer.stream(call, MessageStatus.ok);
    await finished;
    await stream.abort();
    expect(await peer.waiting()).toHaveLength(0);
  });
});

describe('a stream that does not come about', () => {
  it('is refused with the daemon’s error', async () => {
    const opening = rejection(channel.openStream(STORAGE_VOL_DOWNLOAD, whole));
    peer.refuse(await peer.next(), 50, 'no such volume', 18);
    expect(await opening).toMatchObject({ name: 'RemoteError', code: 50 });
    expect(await peer.waiting()).toHaveLength(0);
  });

  it('is aborted at the daemon when the caller has given up', async () => {
    const given = new AbortController();
    const opening = rejection(channel.openStream(STORAGE_VOL_DOWNLOAD, whole, { signal: given.signal }));
    const call = await peer.next();
    given.abort();
    expect(await opening).toMatchObject({ kind: 'aborted' });
    peer.reply(call, STORAGE_VOL_DOWNLOAD, {});
    peer.data(call, 'unwanted');
    const packets = await peer.waiting();
    expect(packets).toMatchObject([
      { type: MessageType.stream, status: MessageStatus.error, serial: call.serial },
    ]);
  });

  it('is left alone when the daemon refused it after the caller had given up', async () => {
    const given = new AbortController();
    const opening = rejection(channel.openStream(STORAGE_VOL_DOWNLOAD, whole, { signal: given.signal }));
    const call = await peer.next();
    given.abort();
    await opening;
    peer.refuse(call, 50, 'no such volume', 18);
    expect(await peer.waiting()).toHaveLength(0);
  });

  it('is handed out as a failed one when its error overtakes the answer', async () => {
    const opening = channel.openStream(STORAGE_VOL_DOWNLOAD, whole);
    const call = await peer.next();
    peer.stream(call, MessageStatus.error, errorPayload(38, 'disk gone', 38));
    peer.reply(call, STORAGE_VOL_DOWNLOAD, {});
    const { stream } = await opening;
    expect(await rejection(drain(stream))).toMatchObject({ name: 'RemoteError', code: 38 });
  });

  it('is aborted at the daemon when its answer cannot be decoded', async () => {
    const opening = rejection(channel.openStream(STORAGE_VOL_DOWNLOAD, whole));
    const call = await peer.next();
    peer.payload(call, Buffer.from('what'));
    expect(await opening).toMatchObject({ kind: 'decode' });
    expect(await peer.waiting()).toMatchObject([
      { type: MessageType.stream, status: MessageStatus.error, serial: call.serial },
    ]);
  });
});

function holeFrame({ program, procedure, serial }: Frame, payload: Buffer): Buffer {
  const frame = Buffer.alloc(28 + payload.length);
  [frame.length, program, 1, procedure, MessageType.streamHole, serial, MessageStatus.continue].forEach(
    (word, index) => {
      frame.writeUInt32BE(word, index * 4);
    },
  );
  payload.copy(frame, 28);
  return frame;
}
