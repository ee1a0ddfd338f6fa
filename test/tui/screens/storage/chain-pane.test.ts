import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Volume } from '../../../../source/inventory/object-types.js';
import { ChainPane } from '../../../../source/tui/screens/storage/chain-pane.js';
import { Bed, settle } from './bed.js';
import { fill, pool, ready, setPools, volume } from './world.js';

describe('the backing chain of a volume', () => {
  let bed: Bed;

  const open = async (
    name: string,
    volumes: readonly Volume[],
    options: ConstructorParameters<typeof Bed>[0] = {},
  ) => {
    bed = new Bed({ columns: 100, rows: 24, ...options }, fill(volumes));
    bed.inventory.hypervisor = {
      domainXml: async () =>
        `<domain><devices><disk device='disk'><source file='/images/web-a'/><target dev='vda'/></disk></devices></domain>`,
    };
    bed.panes.open(new ChainPane({ host: bed.host, connectionId: 'c1', uuid: 'uuid-images' }, name));
    await settle();
  };
  const tree = (): string[] =>
    bed.lines
      .slice(2, -2)
      .map((line) => line.trimEnd())
      .filter(Boolean);
  const family = [
    volume({ name: 'debian' }),
    volume({ name: 'web', backing: '/images/debian' }),
    volume({ name: 'web-a', backing: '/images/web' }),
    volume({ name: 'web-b', backing: '/images/web' }),
    volume({ name: 'web-a-1', backing: '/images/web-a' }),
    volume({ name: 'other' }),
  ];

  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    bed.dispose();
    vi.useRealTimers();
  });

  it('is a tree both ways: what it stands on above it, what stands on it below', async () => {
    await open('web', family);
    expect(tree().map((line) => line.replace(/ {2}images .*/, ''))).toEqual([
      '  debian',
      '> └─ web',
      '     ├─ web-a',
      '     │  └─ web-a-1',
      '     └─ web-b',
    ]);
    expect(bed.line('─ web-a ')).toMatch(/images +qcow2 +10 GiB +used by web-1/);
  });

  it('in ASCII', async () => {
    await open('web', family, { capabilities: { unicode: false, colors: 0 } });
    expect(tree()[3]).toMatch(/^ {5}\| {2}`- web-a-1/);
    expect(bed.text).toMatch(/^[\n\x20-\x7e]*$/);
  });

  it('finds a base by another spelling of its name', async () => {
    await open('top', [
      volume({ name: 'debian' }),
      volume({
        name: 'top',
        backing: 'json:{"driver":"qcow2","file":{"driver":"file","filename":"/images//debian"}}',
      }),
    ]);
    expect(tree()[0]).toMatch(/^ {2}debian {2}images/);
  });

  it('marks a missing base, and tells it from one outside the pools', async () => {
    await open('top', [volume({ name: 'top', backing: '/gone/base', broken: true })]);
    expect(tree()[0]).toBe('  /gone/base  ! missing: the chain is broken');
    bed.dispose();
    await open('top', [volume({ name: 'top', backing: '/elsewhere/base' })]);
    expect(tree()[0]).toBe('  /elsewhere/base  in no active pool');
  });

  it('ends at a ring', async () => {
    await open('a', [
      volume({ name: 'a', backing: '/images/b' }),
      volume({ name: 'b', backing: '/images/a' }),
    ]);
    expect(tree()[0]).toContain('! stands on itself: a ring');
    expect(tree().length).toBeLessThan(10);
  });

  it('calls no base missing that libvirt never looks at', async () => {
    await open('top', [
      volume({ name: 'top', backing: 'json:{"file.filename":"/elsewhere/x"}', broken: true }),
    ]);
    expect(tree()[0]).toContain('in no active pool');
  });

  it('ends at a volume that backs itself', async () => {
    await open('own', [volume({ name: 'own', backing: '/images/own' })]);
    expect(tree()).toEqual([
      expect.stringContaining('! stands on itself: a ring'),
      expect.stringMatching(/^> └─ own/),
    ]);
  });

  it('goes over pools', async () => {
    await open('top', []);
    setPools(bed.inventory, bed.connection, [
      pool('c1', 'images', { volumes: ready([volume({ name: 'top', backing: '/bases/base' })]) }),
      pool('c1', 'bases', { volumes: ready([volume({ name: 'base' }, 'bases')]) }),
    ]);
    bed.press('r');
    await settle();
    expect(tree()[0]).toMatch(/^ {2}base {2}bases/);
    bed.press('g', 'enter');
    expect(tree()[0]).toMatch(/^> base/);
    expect(bed.lines[0]).toContain('base  bases');
  });

  it('says what could not be read', async () => {
    await open('web', [...family, volume({ name: 'closed', unread: true })]);
    expect(bed.lines[0]).toContain('1 could not be read');
    await open('nobody', family);
    expect(bed.text).toContain('The volume is not there any more.');
  });

  it('is as wide as the smallest screen', async () => {
    await open('web', family, { columns: 40, rows: 10 });
    expect(bed.lines).toHaveLength(10);
  });
});
