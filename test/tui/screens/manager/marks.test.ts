import { expect, test } from 'vitest';
import { DomainState } from '../../../../source/libvirt/domain-state.js';
import { hosts, manager, managersForTests, three } from './bed.js';

managersForTests();

const actions = (calls: readonly string[]): string[] => calls.filter((call) => !/look|ask/.test(call));

test('Space marks the domain and goes on to the next, * marks all shown, again none', () => {
  const screen = manager(three);
  screen.press('down', ' ');
  expect(screen.line('Vm-1')).toMatch(/^✓ ◐ Vm-1/);
  expect(screen.selected).toContain('vm-2');
  expect(screen.text).toContain('1 marked');
  screen.press('*');
  expect(screen.text).toContain('3 marked');
  screen.press('*');
  expect(screen.text).not.toContain('marked');
});

test('on a host Space marks its domains, and only those that the filter leaves', () => {
  const screen = manager(hosts);
  screen.press('/', 'w', 'e', 'b', 'enter', 'g', ' ');
  expect(screen.text).toContain('1 marked');
  expect(screen.line('web-1')).toContain('✓');
});

test('Esc clears the filter first and the marks then', () => {
  const screen = manager(three);
  screen.press('/', 'v', 'm', 'enter', '*', 'escape');
  expect(screen.text).toContain('3 marked');
  screen.press('escape');
  expect(screen.text).not.toContain('marked');
});

test('an action goes to all marked it applies to, and tells of the others', async () => {
  const screen = manager(three);
  screen.press('*', 's');
  expect(actions(screen.inventory.calls)).toEqual(['resume Vm-1', 'start vm-2']);
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  expect(screen.text).toContain('2 of 2 done; 1 left out');
});

test('what stops several asks once and names them', () => {
  const screen = manager(hosts);
  screen.press('*', 'd');
  expect(actions(screen.inventory.calls)).toEqual([]);
  const question = screen.ui.getState().question;
  expect(question?.title).toBe('Shut down 3 domains?');
  expect(question?.lines.join()).toMatch(/db-1.*web-1.*mail/);
  expect(question?.lines.join()).not.toContain('web-2');
  screen.press('y');
  expect(actions(screen.inventory.calls)).toEqual(['shutdown db-1', 'shutdown web-1', 'shutdown mail']);
});

test('force off of many says what is lost, and names the first of very many', () => {
  const screen = manager((inventory) => {
    inventory.addHost(
      'stardust',
      Array.from({ length: 40 }, (_, i) => ({ name: `vm-${i}` })),
    );
  });
  screen.press('*', 'F');
  const { title, lines } = screen.ui.getState().question ?? {};
  expect(title).toBe('Force off 40 domains?');
  expect(lines?.[0]).toContain('unsaved data');
  expect(lines?.at(-1)).toBe('and 28 more');
});

test('autostart of many goes one way', () => {
  const screen = manager((inventory) => {
    inventory.addHost('stardust', [
      { name: 'a', patch: { autostart: true } },
      { name: 'b', patch: { autostart: false } },
    ]);
  });
  screen.press('*', 'A');
  expect(actions(screen.inventory.calls)).toEqual(['autostart b']);
});

test('where it applies to none of them the reason is given', () => {
  const screen = manager(three);
  screen.press('down', 'down', ' ', 'R');
  expect(screen.text).toContain('1 marked');
  expect(screen.text).toContain('vm-2 is not running');
});

test('failures are told by name at the end', async () => {
  const screen = manager(hosts);
  screen.inventory.act = async (_id, uuid) =>
    uuid.startsWith('c1-0')
      ? { ok: false, text: 'web-1: shut down failed: no', hint: 'Try F.' }
      : { ok: true, text: 'fine' };
  screen.press('*', 'd', 'y');
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
  expect(screen.text).toContain('2 of 3 done');
  expect(screen.text.replaceAll('\n', ' ')).toContain('1 failed: web-1: shut down failed: no');
});

test('a marked domain that is gone is not counted, and nothing is done to it', () => {
  const screen = manager(three);
  screen.press('*');
  const [connection] = screen.inventory.store.getState().connections;
  const domains = connection?.domains as Map<string, unknown>;
  domains.delete([...domains.keys()][0] as string);
  screen.inventory.changed({ list: true });
  screen.press('down');
  expect(screen.text).toContain('2 marked');
});

test('the footer offers what the marked can do', () => {
  const screen = manager(three);
  screen.press('*');
  const footer = screen.lines.at(-1) ?? '';
  expect(footer).toContain('s start');
  expect(footer).toContain('d shut down');
  expect(footer).not.toContain('open');
});

test('a mark is to be seen without colour and without Unicode', () => {
  const screen = manager(
    (inventory) => {
      inventory.addHost('stardust', [{ name: 'vm', state: DomainState.shutOff }]);
    },
    { capabilities: { unicode: false, colors: 0 } },
  );
  screen.press('*');
  expect(screen.line('vm ')).toMatch(/^\+ o vm/);
});
