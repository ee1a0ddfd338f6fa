import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest';
import { manager, managersForTests } from './manager/bed.js';

managersForTests();

let segment: MockInstance<Intl.Segmenter['segment']>;

beforeEach(() => {
  segment = vi.spyOn(Intl.Segmenter.prototype, 'segment');
});

afterEach(() => segment.mockRestore());

/** Code units of text that were looked at for their characters since the last time. */
function looked(): number {
  const units = segment.mock.calls.reduce((sum, [text]) => sum + text.length, 0);
  segment.mockClear();
  return units;
}

const endless = '漢'.repeat(2 ** 20);

test('a hundred endless names cost a key no more than short ones: what is not seen is not looked at', () => {
  const screen = manager((inventory) => {
    inventory.addHost(
      endless,
      Array.from({ length: 100 }, (_, at) => ({ name: `${endless}${at}` })),
    );
  });
  looked();
  screen.press('j');
  expect(screen.text).toContain('漢漢…');
  expect(looked()).toBeLessThan(200_000);
});

test('an endless description, title and error are cut where they enter the screen', () => {
  const screen = manager((inventory) => {
    const host = inventory.addHost('stardust', [{ name: 'web' }]);
    const [domain] = host.domains.values();
    if (domain === undefined) throw new Error('no domain');
    inventory.setDetails(domain as never, { title: endless, description: endless });
    inventory.notice('error', endless, endless);
  });
  screen.press('j', 'enter');
  looked();
  screen.press('down');
  expect(screen.panes.lines().join('\n')).toContain('漢漢');
  expect(looked()).toBeLessThan(500_000);
});
