import { expect, test } from 'vitest';
import { type CloudInit, problemsOf, remarksOf } from '../../../source/provision/cloud-init/request.js';
import { ed25519, example, hash, network, privateKey } from './examples.js';

const messages = (changes: Partial<CloudInit>) =>
  problemsOf({ ...example, ...changes }).map(({ field, message }) => `${field}: ${message}`);

const withUser = (changes: Partial<NonNullable<CloudInit['user']>>): Partial<CloudInit> => ({
  user: { name: 'isabell', sudo: true, keys: [], ...changes },
});

const own = (text: string, mode: 'merge' | 'alone' = 'merge'): Partial<CloudInit> => ({
  extra: { text, mode },
});

test('a full request has no problem', () => {
  const full: CloudInit = {
    ...example,
    fqdn: 'web-1.example.org',
    user: { name: 'isabell', sudo: true, keys: [ed25519], passwordHash: hash, shell: '/bin/bash' },
    timezone: 'Europe/Berlin',
    locale: 'de_DE.UTF-8',
    packages: ['vim', 'g++', 'libc6:i386', 'nginx=1.22.1-9', '@development-tools'],
    commands: ['echo $(id) `id` "<&">"'],
    extra: { text: '#cloud-config\npackages: [htop]\n', mode: 'merge' },
    network,
    vendorData: '#!/bin/sh\ntrue\n',
  };
  expect(problemsOf(full)).toEqual([]);
  expect(problemsOf({ ...full, datasource: 'configdrive' })).toEqual([]);
});

test('everything that is wrong is said at once', () => {
  const problems = problemsOf({
    ...example,
    ...withUser({ name: 'Isabell', keys: [ed25519, 'ssh-ed25519 AAAA'], passwordHash: 'geheim' }),
    hostname: 'web_1',
    timezone: 'berlin',
    locale: 'German',
    packages: ['vim', '--force'],
    commands: ['a\nb'],
    network: { ...network, gateway: '10.0.0.1' },
  });
  expect(problems.map(({ field }) => field)).toEqual([
    ...['hostname', 'user.name', 'user.keys.1', 'user.passwordHash', 'timezone', 'locale'],
    ...['packages.1', 'commands.0', 'network.gateway'],
  ]);
  expect(problems.find(({ field }) => field === 'timezone')?.hint).toBe('Europe/Berlin?');
  expect(problems.find(({ field }) => field === 'user.name')?.hint).toBe('e.g. "isabell"');
  expect(JSON.stringify(problems)).not.toContain('geheim');
});

test.each([
  [{ hostname: 'x'.repeat(63) }, undefined],
  [{ hostname: 'x'.repeat(64) }, '63 characters'],
  [{ hostname: 'web-1.example.org' }, 'no dots'],
  [{ hostname: 'localhost' }, 'every machine'],
  [{ fqdn: 'web-1' }, 'has a domain'],
  [{ fqdn: 'db-1.example.org' }, 'begins with the host name'],
  [{ fqdn: `web-1.${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(63)}` }, undefined],
  [{ fqdn: `web-1.${'abc.'.repeat(62)}org` }, '253 characters'],
  [{ instanceId: '../../etc' }, 'instance id'],
  [{ timezone: 'UTC' }, undefined],
  [{ timezone: 'Asia/Kolkata' }, undefined],
  [{ timezone: 'europe/berlin' }, 'no such time zone'],
  [{ timezone: '../etc/passwd' }, 'no such time zone'],
  [{ locale: 'C.UTF-8' }, undefined],
  [{ locale: 'ca_ES.UTF-8@valencia' }, undefined],
  [{ locale: 'de_DE; reboot' }, 'locale'],
  [withUser({ name: 'x'.repeat(32) }), undefined],
  [withUser({ name: 'x'.repeat(33) }), '32 characters'],
  [withUser({ name: '1st' }), 'small letters'],
  [withUser({ name: 'www-data' }), 'of the system'],
  [withUser({ name: 'root' }), undefined],
  [withUser({ shell: 'bash' }), 'full path'],
] as const)('%j: %s', (changes, expected) => {
  const found = messages(changes);
  expect(found.length).toBe(expected === undefined ? 0 : 1);
  expect(found.join()).toContain(expected ?? '');
});

