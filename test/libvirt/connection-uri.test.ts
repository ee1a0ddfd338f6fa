import { describe, expect, it } from 'vitest';
import { parseConnectionUri } from '../../source/libvirt/connection-uri.js';
import { LibvirtError } from '../../source/libvirt/errors.js';

type Parsed = ReturnType<typeof parseConnectionUri>;

/** What each URI says, as virsh 9.0.0 takes it (names and ssh arguments were compared with what it sends). */
const uris: readonly [string, string, Partial<Parsed['endpoint']>][] = [
  ['qemu:///system', 'qemu:///system', { transport: 'unix', driver: 'qemu', scope: 'system', mode: 'auto' }],
  ['qemu:///session', 'qemu:///session', { scope: 'session' }],
  ['qemu+unix:///session', 'qemu:///session', { transport: 'unix', scope: 'session' }],
  ['lxc:///system', 'lxc:///system', { driver: 'lxc' }],
  ['xen:///', 'xen:///', { driver: 'xen' }],
  ['test+unix:///default', 'test:///default', { driver: 'test', scope: 'session', transport: 'unix' }],
  ['test:///default', 'test:///default', { driver: 'test', scope: 'system' }],
  ['QEMU+UNIX:///system', 'qemu:///system', { driver: 'qemu', transport: 'unix' }],
  ['remote+unix:///', '', { driver: '' }],
  ['remote+unix:///system?x=1', '', { driver: '' }],
  // Hosts.
  ['qemu://host/system', 'qemu:///system', { transport: 'tls', host: 'host' }],
  ['qemu+tcp://host:16510/system', 'qemu:///system', { transport: 'tcp', host: 'host', port: 16_510 }],
  ['qemu+ssh://ann@host/system', 'qemu:///system', { transport: 'ssh', user: 'ann', host: 'host' }],
  ['qemu+ssh://ann@host:2222/system', 'qemu:///system', { user: 'ann', port: 2222 }],
  ['qemu+ssh://ann%40corp@host/system', 'qemu:///system', { user: 'ann@corp', host: 'host' }],
  ['qemu+ssh://u:pw@host/system', 'qemu:///system', { user: 'u:pw', host: 'host' }],
  ['qemu+ssh://[::1]/system', 'qemu:///system', { host: '::1', port: undefined }],
  ['qemu+ssh://ann@[fe80::1]:2222/system', 'qemu:///system', { user: 'ann', host: 'fe80::1', port: 2222 }],
  ['qemu+ssh://h%41x/system', 'qemu:///system', { host: 'hAx' }],
  ['qemu+ssh://my_host:0/system', 'qemu:///system', { host: 'my_host', port: undefined }],
  ['qemu+ssh:///system', 'qemu:///system', { transport: 'ssh', host: undefined }],
  ['xen+ssh://host', 'xen://', { host: 'host' }],
  ['qemu+libssh2://host/system', 'qemu:///system', { transport: 'libssh2' }],
  ['qemu+ext://host/system', 'qemu:///system', { transport: 'ext' }],
  // Parameters: the client's own go, the others stay.
  ['qemu+unix:///system?socket=/tmp/s', 'qemu:///system', { socket: '/tmp/s' }],
  ['qemu+unix:///system?socket=%2Ftmp%2Fa%20b', 'qemu:///system', { socket: '/tmp/a b' }],
  ['qemu:///system?mode=legacy', 'qemu:///system', { mode: 'legacy' }],
  ['qemu:///system?Mode=direct', 'qemu:///system', { mode: 'direct' }],
  ['qemu:///system?name=test:///other', 'test:///other', { driver: 'qemu' }],
  ['qemu:///system?x=1&y=a%20b', 'qemu:///system?x=1&y=a%20b', {}],
  ['qemu:///system?x=1&x=2', 'qemu:///system?x=1&x=2', {}],
  ['qemu:///system?foo', 'qemu:///system?foo=', {}],
  ['qemu:///system?socket=/a;x=1', 'qemu:///system?x=1', { socket: '/a' }],
  ['qemu:///system?a=1;b=2&socket=/a', 'qemu:///system?a=1%3Bb%3D2', { socket: '/a' }],
  ['qemu:///system?x=a-b_c.d/e:f', 'qemu:///system?x=a-b_c.d%2Fe%3Af', {}],
  [
    'qemu+ssh://h/system?proxy=netcat&netcat=nc&command=ssh&keyfile=/k&no_verify=1&no_tty=1&known_hosts=/k' +
      '&known_hosts_verify=auto&sshauth=agent&tls_priority=x&pkipath=/p&no_sanity=1&auth=sasl&authfile=/a',
    'qemu:///system',
    { transport: 'ssh' },
  ],
  ['qemu:///system#part', 'qemu:///system#part', {}],
  ['xen:///a%20b', 'xen:///a%20b', {}],
];

