import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Channel } from '../../source/wire/channel.js';
import { WireError } from '../../source/wire/errors.js';
import { encodeFrame, Program } from '../../source/wire/framing.js';
import { procedures } from '../../source/wire/procedures.js';
import { rejection, ScriptedPeer } from './peer.js';

const { CONNECT_GET_URI, STORAGE_VOL_DOWNLOAD } = procedures;
const vol = { pool: 'default', name: 'a', key: '/a' };
const download = { vol, offset: 0, length: 0, flags: 0 };

/** A channel with calls in flight, calls in the queue and a running stream. */
async function busy(): Promise<{ peer: ScriptedPeer; channel: Channel; ends: Promise<Error>[] }> {
  const peer = new ScriptedPeer();
  const channel = new Channel(peer.client);
  const opening = channel.openStream(STORAGE_VOL_DOWNLOAD, download);
  peer.reply(await peer.next(), STORAGE_VOL_DOWNLOAD, {});
  const { stream } = await opening;
  const reading = rejection(
    (async () => {
      for await (const _ of stream);
    })(),
  );
  const calls = Array.from({ length: 7 }, () => rejection(channel.call(CONNECT_GET_URI, {})));
  expect(await peer.waiting()).toHaveLength(4);
  return { peer, channel, ends: [reading, ...calls] };
}

const ways: readonly [string, (peer: ScriptedPeer) => void, RegExp][] = [
  ['the daemon closes the connection', (peer) => peer.end(), /daemon closed/],
  ['the connection breaks', (peer) => peer.client.destroy(new Error('ECONNRESET')), /ECONNRESET/],
  ['the transport is closed without a word', (peer) => peer.client.destroy(), /closed/],
  [
    'it ends in the middle of a message',
    (peer) => {
      peer.raw(Buffer.from([0, 0, 1, 0, 5]));
      peer.end();
    },
    /middle of a message/,
  ],
];

describe('the end of a connection', () => {
  it.each(ways)('rejects every call and stream when %s', async (_, end, message) => {
    const { peer, channel, ends } = await busy();
    end(peer);
    for (const error of await Promise.all(ends)) {
      expect(error).toBeInstanceOf(WireError);
      expect(error).toMatchObject({ kind: 'closed', message: expect.stringMatching(message) });
    }
    expect(await channel.closed).toMatchObject({ kind: 'closed' });
    expect(await rejection(channel.call(CONNECT_GET_URI, {}))).toMatchObject({ kind: 'closed' });
    expect(peer.client.destroyed).toBe(true);
  });

  const frame = (type: number) =>
    encodeFrame({ program: Program.remote, procedure: 1, type, serial: 1, status: 0 });
  const nonsense: readonly [string, Buffer][] = [
    ['a length of zero', Buffer.alloc(28)],
    ['text instead of messages', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a call, which only clients make', frame(0)],
    ['a reply with file descriptors, which nobody asked for', frame(5)],
    ['a message of an unknown type', frame(99)],
  ];

  it.each(nonsense)('follows a protocol error: %s', async (_, bytes) => {
    const { peer, channel, ends } = await busy();
    peer.raw(bytes);
    for (const error of await Promise.all(ends)) expect(error).toMatchObject({ kind: 'protocol' });
    expect(await channel.closed).toMatchObject({ kind: 'protocol' });
    expect(peer.client.destroyed).toBe(true);
  });

  it('by this program rejects what is pending and gives no reason', async () => {
    const { peer, channel, ends } = await busy();
    await channel.close();
    for (const error of await Promise.all(ends)) expect(error).toMatchObject({ kind: 'closed' });
    expect(await channel.closed).toBeUndefined();
    expect(channel.isOver).toBe(true);
    expect(peer.client.destroyed).toBe(true);
    await channel.close();
  });

  it('by this program can have a reason of its own', async () => {
    const { channel, ends } = await busy();
    const reason = new WireError('closed', 'the hypervisor went away');
    await channel.close(reason);
    expect(await channel.closed).toBe(reason);
    for (const error of await Promise.all(ends)) expect(error).toBe(reason);
  });

  it('tells the writer of a stream whose transport never takes the bytes', async () => {
    // A transport whose buffer is full for ever: write callbacks are never called.
    const stuck = new Duplex({ read() {}, write() {} });
    const channel = new Channel(stuck);
    const opening = channel.openStream(procedures.STORAGE_VOL_UPLOAD, download);
    stuck.push(encodeFrame({ program: Program.remote, procedure: 208, type: 1, serial: 1, status: 0 }));
    const { stream } = await opening;
    const writing = rejection(stream.write(Buffer.alloc(1_000_000)));
    stuck.push(null);
    expect(await writing).toMatchObject({ kind: 'closed' });
  });
});
