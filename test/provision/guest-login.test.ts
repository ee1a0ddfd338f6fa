import { expect, test } from 'vitest';
import type { Reach } from '../../source/inventory/domain-reach.js';
import { parseConnectionUri } from '../../source/libvirt/connection-uri.js';
import { DomainState } from '../../source/libvirt/domain-state.js';
import {
  type Guest,
  guestLogin,
  notRunning,
  simulated,
  sshLineOf,
} from '../../source/provision/guest-login.js';

const reach: Reach = {
  kind: 'address',
  address: {
    ...{ interface: 'eth0', mac: undefined, family: 'ipv4', address: '192.168.122.7', prefix: 24 },
    source: 'agent',
  },
};
const forward: Reach = { kind: 'forward', host: '127.0.0.1', port: 2222, to: 22 };

const at = (uri: string, more: Partial<Guest> = {}): Guest => ({
  ...{ name: 'web-1', reach, user: 'isabell', endpoint: parseConnectionUri(uri).endpoint },
  ...more,
});

/** The line as it is printed, or why there is none. */
function line(guest: Guest, ...command: readonly string[]): string {
  const login = guestLogin(guest, { command, connection: 'lab2' });
  return 'args' in login ? sshLineOf(login.args) : login.missing;
}

test.each([
  ['qemu:///system', 'ssh isabell@192.168.122.7'],
  ['qemu+unix:///system?socket=/run/x', 'ssh isabell@192.168.122.7'],
  // Its networks are this machine's.
  ['qemu+ssh://localhost/system', 'ssh isabell@192.168.122.7'],
  ['qemu+ssh://root@127.0.0.1/system', 'ssh isabell@192.168.122.7'],
  // A tunnel.
  ['qemu+ssh://localhost:2200/system', 'ssh -J localhost:2200 isabell@192.168.122.7'],
  ['qemu+ssh://lab2/system', 'ssh -J lab2 isabell@192.168.122.7'],
  ['qemu+ssh://root@lab2.example:2200/system', 'ssh -J root@lab2.example:2200 isabell@192.168.122.7'],
  ['qemu+libssh://root@lab2/system', 'ssh -J root@lab2 isabell@192.168.122.7'],
  ['qemu+libssh2://root@lab2/system', 'ssh -J root@lab2 isabell@192.168.122.7'],
  ['qemu+ssh://root@[2001:db8::2]:2200/system', "ssh -J 'root@[2001:db8::2]:2200' isabell@192.168.122.7"],
  // No way through it is known; a bridged guest is reached all the same.
  ['qemu+tls://lab2/system', 'ssh isabell@192.168.122.7'],
])('a guest of %s is logged in to by %s', (uri, expected) => {
  expect(line(at(uri))).toBe(expected);
});

test('a port of the host that leads to the guest is taken, of a remote host through it', () => {
  expect(line(at('qemu:///session', { reach: forward }))).toBe('ssh -p 2222 isabell@127.0.0.1');
  expect(line(at('qemu+ssh://root@lab2/session', { reach: forward }))).toBe(
    'ssh -J root@lab2 -p 2222 isabell@127.0.0.1',
  );
  expect(line(at('qemu+tls://lab2/system', { reach: forward }))).toMatch(
    /^only a port of lab2 itself leads to web-1/,
  );
  expect(line(at('qemu+tls://lab2/system', { reach: { ...forward, host: '10.0.0.9' } }))).toBe(
    'ssh -p 2222 isabell@10.0.0.9',
  );
});

test('without a user ssh chooses, and a command is words of its own, behind all options', () => {
  expect(line(at('qemu:///system', { user: undefined }))).toBe('ssh 192.168.122.7');
  expect(line(at('qemu+ssh://lab2/system'), '-v', 'it’s', '$(id)')).toBe(
    "ssh -J lab2 -- isabell@192.168.122.7 -v 'it’s' '$(id)'",
  );
});

