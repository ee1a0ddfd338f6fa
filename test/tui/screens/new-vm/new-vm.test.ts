import { afterEach, expect, test } from 'vitest';
import { WizardBed } from './bed.js';

let bed: WizardBed;

afterEach(() => bed?.end());

test('Enter five times makes a VM, and its address shows; y copies the ssh line', async () => {
  bed = await WizardBed.make();
  bed.press('c');
  await bed.shows('golden-debian-12.qcow2');
  bed.press('"golden"', 'enter', 'enter', 'enter', 'enter');
  await bed.shows('[ Create ]');
  bed.press('enter');
  await bed.shows(/golden-debian-12-1 is up: 192\.168\.122\.\d+ \(guest agent\)/);
  const [, address] = /ssh admin@([\d.]+)/.exec(bed.text()) ?? [];
  bed.press('y');
  const copied = Buffer.from(`ssh admin@${address}`).toString('base64');
  expect(bed.written).toEqual([`\u001B]52;c;${copied}\u0007`]);
  bed.press('enter');
  await bed.shows(/1 \[Overview\]/);
});
