import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Channel } from '../../source/wire/channel.js';
import { RemoteError } from '../../source/wire/errors.js';
import { MessageType } from '../../source/wire/framing.js';
import { procedures } from '../../source/wire/procedures.js';
import { decode, u32 } from '../../source/wire/xdr.js';
import { rejection, ScriptedPeer } from './peer.js';

const { CONNECT_GET_HOSTNAME, CONNECT_GET_URI, DOMAIN_LOOKUP_BY_NAME } = procedures;

let peer: ScriptedPeer;
let channel: Channel;

beforeEach(() => {
  peer = new ScriptedPeer();
  channel = new Channel(peer.client);
});

afterEach(async () => {
  vi.useRealTimers();
  await channel.close();
});

describe('calls', () => {
  it('send what was given and resolve with the answer', async () => {
    const answer = channel.call(DOMAIN_LOOKUP_BY_NAME, { name: 'web' });
    const call = await peer.next();
    expect(call).toMatchObject({ procedure: 23, type: MessageType.call, status: 0 });
    expect(decode(DOMAIN_LOOKUP_BY_NAME.args, call.payload)).toEqual({ name: 'web' });
    const dom = { name: 'web', uuid: '00000000-0000-0000-0000-000000000001', id: 7 };
    peer.reply(call, DOMAIN_LOOKUP_BY_NAME, { dom });
    expect(await answer).toEqual({ dom });
  });

  it('are matched with their answers in whatever order these come', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const answers = names.map((name) => channel.call(DOMAIN_LOOKUP_BY_NAME, { name }));
    const calls = await peer.waiting();
    for (const call of [...calls].reverse()) {
      const { name } = decode(DOMAIN_LOOKUP_BY_NAME.args, call.payload);
      const dom = { name, uuid: '00000000-0000-0000-0000-000000000001', id: -1 };
      peer.reply(call, DOMAIN_LOOKUP_BY_NAME, { dom });
    }
    expect((await Promise.all(answers)).map(({ dom }) => dom.name)).toEqual(names);
  });

  it('reject with the daemon’s own error', async () => {
    const answer = rejection(channel.call(DOMAIN_LOOKUP_BY_NAME, { name: 'nope' }));
    peer.refuse(await peer.next(), 42, 'Domain not found', 12);
    const error = await answer;
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ code: 42, domain: 12, level: 2, message: 'Domain not found' });
  });

  it('have a text even for an error without one', async () => {
    const answer = rejection(channel.call(CONNECT_GET_URI, {}));
    peer.refuse(await peer.next(), 9, undefined);
    expect((await answer).message).toContain('9');
  });

  it('are not disturbed by an answer that cannot be decoded: only its own call is rejected', async () => {
    const bad = rejection(channel.call(CONNECT_GET_URI, {}));
    const good = channel.call(CONNECT_GET_HOSTNAME, {});
    const [first, second] = await peer.waiting();
    peer.payload(first!, Buffer.from([0, 0, 0, 9, 1]));
    peer.reply(second!, CONNECT_GET_HOSTNAME, { hostname: 'host' });
    expect(await bad).toMatchObject({ name: 'WireError', kind: 'decode' });
    expect(await good).toEqual({ hostname: 'host' });
  });

  it('reject with a decode error when the error itself cannot be decoded', async () => {
    const answer = rejection(channel.call(CONNECT_GET_URI, {}));
    peer.payload(await peer.next(), Buffer.from('oops'), 1);
    expect(await answer).toMatchObject({ name: 'WireError', kind: 'decode' });
  });

  it('reject with a decode error for a status that no reply has', async () => {
    const answer = rejection(channel.call(CONNECT_GET_URI, {}));
    peer.payload(await peer.next(), Buffer.alloc(0), 2);
    expect(await answer).toMatchObject({ name: 'WireError', kind: 'decode' });
  });

  it('can decode the answer in another way', async () => {
    const answer = channel.call(CONNECT_GET_URI, {}, { as: u32 });
    peer.payload(await peer.next(), Buffer.from([0, 0, 1, 0]));
    expect(await answer).toBe(256);
  });

  it('ignore a reply that nobody waits for', async () => {
    const answer = channel.call(CONNECT_GET_HOSTNAME, {});
    const call = await peer.next();
    peer.reply({ ...call, serial: 999 }, CONNECT_GET_HOSTNAME, { hostname: 'stray' });
    peer.refuse({ ...call, serial: 998 }, 1, 'stray');
    peer.reply(call, CONNECT_GET_HOSTNAME, { hostname: 'mine' });
    expect(await answer).toEqual({ hostname: 'mine' });
    peer.reply(call, CONNECT_GET_HOSTNAME, { hostname: 'twice' });
    await peer.sync();
    expect(channel.isOver).toBe(false);
  });

  it('count what went over the wire', async () => {
    const answer = channel.call(CONNECT_GET_HOSTNAME, {});
    peer.reply(await peer.next(), CONNECT_GET_HOSTNAME, { hostname: 'host' });
    await answer;
    expect(channel.metrics).toMatchObject({ calls: 1, bytesSent: 28, bytesReceived: 36 });
    expect(channel.metrics.latencies).toHaveLength(1);
  });
});

