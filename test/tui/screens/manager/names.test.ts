import { expect, test } from 'vitest';
import { naturalKey } from '../../../../source/tui/screens/manager/names.js';

test('names sort as a person counts', () => {
  const names = ['vm-10', 'VM-2', 'vm-1', 'vm-1b', 'vm-007', 'alpha', 'vm', 'vm-20000000000000000000'];
  expect(names.sort((a, b) => (naturalKey(a) < naturalKey(b) ? -1 : 1))).toEqual([
    'alpha',
    'vm',
    'vm-1',
    'vm-1b',
    'VM-2',
    'vm-007',
    'vm-10',
    'vm-20000000000000000000',
  ]);
});
