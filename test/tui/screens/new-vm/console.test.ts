import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { openSerialConsole } from '../../../../source/tui/services/serial-console.js';
import { WizardBed } from './bed.js';

let bed: WizardBed;

afterEach(() => bed?.end());

test('the console of a VM whose address is still waited for opens without a question, and its tail comes back', async () => {
  bed = await WizardBed.make({ lab: { speed: 1 } });
  bed.press('c', '"golden"');
  await bed.shows('golden-debian-12.qcow2');
  bed.press('enter', 'ctrl-u', '"fresh"', 'enter', 'enter', 'enter');
  await bed.shows('[ Create ]');
  bed.press('enter');
  // What the guest says, below how far it is.
  await bed.shows(/fresh: booting.*\n {2}\S/);
  const domain = [...(bed.inventory.connection(bed.connectionId)?.domains.values() ?? [])].find(
    ({ name }) => name === 'fresh',
  );
  if (domain === undefined) throw new Error('fresh is not in the list');
  const terminal = { input: new PassThrough(), output: new PassThrough() };
  const shown = text(terminal.output);
  terminal.input.write('\u001D');
  await openSerialConsole(bed.host, bed.connectionId, domain, terminal);
  terminal.output.end();
  expect(await shown).toContain("Connected to domain 'fresh'");
  // The shell goes on in a line of its own, once the program has ended.
  expect(await shown).toMatch(/\r\n$/);
  expect(bed.ui.getState().question).toBeUndefined();
  expect(bed.text()).toContain('fresh: booting');
});
