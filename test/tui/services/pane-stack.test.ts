import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { safe } from '../../../source/text/safe.js';
import type { Pane } from '../../../source/tui/kit/pane.js';
import { openDomain } from '../../../source/tui/screens/domain/open-domain.js';
import { openTasks } from '../../../source/tui/screens/tasks/tasks-pane.js';
import type { ScreenHost } from '../../../source/tui/services/screen-host.js';
import { Bed } from '../screens/storage/bed.js';

let bed: Bed;

beforeEach(() => {
  vi.useFakeTimers();
  bed = new Bed({}, (inventory) => inventory.addHost('stardust', [{ name: 'web' }, { name: 'db' }]));
});

afterEach(() => {
  bed.dispose();
  vi.useRealTimers();
});

/** A pane that notes what it is told. */
function noting(name: string, told: string[]): Pane {
  const size = safe(' '.repeat(bed.size.columns));
  return {
    draw: () => {
      told.push(`${name} draws`);
      return Array.from({ length: bed.size.rows }, () => size);
    },
    bindings: () => [],
    handle: () => false,
    shown: (visible) => told.push(`${name} is ${visible ? 'seen' : 'hidden'}`),
    read: () => told.push(`${name} asks`),
    close: () => told.push(`${name} closes`),
  };
}

test('a screen asks after its frame; one that is covered neither draws nor asks until it is seen again', () => {
  const told: string[] = [];
  bed.panes.open(noting('a', told));
  expect(told.splice(0)).toEqual(['a is seen', 'a draws', 'a asks']);
  bed.panes.open(noting('b', told));
  expect(told.splice(0)).toEqual(['b is seen', 'a is hidden', 'b draws', 'b asks']);
  bed.panes.redraw();
  expect(told.splice(0)).toEqual(['b draws', 'b asks']);
  bed.panes.back();
  expect(told.splice(0)).toEqual(['a is seen', 'b is hidden', 'b closes', 'a draws', 'a asks']);
  bed.panes.dispose();
  expect(told).toEqual(['a is hidden', 'a closes']);
});

/** What each screen is opened by. */
const screens: readonly (readonly [name: string, open: (host: ScreenHost) => void])[] = [
  ['domain', (host) => openDomain(host, bed.connection.id, firstUuid())],
  ['connection', () => bed.press('g', 'enter')],
  ['networks', () => bed.press('g', 'enter', '2')],
  ['storage', () => bed.press('g', 'enter', '3')],
  ['add connection', () => bed.press('a')],
  ['tasks', openTasks],
];

function firstUuid(): string {
  return [...bed.connection.domains.keys()][0] ?? '';
}

test.each(screens)(
  '%s: covered, it lets go of all that was watched, and so does the Manager',
  async (_, open) => {
    open(bed.host);
    bed.panes.open(noting('cover', []));
    const covered = bed.panes.top();
    expect(covered).toBeDefined();
    // Whoever lets go does so after a moment of rest.
    await vi.advanceTimersByTimeAsync(1000);
    const calls = bed.inventory.calls.length;
    bed.inventory.changed({ list: true });
    await vi.advanceTimersByTimeAsync(5000);
    expect(bed.inventory.calls.slice(calls)).toEqual([]);
    const watched = bed.inventory.calls.filter((call) => /^(un)?(look|watch)/.test(call));
    const begun = watched.filter((call) => !call.startsWith('un'));
    expect(watched.length - begun.length).toBe(begun.length);
  },
);
