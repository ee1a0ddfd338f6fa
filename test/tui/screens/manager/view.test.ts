import { expect, test, vi } from 'vitest';
import { drawMenu } from '../../../../source/tui/kit/menu-dialog.js';
import type { Manager } from '../../manager-harness.js';
import { plain } from '../../manager-harness.js';
import { drawn, hosts, manager, managersForTests, three } from './bed.js';

managersForTests();

/** The open list's box as text. */
function menu(screen: Manager): string {
  const { menu: open } = screen.ui.getState();
  if (open === undefined) return '';
  return drawMenu(open, screen.model.look, screen.model.size).map(plain).join('\n');
}

const titles = (screen: Manager): string[] => (screen.lines[1] ?? '').trim().split(/ {2,}/);

test('V chooses columns, seen at once and kept in the settings', async () => {
  const screen = manager(three, { columns: 120 });
  screen.press('V');
  expect(menu(screen)).toContain('[x] guest CPU');
  expect(menu(screen)).toContain('[ ] disk I/O: read and written');
  while (!/> \[ \] disk I\/O: read/.test(menu(screen))) screen.press('down');
  screen.press(' ');
  expect(titles(screen)).toContain('DISK');
  expect(menu(screen)).toContain('> [x] disk I/O');
  screen.press('escape');
  expect(menu(screen)).toBe('');
  vi.advanceTimersByTime(1000);
  expect(screen.settings.current().columns).toContain('disk');
});

test('statistics of a chosen column are asked for while it is shown', () => {
  const screen = manager(three, { columns: 120, settings: { columns: ['name', 'state', 'net'] } });
  expect(screen.inventory.calls).toContain('also ask for interface');
  screen.model.list.setState({ columns: ['name', 'disk-graph'] });
  expect(screen.inventory.calls).toContain('also ask for block');
  screen.model.list.setState({ columns: undefined });
  expect(screen.inventory.calls.at(-1)).toBe('also ask for ');
});

test('columns stand in the chosen order, the name first; ids of other versions are passed over', () => {
  const screen = manager(three, { settings: { columns: ['memory', 'from-the-future', 'cpu', 'name'] } });
  expect(titles(screen)[0]).toMatch(/^NAME/);
  expect(screen.lines[1]).toMatch(/NAME.*MEMORY.*CPU %/);
});

test('[ and ] move a column', () => {
  const screen = manager(three, { columns: 120, settings: { columns: ['name', 'state', 'cpu'] } });
  screen.press('V', 'down', 'down', 'down', '[');
  expect(screen.lines[1]).toMatch(/NAME.*CPU %.*STATE/);
  expect(menu(screen)).toMatch(/> \[x\] guest CPU/);
});

test('a chosen column that the screen is too narrow for is said to have no room', () => {
  const all = ['name', 'state', 'cpu', 'memory', 'ip', 'disk', 'net', 'host-cpu'];
  const screen = manager(three, { settings: { columns: all } });
  screen.press('V');
  expect(menu(screen)).toContain('no room');
  for (const line of screen.lines) expect([...line]).toHaveLength(80);
});

test('flat: the domains of all hosts in one order, each with its host; hosts with trouble below', () => {
  const screen = manager(hosts, { columns: 120, settings: { grouping: 'flat' } });
  expect(screen.names).toEqual(['db-1', 'mail', 'web-1', 'web-2', 'vc']);
  expect(screen.line('mail')).toContain('lab2');
  expect(screen.line('vc')).toContain('disconnected');
  screen.press('G', 'k', 'k');
  expect(screen.selected).toContain('web-1');
});

test('the selection stays on its domain when the grouping changes', () => {
  const screen = manager(hosts, { columns: 120 });
  screen.press('/', 'm', 'a', 'i', 'l', 'enter', 'G', 'escape');
  expect(screen.selected).toContain('mail');
  screen.press('V', ' ', 'escape');
  expect(screen.names[0]).toBe('db-1');
  expect(screen.selected).toContain('mail');
});

