import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { programBindings } from '../../../source/tui/app/program-keys.js';
import { type Binding, keyLabel } from '../../../source/tui/kit/binding.js';
import { helpLines } from '../../../source/tui/kit/help-view.js';
import { scrollBinding } from '../../../source/tui/kit/scrolling.js';
import { hostBindings } from '../../../source/tui/screens/connection/host-keys.js';
import { domainBindings } from '../../../source/tui/screens/domain/domain-keys.js';
import { listBindings, openBinding } from '../../../source/tui/screens/manager/list-keys.js';
import { networkBindings } from '../../../source/tui/screens/networks/network-keys.js';
import { newVmBinding } from '../../../source/tui/screens/new-vm/open-new-vm.js';
import { poolBindings } from '../../../source/tui/screens/storage/pool-actions.js';
import { newVolumeBindings, volumeBindings } from '../../../source/tui/screens/storage/volume-commands.js';
import { unicodeGlyphs } from '../../../source/tui/theme/glyphs.js';
import { Manager, plain } from '../manager-harness.js';

type Told = Pick<Binding, 'keys' | 'help'>;

const everywhere: readonly Told[] = [
  scrollBinding('move', () => {}),
  openBinding,
  newVmBinding,
  ...listBindings,
  ...programBindings,
].filter(({ keys }) => keys.length > 0);

let screen: Manager;

beforeEach(() => {
  vi.useFakeTimers();
  screen = new Manager((inventory) => {
    inventory.addHost('stardust', [{ name: 'web-1' }, { name: 'web-2' }]);
  });
});

afterEach(() => {
  screen.model.dispose();
  vi.useRealTimers();
});

/** The help as it is told on the screen that is open. */
function help(): string {
  const { own, everywhere } = screen.keys();
  const lines = helpLines(screen.model.look, { own, everywhere });
  return lines.map(plain).join('\n');
}

test.each([
  ['domain', domainBindings],
  ['host', hostBindings],
])('no key means two things on a %s', (_, bindings) => {
  const keys = [...everywhere, ...bindings].flatMap((binding) => binding.keys);
  expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
});

test('the help of the list tells its keys by what they act on, and those that work everywhere', () => {
  expect(help()).toMatch(
    /On this screen[\s\S]* \/ +filter rows[\s\S]*On a domain[\s\S]* F +force off \(asks\)/,
  );
  expect(help()).toMatch(/On a host[\s\S]* x +disconnect[\s\S]*Everywhere[\s\S]* J +tasks/);
});

test('the help of another screen tells of nothing that only the list can do', () => {
  screen.press('j', 'enter', '?');
  expect(help()).toMatch(/On this screen[\s\S]*search in the XML[\s\S]*On a domain[\s\S]*Everywhere/);
  expect(help()).not.toMatch(/filter rows|mark a domain/);
  // Its own host alone, in place of all.
  expect(help().match(/refresh now/g)).toHaveLength(1);
});

test('what works everywhere does so on the screen of a domain, where it has no use of its own for the key', () => {
  screen.press('j', 'enter', '+');
  expect(screen.inventory.store.getState().interval).toBe(3000);
  screen.press('c');
  expect(screen.panes.top()?.entry).toBe(true);
});

test('on a screen that something is entered on, a letter begins nothing else', () => {
  screen.press('a');
  const form = screen.panes.top();
  screen.press('down', 'down', 'down', 'c', '+', 'r');
  expect(screen.panes.top()).toBe(form);
  expect(screen.inventory.store.getState().interval).toBe(2000);
  expect(screen.inventory.calls).not.toContain('refresh');
});

test('the key table of the README is what the records say (vitest -u writes it)', async () => {
  const path = join(import.meta.dirname, '../../../README.md');
  const readme = await readFile(path, 'utf8');
  const [before = '', rest = ''] = readme.split('<!-- keys -->\n');
  const [, after = ''] = rest.split('<!-- /keys -->\n');
  expect(after).not.toBe('');
  const left = everywhere.map(cells);
  const on = (what: string, bindings: readonly Told[]) => [['', `**on a ${what}**`], ...bindings.map(cells)];
  const right = [
    ...domainBindings.map(cells),
    ...on('host', hostBindings),
    ...on('network', networkBindings),
    ...on('pool', poolBindings),
    ...on('volume', [...volumeBindings, ...newVolumeBindings]),
  ];
  const none = ['', ''];
  const rows = Array.from({ length: Math.max(left.length, right.length) }, (_, at) => {
    return `| ${[...(left[at] ?? none), ...(right[at] ?? none)].join(' | ')} |`;
  });
  const table = [
    '| key | in the list and everywhere | key | on a domain, or on all marked |',
    '|---|---|---|---|',
    ...rows,
  ];
  const written = `${before}<!-- keys -->\n${table.join('\n')}\n<!-- /keys -->\n${after}`;
  await expect(written).toMatchFileSnapshot(path);
});

function cells({ keys, help: does }: Told): readonly string[] {
  const named = { ...unicodeGlyphs.keys, enter: 'Enter' };
  return [`\`${keys.map((key) => keyLabel(key, named)).join(' ')}\``, does];
}