describe('values that the protocol has no room for', () => {
  it('reject their call with an encode error and do no harm later', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const answer = rejection(channel.call(DOMAIN_LOOKUP_BY_NAME, { name: 'x'.repeat(5_000_000) }));
    expect(await answer).toMatchObject({ name: 'WireError', kind: 'encode' });
    // The call's time limit must not fire for a call that never was.
    expect(vi.getTimerCount()).toBe(0);
    expect(await peer.waiting()).toHaveLength(0);
  });

  it('reject only their own call when they make a message too long, also from the queue', async () => {
    const { DOMAIN_FSFREEZE } = procedures;
    const dom = { name: 'web', uuid: '00000000-0000-0000-0000-000000000001', id: 1 };
    const mountpoints = Array.from({ length: 9 }, () => 'x'.repeat(4_000_000));
    const others = Array.from({ length: 5 }, () => channel.call(CONNECT_GET_HOSTNAME, {}));
    const tooLong = rejection(channel.call(DOMAIN_FSFREEZE, { dom, mountpoints, flags: 0 }));
    for (let i = 0; i < 5; i += 1) {
      peer.reply(await peer.next(), CONNECT_GET_HOSTNAME, { hostname: 'host' });
    }
    await Promise.all(others);
    expect(await tooLong).toMatchObject({ name: 'WireError', kind: 'encode' });
    expect(channel.isOver).toBe(false);
  });

  it('leave no listener on the caller’s signal', async () => {
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    await rejection(channel.call(DOMAIN_LOOKUP_BY_NAME, { name: 'x'.repeat(5_000_000) }, { signal }));
    expect(add).not.toHaveBeenCalled();
  });
});

