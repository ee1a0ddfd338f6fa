import { expect, test } from 'vitest';
import {
  hostnameFor,
  hostOf,
  hostsOf,
  nameProblem,
  namesFor,
} from '../../../source/provision/request/names.js';

test.each([
  ['web-1', 1, ['web-1']],
  ['web-1', 3, ['web-1', 'web-2', 'web-3']],
  ['web', 2, ['web-1', 'web-2']],
  ['node-08', 3, ['node-08', 'node-09', 'node-10']],
  ['k8s-5', 2, ['k8s-5', 'k8s-6']],
  // Numbers beyond what a float can count: two VMs of one name would take each other back.
  ['a-99999999999999999999', 2, ['a-99999999999999999999', 'a-100000000000000000000']],
])('%s times %i', (name, count, names) => {
  expect(namesFor(name, count)).toEqual(names);
});

test.each(['', '.hidden', '-c', 'a/b', 'a\nb', 'a\u001bb', ' a', 'a\u202eb', 'x'.repeat(201)])(
  '%j is no name',
  (name) => {
    expect(nameProblem(name)).toEqual(expect.any(String));
  },
);

test.each(['web-1', 'Größe 7', '<&">', '$(reboot)', "it's", 'a b', '日本'])('%j is a name', (name) => {
  expect(nameProblem(name)).toBeUndefined();
  expect(hostnameFor(name)).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
});

test('a host name keeps what it can', () => {
  expect(hostnameFor('Web_Server 1 (Größe)')).toBe('web-server-1-gro-e');
  expect(hostnameFor('Größe')).toBe('gro-e');
  expect(hostnameFor('日本')).toBe('vm');
  expect(hostnameFor(`${'a'.repeat(62)}-b`)).toHaveLength(62);
});

test.each([
  ['web.example.org', 'web', 'web.example.org'],
  ['Web-1.Example.ORG', 'web-1', 'web-1.example.org'],
  ['debian-12.5', 'debian-12-5', undefined],
  ['web_1.example.org', 'web-1-example-org', undefined],
  ['größe.example.org', 'gro-e-example-org', undefined],
  ['web', 'web', undefined],
])('%s calls itself %s, with the full name %s', (name, hostname, fqdn) => {
  expect(hostOf(name)).toEqual(fqdn === undefined ? { hostname } : { hostname, fqdn });
});

test('a host name that was typed stays as it is, unless it is a full one', () => {
  expect(hostsOf('a', 'not valid')).toEqual({ hostname: 'not valid' });
  expect(hostsOf('a', 'db.lan')).toEqual({ hostname: 'db', fqdn: 'db.lan' });
});

test('several with a full name have a name of their own before the domain', () => {
  expect(namesFor('web.example.org', 2)).toEqual(['web-1.example.org', 'web-2.example.org']);
  expect(namesFor('web-8.example.org', 2)).toEqual(['web-8.example.org', 'web-9.example.org']);
});
