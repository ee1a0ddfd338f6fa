import { expect, test } from 'vitest';
import { loginOf } from '../../../source/provision/cloud-init/own-users.js';
import { type CloudInit, remarksOf } from '../../../source/provision/cloud-init/request.js';
import { seedFiles } from '../../../source/provision/cloud-init/seed-files.js';
import { ed25519, example, network, partsOf, read } from './examples.js';

const withOwn = (text: string, mode: 'merge' | 'alone' = 'merge'): CloudInit => ({
  ...example,
  extra: { text: `#cloud-config\n${text}`, mode },
});
const ours = (cloudInit: CloudInit) => {
  const parts = partsOf(seedFiles(cloudInit).files.get('user-data') ?? '');
  return read(parts.at(-1)?.text);
};
const nobody = (cloudInit: CloudInit) =>
  remarksOf(cloudInit).some(({ message }) => message.includes('nobody can log in'));

const bob = `users: [{name: bob, ssh_authorized_keys: ["${ed25519}"]}]`;

test('own users are all that there are: no account is added, and the line for ssh has theirs', () => {
  const cloudInit = withOwn(bob);
  expect(ours(cloudInit)).not.toHaveProperty('users');
  expect(ours(cloudInit)).not.toHaveProperty('user');
  expect(loginOf(cloudInit, 'debian')).toBe('bob');
  expect(nobody(cloudInit)).toBe(false);
  expect(nobody({ ...cloudInit, user: { name: 'isabell', sudo: true, keys: [] } })).toBe(false);
});

test('what is said of a user who is left out is told', () => {
  expect(remarksOf(withOwn(bob)).map(({ message }) => message)).toContain(
    'your own user-data has its own users: isabell, with keys and password, is left out',
  );
});

test('own users with "default" in them have our user as that one', () => {
  const cloudInit = withOwn(`users: [default, {name: bob}]`);
  expect(ours(cloudInit)).toMatchObject({ user: { name: 'isabell', ssh_authorized_keys: [ed25519] } });
  expect(ours(cloudInit)).not.toHaveProperty('users');
  expect(loginOf(cloudInit, 'debian')).toBe('isabell');
  expect(nobody(cloudInit)).toBe(false);
});

test.each([
  ['users: [{name: bob}]', undefined, true],
  ['users: []', undefined, true],
  ['users: bob, alice', undefined, true],
  ['users: [{name: eve}, {name: bob, plain_text_passwd: x}]', 'bob', false],
  ['users: {bob: {hashed_passwd: x}}', 'bob', false],
  ['users: [default]\nssh_authorized_keys: [x]', 'isabell', false],
  ['user: carol\nssh_authorized_keys: [x]', 'carol', false],
  ['packages: [vim]', 'isabell', false],
])('merged %j: ssh as %s', (text, name, isClosed) => {
  expect(loginOf(withOwn(text), 'debian')).toBe(name);
  expect(nobody(withOwn(text))).toBe(isClosed);
});

test.each([
  ['users: [default]\nssh_authorized_keys: [x]', 'debian'],
  ['ssh_authorized_keys: [x]', 'debian'],
  ['user: {name: carol, ssh_authorized_keys: [x]}', 'carol'],
  ['users: [default, {name: bob, ssh_import_id: [gh:bob]}]', 'bob'],
])('alone %j: ssh as %s', (text, name) => {
  expect(loginOf(withOwn(text, 'alone'), 'debian')).toBe(name);
});

test('name servers of a config drive are written where NetworkManager gets them, each with its family', () => {
  const { files } = seedFiles({ ...example, datasource: 'configdrive', network });
  const { networks, services } = JSON.parse(files.get('openstack/latest/network_data.json') ?? '');
  expect(networks).toMatchObject([
    { type: 'ipv4', dns_nameservers: ['192.168.122.1'] },
    { type: 'ipv6', dns_nameservers: ['2606:4700:4700::1111'] },
  ]);
  expect(services).toHaveLength(2);
});