test('sorting goes through the columns shown, and is found again at the next start', () => {
  const screen = manager(hosts, { columns: 120, settings: { grouping: 'flat' } });
  screen.press('o');
  expect(screen.lines[1]).toContain('HOST ▲');
  expect(screen.names.slice(0, 2)).toEqual(['mail', 'web-2']);
  screen.press('o', 'o');
  expect(screen.lines[1]).toMatch(/▼ ?CPU %/);
  expect(screen.names.slice(0, 3)).toEqual(['db-1', 'mail', 'web-1']);
  screen.press('O');
  vi.advanceTimersByTime(1000);
  expect(screen.settings.current().sort).toEqual({ column: 'cpu', reverse: true });
  const again = manager(hosts, { settings: screen.settings.current() });
  expect(again.lines[1]).toMatch(/▲ ?CPU %/);
});

test('what has no value to show comes last', () => {
  const screen = manager(three, { settings: { sort: { column: 'memory', reverse: false } } });
  expect(screen.names.at(-1)).toBe('vm-2');
});

test('rows follow the addresses as numbers, those without one last', () => {
  const screen = manager(
    (inventory) => {
      const host = inventory.addHost('stardust', [{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
      const [a, b] = [...host.domains.values()];
      const address = (text: string) => [
        {
          interface: 'eth0',
          mac: undefined,
          family: 'ipv4' as const,
          address: text,
          prefix: 24,
          source: 'lease' as const,
        },
      ];
      if (a && b) {
        inventory.setDetails(a, { addresses: address('192.168.122.171') });
        inventory.setDetails(b, { addresses: address('192.168.122.32') });
      }
    },
    { settings: { sort: { column: 'ip', reverse: false } } },
  );
  drawn();
  expect(screen.names).toEqual(['stardust', 'b', 'a', 'c']);
});

test('a choice that cannot be kept is said once to last until the end', async () => {
  const screen = manager(three);
  screen.settings.update = async () => {
    throw new Error('config.yaml has errors and was left as it is');
  };
  screen.press('o');
  vi.advanceTimersByTime(1000);
  await Promise.resolve();
  await Promise.resolve();
  expect(screen.text).toContain('This choice lasts until the end: config.yaml has errors');
});

test('the palette finds every action by name, with its key, and runs it', () => {
  const screen = manager(three);
  screen.press('G', ':');
  expect(menu(screen)).toContain('Actions:');
  expect(menu(screen)).toMatch(/domain: force off \(asks\) +F/);
  screen.press('f', 'o', 'r', 'c', 'e', 'enter');
  expect(menu(screen)).toBe('');
  expect(screen.ui.getState().question?.title).toBe('Force off?');
});

test('letters are typed in the palette; what cannot be done stays with its reason', () => {
  const screen = manager(three);
  screen.press('down', 'down', ':');
  for (const key of 'reboot') screen.press(key);
  expect(menu(screen)).toContain('vm-2 is not running');
  screen.press('enter');
  expect(menu(screen)).not.toBe('');
  screen.press('escape');
  expect(menu(screen)).toBe('');
  expect(screen.inventory.calls.filter((call) => !call.includes('look'))).toEqual([]);
});

test('sorting and grouping are in the palette too', () => {
  const screen = manager(three);
  screen.press(':');
  screen.paste('sort by memory');
  screen.press('enter');
  expect(screen.lines[1]).toContain('MEMORY ▼');
  screen.press(':');
  screen.paste('flat');
  screen.press('enter');
  expect(screen.names).toEqual(['Vm-1', 'vm-10', 'vm-2']);
});

test('the boxes fit small screens', () => {
  const screen = manager(three, { columns: 40, rows: 10 });
  screen.press(':');
  const { menu: open } = screen.ui.getState();
  const lines = drawMenu(open as NonNullable<typeof open>, screen.model.look, screen.model.size);
  expect(lines.length).toBeLessThanOrEqual(10);
  for (const line of lines) expect([...plain(line)].length).toBeLessThanOrEqual(40);
});

test('on the screen of a domain the palette has what can be done to it', () => {
  const screen = manager(three);
  screen.press('G', 'enter', ':');
  expect(menu(screen)).toContain('domain: force off (asks)');
  expect(menu(screen)).not.toContain('sort');
  screen.paste('pause');
  screen.press('enter');
  expect(screen.inventory.calls).toContain('suspend vm-10');
  expect(screen.panes.top()).toBeDefined();
});
