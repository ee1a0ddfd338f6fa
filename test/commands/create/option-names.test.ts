import { expect, test } from 'vitest';
import { byOption } from '../../../source/commands/create/option-names.js';
import type { Finding } from '../../../source/provision/plan.js';

const about = (part: string | undefined, fix?: string): Finding => ({
  level: 'error',
  field: 'access',
  ...(part && { part }),
  message: 'it is wrong',
  fix,
});

test.each([
  ['network.addresses.1', { address: ['10.0.0.1/24', '10.0.0.5'] }, '--address 10.0.0.5: it is wrong'],
  ['timezone', { timezone: 'Mars/Olympus' }, '--timezone Mars/Olympus: it is wrong'],
  ['packages.0', { package: ['no such'] }, '--package no such: it is wrong'],
  // Keys are long, and a file is named by its own message.
  ['user.keys.0', { 'ssh-key': ['ssh-ed25519 AAAA'] }, '--ssh-key: it is wrong'],
  ['extra', { 'user-data-only': '/srv/data' }, '--user-data-only: it is wrong'],
  // Not by an option, but by default.
  ['user.keys.0', {}, 'it is wrong'],
  ['hostname', {}, 'it is wrong'],
  [undefined, { name: 'x' }, 'it is wrong'],
])('a finding about %s', (part, flags, message) => {
  expect(byOption(about(part), flags).message).toBe(message);
});

const of = (field: Finding['field'], part?: string): Finding => ({
  level: 'error',
  field,
  ...(part && { part }),
  message: 'it is wrong',
});

test.each([
  [of('vcpus'), { vcpus: 9999 }, '--vcpus 9999: it is wrong'],
  [of('disk'), { disk: '10M' }, '--disk 10M: it is wrong'],
  [of('disk', 'disk.format'), { disk: '10G', format: 'raw' }, '--format raw: it is wrong'],
  // These messages name what was typed.
  [of('source'), { iso: '/srv/a.iso' }, '--iso: it is wrong'],
  [of('pool'), { pool: 'nope' }, '--pool: it is wrong'],
  [of('network'), { bridge: 'br7' }, '--bridge: it is wrong'],
  [of('network', 'card.mac'), { network: 'default', mac: '52:54:00:00:00:01' }, '--mac: it is wrong'],
  [of('machine', 'arch'), { arch: 'sparky', machine: 'q35' }, '--arch: it is wrong'],
  [of('pool'), {}, 'it is wrong'],
  [of('host'), { pool: 'vms' }, 'it is wrong'],
])('a finding about %j', (finding, flags, message) => {
  expect(byOption({ ...finding, fix: 'do it' }, flags)).toMatchObject({ message, fix: 'do it' });
});

test('what was not given at all is named by the options that give it', () => {
  expect(byOption(about('user.keys', 'give a key or a password'), {}).fix).toBe(
    'give a key or a password: --ssh-key, --password-file',
  );
});

test('options that do what a fix says are told with it, and in place of those of its field', () => {
  const finding = { ...of('disk', 'disk.format'), fix: 'Choose a full copy.', options: '--copy' };
  expect(byOption(finding, {}).fix).toBe('Choose a full copy: --copy');
  expect(byOption(finding, { format: 'raw' })).toMatchObject({
    message: '--format raw: it is wrong',
    fix: 'Choose a full copy: --copy',
  });
});
