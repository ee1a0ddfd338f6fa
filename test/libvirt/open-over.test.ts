import { expect, it } from 'vitest';
import { parseConnectionUri } from '../../source/libvirt/connection-uri.js';
import { openOver } from '../../source/libvirt/open.js';
import { procedures } from '../../source/wire/procedures.js';
import { rejection, ScriptedPeer } from '../wire/peer.js';

const uri = parseConnectionUri('qemu:///system', { readOnly: false });

it('whoever gives up is not kept by a host that falls silent, at whichever call', async () => {
  for (const answered of [0, 1, 2]) {
    const peer = new ScriptedPeer();
    const life = new AbortController();
    const opening = rejection(openOver(peer.client, uri, { events: true, signal: life.signal }));
    const answers = [
      [procedures.AUTH_LIST, { types: [0] }],
      [procedures.CONNECT_OPEN, {}],
    ] as const;
    for (const [procedure, value] of answers.slice(0, answered))
      peer.reply(await peer.next(), procedure as typeof procedures.AUTH_LIST, value as { types: number[] });
    // The next call is under way, one of the registrations at last.
    await peer.next();
    life.abort();
    expect(await opening).toMatchObject({ name: 'LibvirtError', kind: 'aborted' });
    expect(peer.client.destroyed).toBe(true);
  }
});

it('an answer that is none of the protocol is told with its call and the host as it was given', async () => {
  const peer = new ScriptedPeer();
  const opening = rejection(openOver(peer.client, { ...uri, given: 'qemu' }));
  peer.payload(await peer.next(), Buffer.alloc(2));
  expect(await opening).toMatchObject({
    kind: 'protocol',
    message: expect.stringContaining('qemu sent a malformed answer to AUTH_LIST (66): '),
  });
});
