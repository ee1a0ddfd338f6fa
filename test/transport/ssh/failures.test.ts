import { expect, test } from 'vitest';
import type { Endpoint } from '../../../source/transport/endpoint.js';
import { sshFailure, tellingLine } from '../../../source/transport/ssh/failures.js';

const endpoint: Endpoint = {
  transport: 'ssh',
  driver: 'qemu',
  scope: 'system',
  readOnly: false,
  mode: 'auto',
  user: 'ann',
  host: 'lab2',
  name: 'qemu:///system',
  options: {},
};

const ended = { code: 255, signal: null };
const failure = (said: string) => sshFailure(endpoint, said, ended);

/** As OpenSSH 9.2 and libvirt 9.0 write it. */
test.each([
  ['ssh: connect to host lab2 port 22: Connection refused\r\n', 'unreachable', 'nothing answers on port 22'],
  [
    'ssh: Could not resolve hostname lab2: Name or service not known\r\n',
    'unreachable',
    'there is no machine named lab2',
  ],
  [
    'ssh: connect to host lab2 port 22: No route to host\r\n',
    'unreachable',
    'it cannot be reached: No route to host',
  ],
  [
    'Connection timed out during banner exchange\r\nConnection to lab2 port 22 timed out\r\n',
    'silent',
    'it does not answer',
  ],
  ['Timeout, server lab2 not responding.\r\n', 'silent', 'it does not answer'],
  ['Host key verification failed.\r\n', 'host-key', 'its host key is not known'],
  [
    'ann@lab2: Permission denied (publickey,password).\r\n',
    'login',
    'the login was refused (it takes: publickey,password)',
  ],
  [
    'Received disconnect from 10.0.0.2 port 22:2: Too many authentication failures\r\nDisconnected from 10.0.0.2 port 22\r\n',
    'login',
    'too many keys were offered before the right one',
  ],
  ['sh: 1: virt-ssh-helper: not found\n', 'no-proxy', 'it has no virt-ssh-helper'],
  ['virtdeck: neither virt-ssh-helper nor nc\n', 'no-proxy', 'there is neither virt-ssh-helper nor nc on it'],
  [
    'nc.openbsd: /var/run/libvirt/libvirt-sock: Permission denied\nnc: /var/run/libvirt/libvirt-sock: Permission denied\n',
    'permission',
    'no permission for /var/run/libvirt/libvirt-sock on it',
  ],
  ['nc: /nope: No such file or directory\n', 'socket-missing', 'no libvirt daemon listens there on /nope'],
  ['Connection to lab2 closed by remote host.\r\n', 'unreachable', 'it closed the connection'],
])('%j is told in words', (said, kind, words) => {
  expect(failure(said)).toMatchObject({ kind, message: `ssh to ann@lab2: ${words}` });
});

test('what it does not know is told by the last line that says something', () => {
  const said = [
    "Warning: Permanently added 'lab2' (ED25519) to the list of known hosts.",
    'Authenticated to lab2 ([10.0.0.2]:22) using "publickey".',
    'This account is for backups only.',
    'Transferred: sent 3132, received 2964 bytes, in 0.1 seconds',
    'Bytes per second: sent 31320.0, received 29640.0',
    '',
  ].join('\r\n');
  expect(tellingLine(said)).toBe('This account is for backups only.');
  expect(failure(said).message).toBe('ssh to ann@lab2: This account is for backups only.');
  expect(failure('').message).toBe('ssh to ann@lab2: ssh ended with status 255');
});

test('an ssh that is not there is told with its package', () => {
  const error = Object.assign(new Error('spawn ssh ENOENT'), { code: 'ENOENT' });
  expect(sshFailure(endpoint, '', { code: null, signal: null, error })).toMatchObject({
    message: 'there is no ssh on this machine',
    hint: expect.stringContaining('openssh-client'),
  });
});

test('the login that a hint tells to try is that of the connection: its port, its key, its known hosts', () => {
  const other: Endpoint = {
    ...endpoint,
    port: 2299,
    options: { keyfile: '/a key', known_hosts: '/hosts', no_verify: '1' },
  };
  const hint = (said: string) => sshFailure(other, said, ended).hint;
  const login = "ssh -p 2299 -i '/a key' -o UserKnownHostsFile=/hosts ann@lab2";
  expect(hint('Host key verification failed.\r\n')).toMatch(new RegExp(`: ${login}$`));
  expect(hint('ann@lab2: Permission denied (publickey).\r\n')).toContain(`${login} `);
  expect(failure('Host key verification failed.\r\n').hint).toMatch(/: ssh ann@lab2$/);
});

test('a banner is no reason for what fails after the login', () => {
  const banner = 'Permission denied (unless you are invited)\nAuthenticated to lab2 ([10.0.0.2]:22).\n';
  expect(failure(`${banner}nc: /nope: No such file or directory\n`).kind).toBe('socket-missing');
});

test('what the far side sends is read in no time, and no line of it is longer than a person reads', () => {
  const { message } = failure('nc: /a /b '.repeat(4000));
  expect(message.length).toBeLessThan(500);
});
