import { expect, it } from 'vitest';
import { parseConnectionUri } from '../../../source/libvirt/connection-uri.js';
import { sshArguments } from '../../../source/transport/ssh/arguments.js';

const argumentsOf = (uri: string) =>
  sshArguments(parseConnectionUri(uri).endpoint, { control: '/run/a b/%h', persist: 60, batch: true });

it.each([
  ['-oProxyCommand=touch%20x', '"-oProxyCommand=touch x" is no name of a host for ssh'],
  ['[-oProxyCommand=x]', '"-oProxyCommand=x" is no name of a host for ssh'],
  ['a%20b', '"a b" is no name of a host for ssh'],
  ['h%24(x)', '"h$(x)" is no name of a host for ssh'],
  ['u@v@host', '"v@host" is no name of a host for ssh'],
  ['-lx@host', '"-lx" is no name of a user for ssh'],
])('%s is no login', (login, message) => {
  expect(() => argumentsOf(`qemu+ssh://${login}/system`)).toThrow(message);
});

it.each([
  ['ann%40example@lab2', 'ann@example', 'lab2'],
  ['DOM%5cann@lab2', 'DOM\\ann', 'lab2'],
  ['ann@[fe80::1%25eth0]', 'ann', 'fe80::1%eth0'],
  ['ann@[::1]:2222', 'ann', '::1'],
  ['ann@höst', 'ann', 'höst'],
])('%s is one', (login, user, host) => {
  const args = argumentsOf(`qemu+ssh://${login}/system`);
  expect(args[args.indexOf('-l') + 1]).toBe(user);
  expect(args.slice(args.indexOf('--'))).toMatchObject({ 0: '--', 1: host });
});

it('paths are taken as they are: with blanks, and with what ssh puts in for a %', () => {
  const args = argumentsOf('qemu+ssh://lab2/system?keyfile=/k%25h&known_hosts=/a%20b');
  expect(args).toEqual(
    expect.arrayContaining(['/k%%h', 'UserKnownHostsFile="/a b"', 'ControlPath="/run/a b/%%h"']),
  );
});
