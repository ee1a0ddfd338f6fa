import { afterEach, expect, test } from 'vitest';
import { poolXml } from '../../../../source/libvirt/xml/pool-xml.js';
import { WizardBed } from './bed.js';

let bed: WizardBed;

afterEach(() => bed?.end());

const withPools = <T>(work: Parameters<typeof bed.inventory.ask<T>>[1]): Promise<T> =>
  bed.inventory.ask(bed.connectionId, work);

async function addPool(name: string): Promise<void> {
  await withPools(async ({ pools }) => {
    const pool = await pools.define(poolXml({ name, type: 'dir', path: `/srv/${name}` }));
    await pools.build(pool);
    await pools.start(pool);
  });
}

async function removePool(name: string): Promise<void> {
  await withPools(async ({ pools }) => {
    const pool = await pools.lookup(name);
    await pools.stop(pool);
    await pools.undefine(pool);
  });
}

/** To the review of an empty disk, which needs no pool to come from. */
async function review(): Promise<void> {
  bed.press('c', '"empty"');
  await bed.shows('empty disk');
  bed.press('enter');
  await bed.shows('[Name and size]');
  await bed.until(() => !bed.text().includes('looking at the host'));
  bed.press('pagedown', 'pagedown', 'pagedown');
  await bed.shows('[ Create ]');
}

async function reviewAgain(): Promise<void> {
  bed.press('r');
  await bed.until(() => !bed.text().includes('looking at the host'));
}

test('the pool that the review showed stays, whichever comes; it is said that it is not the usual one', async () => {
  bed = await WizardBed.make();
  await addPool('aaa');
  await removePool('default');
  await review();
  const [, shown = ''] = /pool (\S+) \(there is no\s+pool default\)/.exec(bed.text()) ?? [];
  expect(shown).not.toBe('');
  await addPool('default');
  await reviewAgain();
  expect(bed.text()).toContain(`pool ${shown}`);
  expect(bed.text()).not.toContain('pool default');
});

test('where it is gone this is told, and Enter leads to the field', async () => {
  bed = await WizardBed.make();
  await addPool('aaa');
  await review();
  expect(bed.text()).toContain('pool default');
  await removePool('default');
  await reviewAgain();
  expect(bed.text()).toContain('> Error: there is no storage pool default');
  bed.press('enter');
  await bed.shows(
    /> Storage pool +← default →[\s\S]*! there is no storage pool default on the host any more/,
  );
  bed.press('right');
  expect(bed.text()).not.toContain('any more');
});
