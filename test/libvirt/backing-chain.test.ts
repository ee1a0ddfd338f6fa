import { expect, test } from 'vitest';
import { backingChain, type ChainLink, dependents } from '../../source/libvirt/backing-chain.js';

const volume = (name: string, backing?: string): ChainLink => ({
  pool: 'default',
  name,
  path: `/p/${name}`,
  backing: backing === undefined ? undefined : `/p/${backing}`,
  id: name,
  bases: backing === undefined ? [] : [backing],
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
  expect(dependents(a, [a, b])).toEqual([b]);
  expect(backingChain(a, [a, b]).above).toEqual([{ volume: b, above: [] }]);
});

test('what backs itself has nobody above it, and one below it that is a ring', () => {
  const own = volume('own', 'own');
  expect(dependents(own, [own])).toEqual([]);
  expect(backingChain(own, [own])).toEqual({
    below: [{ path: '/p/own', volume: own, ring: true }],
    above: [],
  });
});

test('a thousand volumes that all claim to be the same file and to stand on it end as well', () => {
  const many = Array.from({ length: 1000 }, (_, at) => ({
    ...volume(`v${at}`),
    id: 'one',
    bases: ['one'],
    backing: '/p/one',
  }));
  const [first] = many as unknown as [ChainLink];
  expect(dependents(first, many)).toEqual([]);
  expect(backingChain(first, many).below).toHaveLength(1);
});

test('rings over ranks of volumes that share their names cost no more than there are volumes', () => {
  const ranks = 30;
  const ranked = Array.from({ length: ranks * 20 }, (_, at) => ({
    ...volume(`v${at}`, 'x'),
    id: `rank ${at % ranks}`,
    bases: [`rank ${(at + 1) % ranks}`, `rank ${(at + 2) % ranks}`],
  }));
  const [first] = ranked as unknown as [ChainLink];
  expect(dependents(first, ranked)).toHaveLength(ranked.length - 20);
  const count = (branches: ReturnType<typeof backingChain>['above']): number =>
    branches.reduce((sum, { above }) => sum + 1 + count(above), 0);
  expect(count(backingChain(first, ranked).above)).toBeLessThan(ranked.length);
});

test('a chain of 10,000 is walked: all depend on its base, libvirt’s deepest 200 are drawn', () => {
  const deep = Array.from({ length: 10_000 }, (_, at) =>
    volume(`v${at}`, at === 0 ? undefined : `v${at - 1}`),
  );
  expect(dependents(deep[0] as ChainLink, deep)).toHaveLength(9999);
  expect(backingChain(deep[9999] as ChainLink, deep).below).toHaveLength(200);
});
