import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Channel } from '../../source/wire/channel.js';
import { domainEvents } from '../../source/wire/events.js';
import { procedures } from '../../source/wire/procedures.js';
import { keepaliveFrame, pongFrame, rejection, ScriptedPeer } from './peer.js';

const keepalive = { interval: 5000, count: 5 };
let peer: ScriptedPeer;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  peer = new ScriptedPeer();
});

afterEach(() => vi.useRealTimers());

/** Lets that much time pass, with everything that it causes on both sides. */
async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('keepalive', () => {
  it('answers the daemon’s pings, also without options', async () => {
    const channel = new Channel(peer.client);
    await peer.sync();
    await peer.sync();
    await pass(60_000);
    expect(peer.pings).toBe(0);
    await channel.close();
  });

  it('answers a ping while four calls wait for the daemon', async () => {
    const channel = new Channel(peer.client);
    const calls = Array.from({ length: 9 }, () => rejection(channel.call(procedures.CONNECT_GET_URI, {})));
    expect(await peer.waiting()).toHaveLength(4);
    await channel.close();
    await Promise.all(calls);
  });

  it('takes nobody for dead whom a slow reader keeps from answering, and goes on pinging', async () => {
    const channel = new Channel(peer.client, { keepalive });
    const vol = { pool: 'default', name: 'a', key: '/a' };
    const opening = channel.openStream(procedures.STORAGE_VOL_DOWNLOAD, {
      vol,
      offset: 0,
      length: 0,
      flags: 0,
    });
    const call = await peer.next();
    peer.reply(call, procedures.STORAGE_VOL_DOWNLOAD, {});
    const { stream } = await opening;
    for (let at = 0; at < 100; at += 1) peer.data(call, 'x'.repeat(256 * 1024));
    await pass(0);
    await pass(120_000);
    expect([channel.isOver, peer.pings]).toEqual([false, expect.any(Number)]);
    expect(peer.pings).toBeGreaterThan(10);
    await stream.abort();
    await channel.close();
  });

  it('sends a ping after a time of silence', async () => {
    const channel = new Channel(peer.client, { keepalive });
    await pass(4999);
    expect(peer.pings).toBe(0);
    await pass(1);
    expect(peer.pings).toBe(1);
    await channel.close();
    await pass(60_000);
    expect(peer.pings).toBe(1);
  });

  it('lives on while pings are answered', async () => {
    const channel = new Channel(peer.client, { keepalive });
    for (let round = 1; round <= 20; round += 1) {
      await pass(5000);
      expect(peer.pings).toBe(round);
      peer.raw(pongFrame);
      await pass(0);
    }
    expect(channel.isOver).toBe(false);
    await channel.close();
  });

  it('takes any message as a sign of life', async () => {
    const channel = new Channel(peer.client, { keepalive });
    const dom = { name: 'web', uuid: '00000000-0000-0000-0000-000000000001', id: 1 };
    for (let round = 0; round < 20; round += 1) {
      await pass(4000);
      peer.event(domainEvents.REBOOT, { callbackID: 0, dom });
      await pass(0);
    }
    expect(peer.pings).toBe(0);
    await channel.close();
  });

  it('gives up after five unanswered pings and says so to every call', async () => {
    const channel = new Channel(peer.client, { keepalive });
    const call = rejection(channel.call(procedures.CONNECT_GET_URI, {}, { timeout: 0 }));
    await pass(25_000);
    expect(peer.pings).toBe(5);
    expect(channel.isOver).toBe(false);
    await pass(5000);
    expect(channel.isOver).toBe(true);
    expect(await channel.closed).toMatchObject({ name: 'WireError', kind: 'closed' });
    expect((await call).message).toContain('30 s');
    expect(peer.client.destroyed).toBe(true);
  });

  it('leaves no timer of a call that was answered, or after its end', async () => {
    const channel = new Channel(peer.client);
    await peer.sync();
    const answered = channel.call(procedures.CONNECT_GET_URI, {});
    const waiting = rejection(channel.call(procedures.CONNECT_GET_URI, {}));
    expect(vi.getTimerCount()).toBe(2);
    const [call] = await peer.waiting();
    if (call !== undefined) peer.reply(call, procedures.CONNECT_GET_URI, { uri: 'test:///default' });
    await answered;
    expect(vi.getTimerCount()).toBe(1);
    await channel.close();
    await waiting;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not keep the program running', () => {
    vi.useRealTimers();
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const channel = new Channel(peer.client, { keepalive });
    const after = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    expect(after).toBe(before);
    return channel.close();
  });

  it('answers a flood of pings with no more than the peer reads', async () => {
    const written: number[] = [];
    const duplex = new Duplex({
      read() {},
      // A peer that never reads: nothing is ever taken.
      write(chunk: Buffer) {
        written.push(chunk.length);
      },
    });
    const channel = new Channel(duplex);
    const pings = Buffer.concat(Array.from({ length: 10_000 }, () => keepaliveFrame(1)));
    for (let time = 0; time < 10; time += 1) duplex.emit('data', pings);
    expect(channel.isOver).toBe(false);
    expect(duplex.writableLength).toBeLessThan(1000);
    await channel.close();
  });
});
