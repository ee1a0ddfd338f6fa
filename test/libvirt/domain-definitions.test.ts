import { describe, expect, it } from 'vitest';
import { rejection } from '../wire/peer.js';
import { by, FakeDaemon, No } from './fake-daemon.js';

const web = { name: 'web', uuid: '00000000-0000-0000-0000-000000000001', id: -1 };
const Undefine = { managedSave: 1, snapshots: 2, nvram: 4, checkpoints: 16 } as const;

/** A driver that knows these flags, and refuses others as libvirt does. */
const knowing = (known: number, answer: object) =>
  by(({ flags }: { flags: number }) =>
    (flags & ~known) === 0
      ? answer
      : new No(8, `invalid argument: unsupported flags (0x${flags}) in function x`),
  );

const flagsOf = (daemon: FakeDaemon): readonly number[] =>
  daemon.calls.map(({ args }) => (args as { flags: number }).flags);

describe('defining a domain', () => {
  it('has its XML checked by the schema', async () => {
    const daemon = new FakeDaemon({ DOMAIN_DEFINE_XML_FLAGS: knowing(1, { dom: web }) });
    expect(await daemon.hypervisor().defineDomain('<domain/>')).toEqual(web);
    expect(flagsOf(daemon)).toEqual([1]);
  });

  it('goes without where the driver cannot, or has only the older call', async () => {
    const small = new FakeDaemon({ DOMAIN_DEFINE_XML_FLAGS: knowing(0, { dom: web }) });
    expect(await small.hypervisor().defineDomain('<domain/>')).toEqual(web);
    expect(flagsOf(small)).toEqual([1, 0]);
    const old = new FakeDaemon({ DOMAIN_DEFINE_XML: { dom: web } });
    expect(await old.hypervisor().defineDomain('<domain/>')).toEqual(web);
    expect(old.names).toEqual(['DOMAIN_DEFINE_XML_FLAGS', 'DOMAIN_DEFINE_XML']);
  });

  it('is not tried again when the XML is wrong', async () => {
    const daemon = new FakeDaemon({ DOMAIN_DEFINE_XML_FLAGS: new No(92, 'failed to validate') });
    expect(await rejection(daemon.hypervisor().defineDomain('<domain/>'))).toMatchObject({ code: 92 });
    expect(daemon.calls).toHaveLength(1);
  });
});

describe('undefining a domain', () => {
  const { managedSave, snapshots, nvram, checkpoints } = Undefine;

  it.each([
    ['everything', managedSave | snapshots | nvram | checkpoints],
    ['all but checkpoints (before libvirt 5.6)', managedSave | snapshots | nvram],
    ['all but NVRAM (libvirt’s test driver)', managedSave | snapshots | checkpoints],
    ['a managed save alone', managedSave],
    ['nothing (LXC)', 0],
  ])('takes with it what the driver knows: %s', async (_, known) => {
    const daemon = new FakeDaemon({ DOMAIN_UNDEFINE_FLAGS: knowing(known, {}) });
    await daemon.hypervisor().undefineDomain(web);
    expect(flagsOf(daemon)[0]).toBe(managedSave | snapshots | nvram | checkpoints);
    expect(flagsOf(daemon).at(-1)).toBe(known);
  });

  it('is not tried again for another reason', async () => {
    const daemon = new FakeDaemon({ DOMAIN_UNDEFINE_FLAGS: new No(42, 'Domain not found') });
    expect(await rejection(daemon.hypervisor().undefineDomain(web))).toMatchObject({ code: 42 });
    expect(daemon.calls).toHaveLength(1);
  });
});

describe('what an emulator can do', () => {
  it('is unsupported where the driver has no such call, and a failure where it refuses', async () => {
    const without = new FakeDaemon({ CONNECT_GET_DOMAIN_CAPABILITIES: new No(3, 'not supported') });
    expect(await without.hypervisor().domainCapabilities({})).toEqual({
      unsupported: true,
      reason: 'not supported',
    });
    const refusing = new FakeDaemon({ CONNECT_GET_DOMAIN_CAPABILITIES: new No(8, 'unknown virttype: x') });
    const error = await rejection(refusing.hypervisor().domainCapabilities({ virtType: 'x' }));
    expect(error).toMatchObject({ kind: 'libvirt', code: 8 });
  });
});
