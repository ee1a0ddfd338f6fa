import { expect, test } from 'vitest';
import { openTasks } from '../../../source/tui/screens/tasks/tasks-pane.js';
import { isBusy, staying } from '../../../source/tui/services/whereabouts.js';
import { hosts, manager, managersForTests } from '../screens/manager/bed.js';

managersForTests();

test.each(['/', '?', ':', 'V'])('what ends late comes up with nothing while %s is open', (key) => {
  const screen = manager(hosts);
  const stays = staying(screen.host);
  screen.press(key);
  expect([isBusy(screen.host), stays()]).toEqual([true, false]);
  screen.press('escape');
  expect([isBusy(screen.host), stays()]).toEqual([false, true]);
});

test('who has gone to another screen has gone on, and is there again once it is left', () => {
  const screen = manager(hosts);
  const stays = staying(screen.host);
  openTasks(screen.host);
  expect([isBusy(screen.host), stays()]).toEqual([false, false]);
  screen.press('escape');
  expect(stays()).toBe(true);
});

test('a connection is selected from another screen, and is so when the Manager is seen again', () => {
  const screen = manager(hosts);
  openTasks(screen.host);
  screen.host.manager.selectConnection(screen.inventory.store.getState().connections[2]?.id ?? '');
  screen.press('escape');
  expect(screen.selected).toMatch(/vc/);
});
