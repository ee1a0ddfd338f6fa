import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  CreationJournal,
  type CreationRecord,
  creationsFolder,
} from '../../../../source/provision/journal.js';
import { offerUnfinished } from '../../../../source/tui/screens/new-vm/unfinished.js';
import { WizardBed } from './bed.js';

let bed: WizardBed;
let journal: CreationJournal;
let stop: () => void = () => {};

const record: CreationRecord = {
  version: 1,
  id: 'cut-off',
  connection: 'lab:///',
  uri: 'qemu:///system',
  startedAt: '2026-01-01T00:00:00.000Z',
  // Beyond the largest process id.
  process: { pid: 2 ** 22 + 1, started: '1' },
  requests: [
    {
      name: 'shop-1',
      source: { kind: 'empty' },
      start: true,
      startInactive: true,
    },
  ],
  made: [{ made: { kind: 'volume', pool: 'default', name: 'shop-1.qcow2' }, machine: 'shop-1', sure: true }],
  finished: [],
};

beforeEach(async () => {
  bed = await WizardBed.make();
  journal = new CreationJournal(creationsFolder(bed.host.environment));
  await bed.inventory.ask(bed.connectionId, async ({ pools, volumes }) => {
    const xml =
      '<volume><name>shop-1.qcow2</name><capacity>1048576</capacity><target><format type="qcow2"/></target></volume>';
    await volumes.create(await pools.lookup('default'), xml);
  });
  await journal.write(record);
});

afterEach(async () => {
  stop();
  await bed.end();
});

const asked = () => bed.until(() => bed.ui.getState().menu !== undefined);

test('what was cut off can be removed', async () => {
  stop = offerUnfinished(bed.host);
  await asked();
  expect(bed.ui.getState().menu?.title).toBe('shop-1 on lab was not finished');
  expect(bed.ui.getState().menu?.items[2]?.note).toBe('volume shop-1.qcow2 of the pool default');
  bed.press('down', 'down', 'enter');
  await bed.until(() => bed.host.tasks.tasks[0]?.state === 'done');
  expect((await bed.world()).some((line) => line.includes('shop-1'))).toBe(false);
  expect(await journal.list()).toEqual([]);
  expect(bed.text()).toContain('remove shop-1: nothing of it is left');
});

test('or finished: what is half there is made anew', async () => {
  stop = offerUnfinished(bed.host);
  await asked();
  bed.press('down', 'enter');
  await bed.until(() => bed.host.tasks.tasks[0]?.state === 'done');
  expect(await bed.world()).toEqual(expect.arrayContaining(['domain shop-1', 'volume default/shop-1.qcow2']));
  expect(await journal.list()).toEqual([]);
});

test('or left for later, when it is asked again', async () => {
  stop = offerUnfinished(bed.host);
  await asked();
  bed.press('enter');
  expect(bed.ui.getState().menu).toBeUndefined();
  expect(await journal.list()).toEqual([record]);
});

test('nobody is asked about another host, or about what is still made', async () => {
  await journal.write({ ...record, connection: 'qemu+ssh://elsewhere/system' });
  await journal.write({ ...record, id: 'alive', process: { pid: process.pid, started: undefined } });
  stop = offerUnfinished(bed.host);
  await journal.cutOff();
  await bed.inventory.refresh();
  await bed.until(() => bed.inventory.store.getState().revision > 0);
  expect(bed.ui.getState().menu).toBeUndefined();
});

test('one of the host that libvirt had chosen is not looked for on another one', async () => {
  const { connection: _, ...chosen } = record;
  const requests = record.requests.map((request) => ({ ...request, name: 'at-home' }));
  const uri = () => bed.inventory.store.getState().connections[0]?.info?.uri;
  await bed.until(() => uri() !== undefined);
  // Daemons call themselves alike.
  const there = { uri: uri() ?? '', connection: undefined };
  await journal.write({ ...chosen, ...there, id: 'at-home', startedAt: '2025', requests });
  stop = offerUnfinished(bed.host);
  await asked();
  expect(bed.ui.getState().menu?.title).toBe('shop-1 on lab was not finished');
  bed.press('enter');
  expect(bed.ui.getState().menu).toBeUndefined();
});