const bad: readonly [string, RegExp][] = [
  ['qemu:///system?socket=', /socket= is empty/],
  ['qemu+ssh://host/system?command=', /command= is empty/],
  ['qemu+ssh://host/system?known_hosts=&user=x', /known_hosts= is empty/],
  ['qemu:///system?socket=/run/a%00b', /a NUL/],
  ['qemu+ssh://host/system?keyfile=%00', /a NUL/],
  ['qemu', /form/],
  // The daemon would say so, if it were there.
  ['qemu:///', /it has no path: \/system is/],
  ['qemu+ssh://host', /it has no path: \/system is/],
  ['qemu:///session/', /QEMU has no path \/session\/: \/system is/],
  ['/system', /form/],
  ['://host/system', /form/],
  ['my host', /form/],
  ['qemu+pigeon://host/system', /pigeon/],
  ['qemu+unix://host/system', /host/],
  ['qemu:///system?mode=fast', /fast/],
  ['qemu+ssh://host:/system', /form/],
  ['qemu+ssh://fe80::1/system', /form/],
  ['qemu+ssh://host:99999/system', /99999/],
  ['qemu+ssh://host:22x/system', /form/],
];

describe('a connection URI', () => {
  it.each(uris)('%s', (text, name, endpoint) => {
    const parsed = parseConnectionUri(text, { euid: 1000 });
    expect(parsed).toMatchObject({ text, name });
    expect(parsed.endpoint).toEqual({ ...parsed.endpoint, ...endpoint });
  });

  it.each(bad)('%s is refused', (text, reason) => {
    const parse = () => parseConnectionUri(text);
    expect(parse).toThrow(LibvirtError);
    expect(parse).toThrow(reason);
    expect(parse).toThrow(
      expect.objectContaining({ kind: 'connect', hint: expect.stringContaining('qemu:///system') }),
    );
  });

  it('that is empty leaves the driver to the daemon: root’s is the system’s, a user’s their own', () => {
    expect(parseConnectionUri('', { euid: 0 })).toMatchObject({
      name: '',
      endpoint: { driver: '', scope: 'system' },
    });
    expect(parseConnectionUri('', { euid: 1000 })).toMatchObject({
      name: '',
      endpoint: { scope: 'session' },
    });
  });

  it('takes mode and read-only from outside when it does not say otherwise', () => {
    const defaults = { mode: 'legacy', readOnly: true } as const;
    expect(parseConnectionUri('qemu:///system', defaults).endpoint).toMatchObject(defaults);
    expect(parseConnectionUri('', defaults).endpoint).toMatchObject(defaults);
    expect(parseConnectionUri('qemu:///system?mode=direct', defaults).endpoint.mode).toBe('direct');
  });

  it('that is hostile takes no time', () => {
    const long = `qemu+ssh://${'a@'.repeat(20_000)}${'[:'.repeat(20_000)}`;
    expect(() => parseConnectionUri(long)).toThrow(LibvirtError);
  });
});

it('with a NUL in it is none: no program takes one', () => {
  expect(() => parseConnectionUri('qemu+ssh://lab2/system?keyfile=/a%00b')).toThrow('there is a NUL in it');
});
