import { describe, expect, it } from 'vitest';
import type { Endpoint, TransportContext } from '../../source/transport/endpoint.js';
import { chooseSocket, findDaemon, isSession } from '../../source/transport/sockets.js';

const endpoint: Endpoint = {
  transport: 'unix',
  driver: 'qemu',
  scope: 'system',
  readOnly: false,
  mode: 'auto',
  name: 'qemu:///system',
  options: {},
};
const user: TransportContext = { euid: 1000, env: { XDG_RUNTIME_DIR: '/run/user/1000', PATH: '/usr/bin' } };
const root: TransportContext = { ...user, euid: 0 };
const system = '/var/run/libvirt';
const session = '/run/user/1000/libvirt';

/** A machine on which exactly these files are. */
const has =
  (...paths: string[]) =>
  (path: string) =>
    paths.includes(path);

interface Choice {
  readonly about: string;
  readonly endpoint?: Partial<Endpoint>;
  readonly context?: TransportContext;
  readonly files?: readonly string[];
  readonly expected: { readonly path: string; readonly daemon?: string; readonly present?: boolean };
}

const qemuSock = `${system}/virtqemud-sock`;
const legacySock = `${system}/libvirt-sock`;

const choices: readonly Choice[] = [
  {
    about: 'libvirtd alone',
    files: [legacySock],
    expected: { path: legacySock, daemon: 'libvirtd', present: true },
  },
  {
    about: 'the modular daemon alone',
    files: [qemuSock],
    expected: { path: qemuSock, daemon: 'virtqemud', present: true },
  },
  {
    about: 'both: the modular daemon first',
    files: [legacySock, qemuSock],
    expected: { path: qemuSock, daemon: 'virtqemud' },
  },
  {
    about: 'both, mode=legacy',
    endpoint: { mode: 'legacy' },
    files: [legacySock, qemuSock],
    expected: { path: legacySock, daemon: 'libvirtd' },
  },
  {
    about: 'libvirtd alone, mode=direct: not what was asked for',
    endpoint: { mode: 'direct' },
    files: [legacySock],
    expected: { path: qemuSock, daemon: 'virtqemud', present: false },
  },
  {
    about: 'the daemon of another driver only',
    endpoint: { driver: 'lxc' },
    files: [qemuSock],
    expected: { path: legacySock, present: false },
  },
  {
    about: 'read-only',
    endpoint: { readOnly: true },
    files: [`${system}/libvirt-sock-ro`, legacySock],
    expected: { path: `${system}/libvirt-sock-ro` },
  },
  {
    about: 'read-only, modular',
    endpoint: { readOnly: true },
    files: [`${qemuSock}-ro`],
    expected: { path: `${qemuSock}-ro`, daemon: 'virtqemud' },
  },
  {
    about: 'session of a user',
    endpoint: { scope: 'session' },
    files: [`${session}/libvirt-sock`],
    expected: { path: `${session}/libvirt-sock`, present: true },
  },
  {
    about: 'session, modular',
    endpoint: { scope: 'session' },
    files: [`${session}/libvirt-sock`, `${session}/virtqemud-sock`],
    expected: { path: `${session}/virtqemud-sock` },
  },
  {
    about: 'session has no read-only socket',
    endpoint: { scope: 'session', readOnly: true },
    files: [`${session}/libvirt-sock`],
    expected: { path: `${session}/libvirt-sock` },
  },
  {
    about: 'session of root: the system’s socket',
    endpoint: { scope: 'session' },
    context: root,
    files: [legacySock],
    expected: { path: legacySock },
  },
  {
    about: 'session without XDG_RUNTIME_DIR: the cache directory',
    endpoint: { scope: 'session' },
    context: { euid: 1000, env: { HOME: '/home/ann' } },
    expected: { path: '/home/ann/.cache/libvirt/libvirt-sock', present: false },
  },
  {
    about: 'session with XDG_CACHE_HOME only',
    endpoint: { scope: 'session' },
    context: { euid: 1000, env: { HOME: '/home/ann', XDG_CACHE_HOME: '/cache' } },
    expected: { path: '/cache/libvirt/libvirt-sock' },
  },
  {
    about: 'a socket in the URI',
    endpoint: { socket: '/tmp/mine' },
    files: [legacySock],
    expected: { path: '/tmp/mine', present: false },
  },
  {
    about: 'the test driver: libvirtd only',
    endpoint: { driver: 'test' },
    files: [qemuSock, legacySock, `${system}/virttestd-sock`],
    expected: { path: legacySock, daemon: 'libvirtd' },
  },
  {
    about: 'no driver named: libvirt’s own order',
    endpoint: { driver: '' },
    files: [`${system}/virtlxcd-sock`, qemuSock, legacySock],
    expected: { path: qemuSock, daemon: 'virtqemud' },
  },
  {
    about: 'no driver named: xen before qemu',
    endpoint: { driver: '' },
    files: [qemuSock, `${system}/virtxend-sock`],
    expected: { path: `${system}/virtxend-sock`, daemon: 'virtxend' },
  },
  {
    about: 'no driver named, libvirtd only',
    endpoint: { driver: '' },
    files: [legacySock],
    expected: { path: legacySock },
  },
  {
    about: 'no driver named, session: lxc has none',
    endpoint: { driver: '', scope: 'session' },
    files: [`${session}/virtlxcd-sock`, `${session}/virtqemud-sock`],
    expected: { path: `${session}/virtqemud-sock` },
  },
  {
    about: 'no socket, libvirtd installed',
    files: ['/usr/sbin/libvirtd', '/usr/sbin/virtqemud'],
    expected: { path: legacySock, daemon: 'libvirtd', present: false },
  },
  {
    about: 'no socket, only virtqemud installed',
    files: ['/usr/sbin/virtqemud'],
    expected: { path: qemuSock, daemon: 'virtqemud', present: false },
  },
  {
    about: 'no socket, nothing installed',
    expected: { path: legacySock, daemon: 'libvirtd', present: false },
  },
];

