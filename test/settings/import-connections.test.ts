import { expect, test } from 'vitest';
import { importConnections } from '../../source/settings/import-connections.js';

test('an alias keeps its name where that is free; of two that lead to one place the first is added', () => {
  const found = [
    { name: 'cellar', uri: 'qemu+ssh://root@lab2/system', autoconnect: false },
    { uri: 'qemu+ssh://root@LAB2:22/system', autoconnect: true },
    { name: 'cellar', uri: 'xen:///', autoconnect: false },
    { name: 'bad/name', uri: 'lxc:///', autoconnect: true },
  ];
  expect(importConnections([], found, () => undefined)).toEqual({
    added: [
      { name: 'cellar', uri: 'qemu+ssh://root@lab2/system', autoconnect: false },
      { name: 'cellar-2', uri: 'xen:///', autoconnect: false },
      { name: 'lxc', uri: 'lxc:///', autoconnect: true },
    ],
    leftOut: [{ uri: 'qemu+ssh://root@LAB2:22/system', reason: 'it is there already as cellar' }],
  });
});

test('secrets of a URI that is left out are not told, and what cannot be read says why', () => {
  const found = ['qemu+ssh://root:hunter2@h/system?password=x', 'esx+foo:///'].map((uri) => ({
    uri,
    autoconnect: false,
  }));
  const { added, leftOut } = importConnections([], found, () => 'no such transport');
  expect(added).toEqual([]);
  expect(leftOut.map(({ uri }) => uri)).toEqual(['qemu+ssh://…@h/system?…', 'esx+foo:///']);
  expect(leftOut[1]?.reason).toBe('no such transport');
});
