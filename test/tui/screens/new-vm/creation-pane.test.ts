import { afterEach, expect, test, vi } from 'vitest';
import { askQuit } from '../../../../source/tui/services/quit.js';
import { WizardBed } from './bed.js';

let bed: WizardBed;

afterEach(() => bed?.end());

/** Begins a VM whose guest takes its time to boot. */
async function begin(speed = 1): Promise<void> {
  bed = await WizardBed.make({ lab: { speed } });
  bed.press('c', '"golden"');
  await bed.shows('golden-debian-12.qcow2');
  bed.press('enter', 'ctrl-u', '"fresh"', 'enter', 'enter', 'enter');
  await bed.shows('[ Create ]');
  bed.press('enter');
}

test('the task of a guest that boots says so, and Enter leads back to its progress', async () => {
  await begin();
  await bed.shows('fresh: booting');
  bed.press('escape');
  expect(bed.panes.top()).toBeUndefined();
  bed.press('J');
  await bed.shows(/create fresh: (?:boot|DHCP).* lab +running[\s\S]*Now +(?:booting|DHCP lease 192)/);
  bed.press('enter');
  await bed.shows(/^Creating fresh {3}on lab[\s\S]*fresh: booting.*/);
  expect(bed.text()).toContain('Esc leave, it goes on');
  bed.press('escape');
  await bed.shows(/^Tasks/);
  bed.press('escape');
  expect(bed.panes.top()).toBeUndefined();
});

test('whoever cancels or quits while it boots is told that the VM stays, and it does', async () => {
  await begin();
  await bed.shows('fresh: booting');
  const stays = 'fresh stays as it is, only not waited for.';
  bed.press('x');
  expect(bed.ui.getState().question?.lines).toEqual([stays]);
  bed.press('n');
  const quit = vi.fn();
  askQuit(bed.host, quit);
  expect(bed.ui.getState().question?.lines).toEqual(expect.arrayContaining(['create fresh', `  ${stays}`]));
  bed.press('n', 'J');
  await bed.shows(/create fresh/);
  bed.press('x');
  expect(bed.ui.getState().question?.lines).toContain(stays);
  bed.press('y');
  await bed.shows(/create fresh +lab +(?:done|cancelled)/);
  expect(await bed.world()).toContain('domain fresh');
});

test('the wizard that is still open is come back to, with nothing above it', async () => {
  await begin();
  await bed.shows('fresh: booting');
  const wizard = bed.panes.top();
  bed.press('J');
  await bed.shows(/create fresh/);
  bed.press('enter');
  expect(bed.panes.top()).toBe(wizard);
  expect(bed.text()).toMatch(/^Creating fresh/);
});

test('a failure is found there as well, with the way back to the pages', async () => {
  await begin(2000);
  await bed.shows('is up');
  bed.press('escape', 'J', 'enter');
  await bed.shows(/^Created: fresh {3}on lab[\s\S]*fresh is up: 192\.168/);
  bed.press('escape', 'escape');
  bed.lab.faults.add({
    fault: 'error',
    code: 1,
    message: 'no luck',
    procedure: 'DOMAIN_CREATE_WITH_FLAGS',
  });
  bed.press('c', '"golden"');
  await bed.shows('golden-debian-12.qcow2');
  bed.press('enter', 'ctrl-u', '"second"', 'enter', 'enter', 'enter');
  await bed.shows('[ Create ]');
  bed.press('enter', 'escape', 'J');
  await bed.shows(/create second +lab +failed/);
  bed.press('g', 'enter');
  await bed.shows(/^Not created: second[\s\S]*second was not made: /);
  bed.press('b');
  await bed.shows('New VM');
  await bed.shows('golden-debian-12.qcow2');
  bed.press('enter');
  await bed.shows(/> Name +second/);
});