describe('the socket that is chosen', () => {
  it.each(choices)('$about', ({ endpoint: parts, context, files, expected }) => {
    const choice = chooseSocket({ ...endpoint, ...parts }, context ?? user, has(...(files ?? [])));
    expect(choice).toMatchObject(expected);
  });
});

describe('the program of a daemon', () => {
  it('is found in the sbin directories that a user’s PATH lacks', () => {
    expect(findDaemon('libvirtd', user, has('/usr/sbin/libvirtd'))).toBe('/usr/sbin/libvirtd');
  });

  it('is taken from PATH first, where PATH has absolute directories', () => {
    const context = { euid: 1000, env: { PATH: '.:relative:/opt/bin' } };
    const files = has('relative/libvirtd', './libvirtd', '/opt/bin/libvirtd', '/usr/sbin/libvirtd');
    expect(findDaemon('libvirtd', context, files)).toBe('/opt/bin/libvirtd');
  });

  it('can be named by libvirt’s own variables', () => {
    const env = { LIBVIRTD_PATH: '/my/libvirtd', VIRTD_PATH: '/my/virtqemud' };
    expect(findDaemon('libvirtd', { euid: 1000, env }, has())).toBe('/my/libvirtd');
    expect(findDaemon('virtqemud', { euid: 1000, env }, has())).toBe('/my/virtqemud');
  });

  it('is undefined when it is not installed', () => {
    expect(findDaemon('libvirtd', { euid: 1000, env: {} }, has())).toBeUndefined();
  });
});

it('root has no session', () => {
  expect(isSession({ ...endpoint, scope: 'session' }, user)).toBe(true);
  expect(isSession({ ...endpoint, scope: 'session' }, root)).toBe(false);
  expect(isSession(endpoint, user)).toBe(false);
});