test('what -J cannot say of the host is said by a command, in which nothing is more than a word', () => {
  // Both ssh replace %% by %: the one that is called, and the one that it calls.
  const uri = 'qemu+ssh://admin@lab2:2200/system?keyfile=/k/my%20key%25h&known_hosts=/k/known&no_verify=1';
  const login = guestLogin(at(uri));
  expect('args' in login && login.args).toEqual([
    '-o',
    "ProxyCommand=ssh -p 2200 -l admin -i '/k/my key%%%%h' -o StrictHostKeyChecking=no -o UserKnownHostsFile=/k/known" +
      " -W '[%h]:%p' -- lab2",
    'isabell@192.168.122.7',
  ]);
  const domainUser = guestLogin(at('qemu+ssh://CORP%5Cadmin@lab2/system'));
  expect('args' in domainUser && domainUser.args[1]).toBe(
    "ProxyCommand=ssh -l 'CORP\\admin' -W '[%h]:%p' -- lab2",
  );
});

test('a login to the host that is there already is gone through', () => {
  const login = guestLogin(at('qemu+ssh://lab2/system'), { control: '/run/user/0/virtdeck/ssh-1' });
  expect('args' in login && login.args[1]).toBe(
    "ProxyCommand=ssh -o ControlPath=/run/user/0/virtdeck/ssh-1 -o ControlMaster=no -W '[%h]:%p' -- lab2",
  );
});

test.each(['-oProxyCommand=id', 'a b', 'a;id', '$(id)', '`id`', "a'b", 'a\nb', '', '*', '\u001b[2J'])(
  'a user or a host named %j is no name for ssh',
  (name) => {
    expect(guestLogin(at('qemu:///system', { user: name }))).toEqual({
      missing: `"${name}" is no name of a user for ssh`,
      hint: 'Say whom to log in as: --user NAME',
    });
    const { endpoint } = at('qemu+ssh://lab2/system');
    if (endpoint === undefined) throw new Error('no endpoint');
    for (const what of ['host', 'user'] as const)
      expect(guestLogin(at('', { endpoint: { ...endpoint, [what]: name } }))).toEqual({
        missing: `"${name}" is no name of a ${what} for ssh`,
      });
  },
);

test('says what is missing, and the way out', () => {
  expect(guestLogin(at('qemu:///session', { reach: { kind: 'user-net' } }))).toEqual({
    missing: 'nobody reaches web-1: it has user-mode networking, and no port of the host leads to it',
    hint: 'Its console is a way in: virtdeck console web-1',
  });
  expect(guestLogin(at('qemu:///session', { reach: { ...forward, to: 80 } }))).toMatchObject({
    missing: 'port 2222 of the host leads to port 80 of web-1, none to ssh',
  });
  expect(guestLogin(at('qemu:///system', { reach: undefined }), { connection: 'lab2' })).toEqual({
    missing: 'no address of web-1 is known: it has told none by a guest agent, and has no DHCP lease',
    hint: 'It may still be booting. Its console is a way in: virtdeck console web-1 -c lab2',
  });
  expect(guestLogin(at('qemu:///system', { state: DomainState.paused }))).toEqual({
    missing: 'web-1 is paused: nothing in it answers',
    hint: 'Let it go on: virtdeck resume web-1',
  });
  expect(notRunning({ name: 'web-1', uuid: '', id: -1 }, undefined)).toEqual({
    missing: 'web-1 is not running',
    hint: 'Start it: virtdeck start web-1',
  });
});

test('a guest of the lab is nobody to log in to', () => {
  expect(simulated(at('lab://stardust'), 'lab://stardust')).toEqual({
    missing: 'web-1 is simulated, as all of its host is: there is nothing to log in to',
    hint: 'What it has is a console: virtdeck console web-1 -c lab://stardust',
  });
  expect(simulated(at('qemu:///system'), undefined)).toBeUndefined();
});
