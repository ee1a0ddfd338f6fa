import { expect, test } from 'vitest';
import { proposeConnections } from '../../source/settings/propose-connections.js';

function propose(
  there: readonly string[],
  env: Readonly<Record<string, string>> = {},
  about: { euid?: number; hostname?: string } = {},
) {
  return proposeConnections({
    env,
    euid: 1000,
    hostname: 'stardust.example.org',
    exists: (path) => there.includes(path),
    ...about,
  });
}

const libvirtd = '/var/run/libvirt/libvirt-sock';
const virtqemud = '/var/run/libvirt/virtqemud-sock';
const system = [{ name: 'stardust', uri: 'qemu:///system', autoconnect: true }];
const session = [{ name: 'stardust', uri: 'qemu:///session', autoconnect: true }];

test.each([[libvirtd], [virtqemud]])('the system by %s', (socket) => {
  expect(propose([socket])).toEqual(system);
  expect(propose([socket], {}, { euid: 0 })).toEqual(system);
  expect(propose([socket, '/usr/sbin/libvirtd'])).toEqual(system);
});

test.each([
  ['/run/user/1000/libvirt/libvirt-sock', { XDG_RUNTIME_DIR: '/run/user/1000' }],
  ['/run/user/1000/libvirt/virtqemud-sock', { XDG_RUNTIME_DIR: '/run/user/1000' }],
  ['/home/a/.cache/libvirt/libvirt-sock', { HOME: '/home/a' }],
  ['/usr/sbin/libvirtd', {}],
  ['/usr/sbin/virtqemud', {}],
])('else the session by %s', (path, env) => {
  expect(propose([path], env as Record<string, string>)).toEqual(session);
});

test('nothing where there is no libvirt, or none that root could use', () => {
  expect(propose([])).toEqual([]);
  expect(propose(['/usr/sbin/libvirtd'], {}, { euid: 0 })).toEqual([]);
});

test('LIBVIRT_DEFAULT_URI goes before, a password in it does not', () => {
  const uri = 'lxc:///system';
  expect(propose([libvirtd], { LIBVIRT_DEFAULT_URI: uri })).toEqual([
    { name: 'default', uri, autoconnect: true },
  ]);
  expect(propose([libvirtd], { LIBVIRT_DEFAULT_URI: 'qemu+ssh://a:b@h/system' })).toEqual([]);
  expect(propose([libvirtd], { LIBVIRT_DEFAULT_URI: '' })).toEqual(system);
});

test('a host name that cannot be a connection name', () => {
  expect(propose([libvirtd], {}, { hostname: '' })).toEqual([{ ...system[0], name: 'local' }]);
});

test('virsh’s variable goes before LIBVIRT_DEFAULT_URI, both before libvirt.conf, that before what is here', () => {
  const env = { VIRSH_DEFAULT_CONNECT_URI: 'qemu:///a', LIBVIRT_DEFAULT_URI: 'qemu:///b' };
  const propose = (own: Readonly<Record<string, string>>, uriDefault: string | undefined) =>
    proposeConnections({ env: own, uriDefault, euid: 0, exists: () => true, hostname: 'h' })[0]?.uri;
  expect(propose(env, 'qemu:///c')).toBe('qemu:///a');
  expect(propose({ ...env, VIRSH_DEFAULT_CONNECT_URI: '' }, 'qemu:///c')).toBe('qemu:///b');
  expect(propose({}, 'qemu:///c')).toBe('qemu:///c');
  expect(propose({}, undefined)).toBe('qemu:///system');
});