test.each([
  ['', 'empty'],
  ['hostname: x\n', 'does not know what this file is'],
  ['\ufeff#cloud-config\n{}', 'byte order mark'],
  ['#cloud-config\n', 'not followed by a mapping'],
  ['#cloud-config\n- a\n', 'not followed by a mapping'],
  ['#cloud-config: x\n', 'alone'],
  ['#cloud-config\na: [1\n', 'line 3'],
  ['#cloud-config\na:\n\t- b\n', 'line 3'],
  ['#cloud-config\nhostname: {{ v1.x }}\n', 'line 2: a key is a list or a mapping'],
  ['#cloud-config\na: !!python/object:os.system x\n', 'line 2'],
  ['#cloud-config\na: b\tc\n', 'line 2: a tab'],
  ['#cloud-config\n{\n\t"a": 1\n}\n', 'line 3: a tab'],
  ['#cloud-config\na: "\t" # \t\nb: |\n  a\tb\n', undefined],
  ['#cloud-config\na: =\n', 'line 2: = as a value'],
  ['#cloud-config\n: a\n', 'line 2: a key is empty'],
  ['#cloud-config\na: && b\n', 'line 2: the name of an anchor'],
  ['#cloud-config\na: b\u2028c\n', 'odd line ends'],
  ['#cloud-config\na: *b\n', 'alias'],
  ['#cloud-config\na: "\x1b[31m"\n', 'control characters'],
  ['#cloud-config\na: caf\ufffd\n', 'UTF-8'],
  ['#cloud-config\n{"packages": ["vim"]}\n', undefined],
  ['\n#cloud-config\na: 1\n', undefined],
  ['#!/bin/sh\r\ntrue\r\n', 'line ends of Windows'],
  ['#!sh\n', 'no interpreter'],
  ['#!/usr/bin/env python3\n', undefined],
  ['#include\nhttps://example.org/user-data\n', undefined],
  ['#include https://example.org/user-data', undefined],
  ['#include\n', 'nothing is included'],
  ['#include\nuser-data.yaml\n', 'entry 1'],
  ['## template: jinja\n#cloud-config\nhostname: {{ v1.x }}\n', undefined],
  ['## template: jinja\nhostname: {{ v1.x }}\n', 'not that of a form'],
  ['#cloud-config-archive\n- type: text/cloud-config\n  content: "a: 1"\n', undefined],
  ['#cloud-config-archive\na: 1\n', 'a list'],
  ['#cloud-boothook\n#!/bin/sh\n', undefined],
  ['MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="X"\n\n--X\n\na\n--X--\n', undefined],
  ['MIME-Version: 1.0\nContent-Type: text/plain\n\na\n', 'boundary'],
  ['MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=X\n\na\n', 'no part'],
  ['#cloud-config\nruncmd: ["echo MIME-Version: 1.0"]\n', 'near its beginning'],
])('own user-data %j: %s', (text, expected) => {
  const found = messages(own(text));
  expect(found.length).toBe(expected === undefined ? 0 : 1);
  expect(found.join()).toContain(expected ?? '');
  expect(messages({ vendorData: text }).length).toBe(found.length);
});

test('a problem in own user-data never repeats what is near it', () => {
  const found = messages(own('#cloud-config\npassword: "geheim\nx: [\n'));
  expect(found).toHaveLength(1);
  expect(found.join()).not.toContain('geheim');
});

test('a field that would be left out, or not count, is a problem', () => {
  const alone = messages({ ...own('#!/bin/sh\n', 'alone'), packages: ['vim'], timezone: 'UTC' });
  expect(alone).toHaveLength(2);
  expect(alone.join()).toContain('would be left out');
  const merged = { ...own('#cloud-config\ntimezone: UTC\nuser: {name: bob}\n'), timezone: 'Europe/Berlin' };
  expect(problemsOf({ ...example, ...merged }).map(({ field }) => field)).toEqual(['timezone', 'user.name']);
  expect(messages({ ...own('#cloud-config\ntimezone: UTC\n'), timezone: 'UTC' })).toEqual([]);
});

test.each([
  [{ addresses: ['192.168.122.7'] }, 'not an address with its prefix'],
  [{ addresses: ['192.168.122.300/24'] }, 'not an address with its prefix'],
  [{ addresses: ['192.168.122.0/24'] }, 'of the network itself'],
  [{ addresses: ['192.168.122.255/24'] }, 'broadcast'],
  [{ addresses: ['127.0.0.1/8'] }, 'not one of a machine'],
  [{ addresses: ['ff02::1/64'] }, 'not one of a machine'],
  [{ addresses: [] }, 'give it an address'],
  [{ addresses: ['10.0.0.0/31'], gateway: '10.0.0.1' }, undefined],
  [{ gateway: 'fe80::1' }, undefined],
  [{ gateway: 'fd00::1' }, undefined],
  [{ gateway: '192.168.123.1' }, 'in none of the networks'],
  [{ gateway: '192.168.122.7' }, 'of this one'],
  [{ gateway: 'router' }, 'by its address'],
  [{ nameservers: ['dns.example.org'] }, 'by its address'],
  [{ mac: '52:54:00' }, 'MAC'],
  [{ mac: '53:54:00:00:00:01' }, 'MAC'],
])('addresses %j: %s', (changes, expected) => {
  const found = messages({ network: { ...network, ...changes } });
  expect(found.join()).toContain(expected ?? '');
  expect(found.length > 0).toBe(expected !== undefined);
});

test('own network-config fits the data source', () => {
  const version2 = { text: 'network:\n  version: 2\n  ethernets: {}\n' };
  expect(messages({ network: version2 })).toEqual([]);
  expect(messages({ network: { text: 'ethernets: {}\n' } }).join()).toContain('no version');
  expect(messages({ network: { text: 'a: [\n' } }).join()).toContain('no valid YAML');
  expect(messages({ network: version2, datasource: 'configdrive' }).join()).toContain(
    'takes no network-config',
  );
  const data = { text: '{"links": [], "networks": []}' };
  expect(messages({ network: data, datasource: 'configdrive' })).toEqual([]);
});

test('a private key is refused, and nothing of it is repeated', () => {
  const found = problemsOf({ ...example, ...withUser({ keys: [ed25519, privateKey] }) });
  expect(found).toMatchObject([{ field: 'user.keys.1', message: expect.stringContaining('PRIVATE key') }]);
  for (const line of privateKey.split('\n').filter((text) => text.length > 8))
    expect(JSON.stringify(found)).not.toContain(line.slice(0, 20));
});

test('what is allowed and yet worth a word', () => {
  const fields = (changes: Partial<CloudInit>) =>
    remarksOf({ ...example, ...changes }).map(({ field }) => field);
  expect(fields({})).toEqual([]);
  expect(fields(withUser({ name: 'root', keys: [ed25519] }))).toEqual(['user.name']);
  expect(fields(withUser({}))).toEqual(['user.keys']);
  expect(fields(own('#include https://example.org/x', 'alone'))).toEqual(['agent', 'extra.text']);
});
