import { expect, test } from 'vitest';
import { byOption } from '../../source/commands/create-option-names.js';
import type { Finding } from '../../source/provision/plan.js';

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

test('what was not given at all is named by the options that give it', () => {
  expect(byOption(about('user.keys', 'give a key or a password'), {}).fix).toBe(
    'give a key or a password: --ssh-key, --password-file',
  );
});
