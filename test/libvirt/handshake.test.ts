import { describe, expect, it } from 'vitest';
import { parseConnectionUri } from '../../source/libvirt/connection-uri.js';
import { handshake } from '../../source/libvirt/remote/handshake.js';
import { rejection } from '../wire/peer.js';
import { type Answers, by, FakeDaemon, No } from './fake-daemon.js';

const answers: Answers = {
  AUTH_LIST: { types: [0] },
  AUTH_POLKIT: { complete: 1 },
  CONNECT_SUPPORTS_FEATURE: { supported: 1 },
  CONNECT_OPEN: {},
};

function shake(
  daemon: FakeDaemon,
  options: { keepalive?: boolean; readOnly?: boolean; steps?: string[] } = {},
) {
  const uri = parseConnectionUri('qemu+unix:///system?socket=/x', { readOnly: options.readOnly ?? false });
  return handshake(daemon.channel, uri, {
    keepalive: options.keepalive ?? false,
    onStep: (step) => options.steps?.push(step),
  });
}

describe('opening a connection', () => {
  it('asks who is let in, then opens the hypervisor by its name', async () => {
    const daemon = new FakeDaemon(answers);
    await shake(daemon);
    expect(daemon.calls).toEqual([
      { name: 'AUTH_LIST', args: {} },
      { name: 'CONNECT_OPEN', args: { name: 'qemu:///system', flags: 0 } },
    ]);
  });

  it('asks for the daemon’s pings before it opens', async () => {
    const daemon = new FakeDaemon(answers);
    await shake(daemon, { keepalive: true });
    expect(daemon.names).toEqual(['AUTH_LIST', 'CONNECT_SUPPORTS_FEATURE', 'CONNECT_OPEN']);
    expect(daemon.calls[1]?.args).toEqual({ feature: 10 });
  });

  it('can be read-only', async () => {
    const daemon = new FakeDaemon(answers);
    await shake(daemon, { readOnly: true });
    expect(daemon.calls.at(-1)?.args).toMatchObject({ flags: 1 });
  });

  it('goes through polkit, and says that it waits for it', async () => {
    const daemon = new FakeDaemon({ ...answers, AUTH_LIST: { types: [2] } });
    const steps: string[] = [];
    await shake(daemon, { steps });
    expect(daemon.names).toEqual(['AUTH_LIST', 'AUTH_POLKIT', 'CONNECT_OPEN']);
    expect(steps).toEqual(['waiting for the daemon', 'waiting for authorization (polkit)', 'opening']);
  });

  it.each([
    [94, 'authentication unavailable: no polkit agent available'],
    [45, 'authentication failed: access denied by policy'],
  ])('that polkit refuses with code %i is no connection, with the usermod line', async (code, message) => {
    const daemon = new FakeDaemon({
      ...answers,
      AUTH_LIST: { types: [2] },
      AUTH_POLKIT: new No(code, message),
    });
    const error = await rejection(shake(daemon));
    expect(error).toMatchObject({ name: 'LibvirtError', kind: 'connect', code, message });
    expect(error).toMatchObject({ hint: expect.stringContaining('usermod -aG libvirt') });
  });

  it('with an authentication that is not known says so', async () => {
    const daemon = new FakeDaemon({ ...answers, AUTH_LIST: { types: [9] } });
    const error = await rejection(shake(daemon));
    expect(error).toMatchObject({ kind: 'connect', message: expect.stringContaining('9') });
    expect(daemon.names).toEqual(['AUTH_LIST']);
  });

  it('that the daemon refuses is no connection, whatever its code', async () => {
    for (const [code, message] of [
      [5, 'no connection driver available for qemu:///nowhere'],
      [3, 'this function is not supported by the connection driver: virConnectSetIdentity'],
      [1, 'internal error: unexpected QEMU URI path'],
    ] as const) {
      const daemon = new FakeDaemon({ ...answers, CONNECT_OPEN: new No(code, message) });
      expect(await rejection(shake(daemon))).toMatchObject({
        name: 'LibvirtError',
        kind: 'connect',
        code,
        message,
      });
    }
  });

  it('that breaks off is "closed"', async () => {
    const daemon = new FakeDaemon({ ...answers, AUTH_LIST: by(() => void daemon.peer.end()) });
    expect(await rejection(shake(daemon))).toMatchObject({ name: 'LibvirtError', kind: 'closed' });
  });

  it('can be given up while polkit waits for a password', async () => {
    const given = new AbortController();
    const daemon = new FakeDaemon({
      ...answers,
      AUTH_LIST: { types: [2] },
      AUTH_POLKIT: by(() => void given.abort()),
    });
    const uri = parseConnectionUri('qemu:///system');
    const opening = handshake(daemon.channel, uri, { keepalive: false, signal: given.signal });
    expect(await rejection(opening)).toMatchObject({ name: 'LibvirtError', kind: 'aborted' });
  });

  it.each([
    [
      'that ends SCRAM before it has proved who it is',
      'SCRAM-SHA-256',
      challenge('4096', 1),
      /has not shown/,
    ],
    ['that answers SCRAM with another nonce', 'SCRAM-SHA-256', said('r=x,s=c2FsdA==,i=4096'), /SCRAM/],
    ['that wants half a round', 'SCRAM-SHA-1', challenge('1.5', 0), /SCRAM/],
    ['that wants too many rounds', 'SCRAM-SHA-1', challenge('2000000000', 0), /SCRAM/],
    ['that signs with another password', 'SCRAM-SHA-256', challenge('4096', 0), /has not shown/],
    ['that never comes to an end', 'PLAIN', said(''), /does not come to an end/],
    ['that offers what nobody knows', ',,x y,', said(''), /offers X Y to log in with/],
  ])('a daemon %s is not let have its way', async (_what, mechanisms, start, words) => {
    const daemon = new FakeDaemon({
      ...answers,
      AUTH_LIST: { types: [1] },
      AUTH_SASL_INIT: { mechanisms },
      AUTH_SASL_START: start,
      AUTH_SASL_STEP: { complete: 0, nil: 0, data: Buffer.from('v=bm90aGluZw==') },
    });
    const uri = parseConnectionUri('qemu+unix:///system?socket=/x');
    const credentials = async () => ({ user: 'ann', password: 'secret' });
    const error = await rejection(
      handshake(daemon.channel, uri, { keepalive: false, confidential: true, credentials }),
    );
    expect(error).toMatchObject({ kind: 'connect', message: expect.stringMatching(words) });
    expect(daemon.names).not.toContain('CONNECT_OPEN');
  });
});

function said(text: string, complete = 0) {
  return { complete, nil: 0, data: Buffer.from(text) };
}

/** The first answer of SCRAM, right but for what is asked for. */
function challenge(rounds: string, complete: number) {
  return by(({ data }: { data: Buffer }) => {
    const nonce = /r=([^,]+)/.exec(Buffer.from(data).toString())?.[1];
    return said(`r=${nonce}more,s=c2FsdA==,i=${rounds}`, complete);
  });
}
