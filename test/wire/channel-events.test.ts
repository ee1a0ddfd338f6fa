import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Channel } from '../../source/wire/channel.js';
import { domainEvents } from '../../source/wire/events.js';
import { MessageType, Program } from '../../source/wire/framing.js';
import { procedures } from '../../source/wire/procedures.js';
import { ScriptedPeer } from './peer.js';

const { LIFECYCLE, REBOOT } = domainEvents;
const dom = { name: 'web', uuid: '00000000-0000-0000-0000-000000000001', id: 1 };
const lifecycle = (event: number) => ({ callbackID: 0, dom, event, detail: 0 });

let peer: ScriptedPeer;
let channel: Channel;

beforeEach(() => {
  peer = new ScriptedPeer();
  channel = new Channel(peer.client);
});

afterEach(() => channel.close());

describe('events', () => {
  it('arrive in order, also while calls are pending', async () => {
    const heard: number[] = [];
    channel.listen(LIFECYCLE, ({ event }) => heard.push(event));
    const answer = channel.call(procedures.CONNECT_GET_HOSTNAME, {});
    const call = await peer.next();
    for (const event of [0, 2, 5, 1]) peer.event(LIFECYCLE, lifecycle(event));
    await peer.sync();
    expect(heard).toEqual([0, 2, 5, 1]);
    peer.reply(call, procedures.CONNECT_GET_HOSTNAME, { hostname: 'host' });
    await answer;
  });

  it('go to the listener of their own kind only', async () => {
    const heard: unknown[] = [];
    channel.listen(REBOOT, (body) => heard.push(body));
    peer.event(LIFECYCLE, lifecycle(0));
    peer.event(REBOOT, { callbackID: 3, dom });
    // The same number in another program is something else.
    peer.eventBytes({ ...REBOOT, program: Program.qemu }, Buffer.alloc(0));
    await peer.sync();
    expect(heard).toEqual([{ callbackID: 3, dom }]);
  });

  it('that nobody listens to are dropped', async () => {
    peer.event(LIFECYCLE, lifecycle(0));
    peer.eventBytes({ ...LIFECYCLE, number: 9999 }, Buffer.from('future'));
    await peer.sync();
    expect(channel.isOver).toBe(false);
  });

  it('that cannot be decoded are told apart and do no other harm', async () => {
    const heard: number[] = [];
    const bad: Error[] = [];
    channel.listen(
      LIFECYCLE,
      ({ event }) => heard.push(event),
      (error) => bad.push(error),
    );
    peer.eventBytes(LIFECYCLE, Buffer.from('nonsense'));
    peer.event(LIFECYCLE, lifecycle(2));
    await peer.sync();
    expect(heard).toEqual([2]);
    expect(bad).toMatchObject([{ name: 'WireError', kind: 'decode' }]);
  });

  it('reach the next listener although this one throws, and the throw is told', async () => {
    const heard: number[] = [];
    const bad: Error[] = [];
    channel.listen(
      LIFECYCLE,
      ({ event }) => {
        heard.push(event);
        throw new Error(`no idea what ${event} is`);
      },
      (error) => bad.push(error),
    );
    // One that tells nobody: vitest would report an uncaught exception.
    channel.listen(REBOOT, () => {
      heard.push(100);
      throw new Error('nor this');
    });
    peer.event(LIFECYCLE, lifecycle(2));
    peer.event(REBOOT, { callbackID: 0, dom });
    peer.event(LIFECYCLE, lifecycle(5));
    await peer.sync();
    expect(heard).toEqual([2, 100, 5]);
    expect(bad.map(({ message }) => message)).toEqual(['no idea what 2 is', 'no idea what 5 is']);
    expect(channel.isOver).toBe(false);
  });

  it('may call the daemon and end the connection from their listener', async () => {
    channel.listen(LIFECYCLE, () => {
      void channel.call(procedures.CONNECT_GET_URI, {}).catch(() => {});
    });
    channel.listen(REBOOT, () => void channel.close());
    peer.event(LIFECYCLE, lifecycle(2));
    expect(await peer.next()).toMatchObject({ procedure: 110, type: MessageType.call });
    peer.event(REBOOT, { callbackID: 0, dom });
    peer.event(LIFECYCLE, lifecycle(5));
    expect(await channel.closed).toBeUndefined();
  });
});
