import { expect, test } from 'vitest';
import { backingChain, type ChainLink, dependents } from '../../source/libvirt/backing-chain.js';

const volume = (name: string, backing?: string): ChainLink => ({
  pool: 'default',
  name,
  path: `/p/${name}`,
  backing: backing === undefined ? undefined : `/p/${backing}`,
});

const base = volume('base');
const middle = volume('middle', 'base');
const web1 = volume('web-1', 'middle');
const web2 = volume('web-2', 'middle');
const orphan = volume('orphan', 'gone');
const all = [web2, base, orphan, web1, middle];

test('what a volume stands on, the nearest first', () => {
  expect(backingChain(web1, all).below.map(({ volume: found }) => found?.name)).toEqual(['middle', 'base']);
  expect(backingChain(base, all).below).toEqual([]);
});

test('what stands on it, as a tree', () => {
  const [branch] = backingChain(base, all).above;
  expect(branch?.volume.name).toBe('middle');
  expect(branch?.above.map(({ volume: found }) => found.name)).toEqual(['web-2', 'web-1']);
  expect(dependents(base, all).map(({ name }) => name)).toEqual(['middle', 'web-2', 'web-1']);
  expect(dependents(web1, all)).toEqual([]);
});

test('a missing base is told by its path', () => {
  expect(backingChain(orphan, all).below).toEqual([{ path: '/p/gone', volume: undefined, ring: false }]);
});

test('a ring ends', () => {
  const a = volume('a', 'b');
  const b = volume('b', 'a');
  expect(backingChain(a, [a, b]).below.map(({ ring }) => ring)).toEqual([false, true]);
  expect(dependents(a, [a, b])).toEqual([b, a]);
});
