import { expect, test } from 'vitest';
import { hostnameFor, nameProblem, namesFor } from '../../source/provision/request.js';

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