describe('callers who do not want to wait', () => {
  it('get a timeout error after the time they gave', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const answer = rejection(channel.call(CONNECT_GET_URI, {}, { timeout: 2000 }));
    await vi.advanceTimersByTimeAsync(1999);
    expect(channel.metrics.calls).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    const error = await answer;
    expect(error).toMatchObject({ name: 'WireError', kind: 'timeout' });
    expect(error.message).toContain('2 s');
  });

  it('wait without limit when they say 0, and 30 s when they say nothing', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const patient = channel.call(CONNECT_GET_HOSTNAME, {}, { timeout: 0 });
    const usual = rejection(channel.call(CONNECT_GET_URI, {}));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await usual).toMatchObject({ kind: 'timeout' });
    await vi.advanceTimersByTimeAsync(3_600_000);
    peer.reply(await peer.next(), CONNECT_GET_HOSTNAME, { hostname: 'late' });
    expect(await patient).toEqual({ hostname: 'late' });
  });

  it('wait no longer than a hurry lets them, from when it begins, but for what takes its time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const slow = new Map([[DOMAIN_LOOKUP_BY_NAME.number, 16_000]]);
    const lookup = rejection(channel.call(DOMAIN_LOOKUP_BY_NAME, { name: 'web' }, { timeout: 120_000 }));
    const sent = rejection(channel.call(CONNECT_GET_URI, {}, { timeout: 0 }));
    for (let i = 0; i < 2; i += 1) channel.call(CONNECT_GET_URI, {}).catch(() => {});
    const queued = rejection(channel.call(CONNECT_GET_HOSTNAME, {}));
    await vi.advanceTimersByTimeAsync(10_000);
    channel.hurry({ interval: 2 ** 30, count: 1 }, { underWay: 1000, call: 2000, slow });
    const later = rejection(channel.call(CONNECT_GET_URI, {}, { timeout: 120_000 }));
    await vi.advanceTimersByTimeAsync(1000);
    expect((await sent).message).toContain('within 1 s');
    expect((await queued).message).toContain('within 1 s');
    await vi.advanceTimersByTimeAsync(1000);
    expect((await later).message).toContain('within 2 s');
    await vi.advanceTimersByTimeAsync(14_000);
    expect((await lookup).message).toContain('within 16 s');
  });

  it('count the wait for a free place as well', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    for (let i = 0; i < 4; i += 1) channel.call(CONNECT_GET_URI, {}, { timeout: 0 }).catch(() => {});
    const queued = rejection(channel.call(CONNECT_GET_HOSTNAME, {}, { timeout: 100 }));
    await vi.advanceTimersByTimeAsync(100);
    expect(await queued).toMatchObject({ kind: 'timeout' });
    const calls = await peer.waiting();
    expect(calls).toHaveLength(4);
    peer.reply(calls[0]!, CONNECT_GET_URI, { uri: 'x' });
    // The place went to nobody: the call that gave up is not sent afterwards.
    expect(await peer.waiting()).toHaveLength(0);
  });

  it('can give up at once, while waiting and in flight', async () => {
    const given = rejection(channel.call(CONNECT_GET_URI, {}, { signal: AbortSignal.abort() }));
    expect(await given).toMatchObject({ name: 'WireError', kind: 'aborted' });
    expect(await peer.waiting()).toHaveLength(0);

    const sent = new AbortController();
    const inFlight = rejection(channel.call(CONNECT_GET_URI, {}, { signal: sent.signal }));
    for (let i = 0; i < 3; i += 1) void rejection(channel.call(CONNECT_GET_URI, {}));
    const waiting = new AbortController();
    const queued = rejection(channel.call(CONNECT_GET_HOSTNAME, {}, { signal: waiting.signal }));
    const [first] = await peer.waiting();
    waiting.abort();
    sent.abort();
    expect(await queued).toMatchObject({ kind: 'aborted' });
    expect(await inFlight).toMatchObject({ kind: 'aborted' });

    // The daemon is still at work on the one in flight: its place is kept until it answers.
    const next = channel.call(CONNECT_GET_HOSTNAME, {});
    expect(await peer.waiting()).toHaveLength(0);
    peer.reply(first!, CONNECT_GET_URI, { uri: 'late' });
    peer.reply(await peer.next(), CONNECT_GET_HOSTNAME, { hostname: 'next' });
    expect(await next).toEqual({ hostname: 'next' });
  });

  it('are let go of by the signal once they have their answer', async () => {
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, 'removeEventListener');
    const answer = channel.call(CONNECT_GET_HOSTNAME, {}, { signal });
    peer.reply(await peer.next(), CONNECT_GET_HOSTNAME, { hostname: 'host' });
    await answer;
    expect(remove).toHaveBeenCalledOnce();
  });
});

describe('the places in flight', () => {
  it('are four, and the next call is sent when one is answered', async () => {
    const answers = Array.from({ length: 6 }, () => channel.call(CONNECT_GET_HOSTNAME, {}));
    const calls = await peer.waiting();
    expect(calls).toHaveLength(4);
    peer.reply(calls[2]!, CONNECT_GET_HOSTNAME, { hostname: 'host' });
    const more = await peer.waiting();
    expect(more).toHaveLength(1);
    for (const call of [...calls.filter((_, i) => i !== 2), ...more]) {
      peer.reply(call, CONNECT_GET_HOSTNAME, { hostname: 'host' });
    }
    peer.reply(await peer.next(), CONNECT_GET_HOSTNAME, { hostname: 'host' });
    await Promise.all(answers);
  });

  it('are never all taken by polling', async () => {
    for (let i = 0; i < 9; i += 1)
      void rejection(channel.call(CONNECT_GET_URI, {}, { priority: 'background' }));
    expect(await peer.waiting()).toHaveLength(3);
    const key = channel.call(CONNECT_GET_HOSTNAME, {});
    const [call] = await peer.waiting();
    peer.reply(call!, CONNECT_GET_HOSTNAME, { hostname: 'at once' });
    expect(await key).toEqual({ hostname: 'at once' });
  });

  it('are free again after an answer that could not be decoded', async () => {
    const bad = Array.from({ length: 8 }, () => rejection(channel.call(CONNECT_GET_URI, {})));
    for (let i = 0; i < 8; i += 1) peer.payload(await peer.next(), Buffer.alloc(3));
    for (const error of await Promise.all(bad)) expect(error).toMatchObject({ kind: 'decode' });
    const good = channel.call(CONNECT_GET_HOSTNAME, {});
    peer.reply(await peer.next(), CONNECT_GET_HOSTNAME, { hostname: 'host' });
    expect(await good).toEqual({ hostname: 'host' });
  });
});
