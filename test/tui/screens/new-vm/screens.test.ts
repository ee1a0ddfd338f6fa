import { afterEach, describe, expect, test } from 'vitest';
import type { CatalogueImage } from '../../../../source/provision/images/catalogue.js';
import { NewVmPane } from '../../../../source/tui/screens/new-vm/new-vm-pane.js';
import { type BedOptions, WizardBed } from './bed.js';

let bed: WizardBed;

afterEach(() => bed?.end());

const gib = 1024 ** 3;
const image = (id: string, name: string, user: string): CatalogueImage => ({
  id,
  name,
  aliases: [],
  arch: 'x86_64',
  url: `https://images.example.org/${id}.qcow2`,
  checksum: undefined,
  user,
  osId: 'http://debian.org/debian/12',
  firmware: 'any',
  minimumDisk: 2 * gib,
  minimumMemory: gib / 4,
  agent: false,
});
const images = [
  image('debian-12', 'Debian 12 (bookworm)', 'debian'),
  image('fedora-43', 'Fedora 43', 'fedora'),
];

const sizes: readonly (readonly [string, BedOptions])[] = [
  ['40x10', { columns: 40, rows: 10 }],
  ['80x24', { columns: 80, rows: 24 }],
  ['120x40', { columns: 120, rows: 40 }],
  ['80x24-ascii', { columns: 80, rows: 24, capabilities: { unicode: false } }],
];

/** Without what is another at every run. */
function steady(text: string): string {
  return text.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'f'.repeat(36));
}

describe.each(sizes)('every page, compared as text, %s', (name, options) => {
  test('from the list of images to a failure', async () => {
    bed = await WizardBed.make(options);
    const shown: string[] = [];
    const keep = (): void => {
      shown.push(steady(bed.text()));
    };
    bed.panes.open(new NewVmPane(bed.host, bed.connectionId, () => images));
    await bed.until(() => !bed.text().includes('looking at the host'));
    keep();
    bed.press('"golden"');
    keep();
    bed.press('enter', 'ctrl-u', '"a/b"', 'enter');
    keep();
    bed.press('ctrl-u', '"shop-1"', 'up', ' ');
    keep();
    bed.press('enter');
    keep();
    bed.press('enter');
    await bed.shows('somebody');
    bed.press('up', ' ', 'up', 'up', 'up', '"secret"');
    keep();
    bed.press('enter', '"secret"', 'enter');
    await bed.until(() => bed.text().includes('Create') && !bed.text().includes('looking at the host'));
    keep();
    const fault = {
      fault: 'error',
      code: 1,
      message: 'no luck',
      procedure: 'DOMAIN_CREATE_WITH_FLAGS',
    } as const;
    bed.lab.faults.add(fault);
    bed.press('enter');
    // The screen itself, and the task's end in the message line: one comes after the other.
    await bed.until(() => ['Not created', 'Error: create shop-1'].every((text) => bed.text().includes(text)));
    keep();
    await expect(`${shown.join(`\n${'='.repeat(20)}\n`)}\n`).toMatchFileSnapshot(`screens/${name}.txt`);
  });
});

test('names of hosts that hold control characters draw nothing else', async () => {
  bed = await WizardBed.make();
  await bed.inventory.ask(bed.connectionId, async ({ pools, volumes }) => {
    const pool = await pools.lookup('default');
    const xml = '<volume><name>evil&#x9b;2J&#x202e;name.qcow2</name><capacity>1048576</capacity></volume>';
    await volumes.create(pool, xml);
  });
  bed.press('c', '"evil"');
  await bed.shows('qcow2');
  bed.press('enter', 'enter', 'enter', 'enter');
  await bed.shows('Steps');
  for (const screen of bed.seen)
    expect(screen).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});
