import { describe, expect, test, vi } from 'vitest';
import { DomainState } from '../../../../source/libvirt/domain-state.js';
import { LibvirtError } from '../../../../source/libvirt/errors.js';
import { width } from '../../../../source/text/width.js';
import type { FakeDomain, FakeInventory } from '../../fake-inventory.js';
import type { HarnessOptions } from '../../manager-harness.js';
import { oddNames } from '../../odd-names.js';
import { manager, managersForTests } from './bed.js';

managersForTests();

const states = [DomainState.running, DomainState.shutOff, DomainState.paused, DomainState.crashed];

/** Every kind of row: odd names, all states, addresses, hosts in every condition. */
function everything(inventory: FakeInventory): void {
  const wave = (number: number, at: number) =>
    Math.round(50 + 45 * Math.sin(at / 5 + number)) + (at % 3) - (number % 2);
  const stardust = inventory.addHost(
    'stardust',
    oddNames.map((name, i) => {
      const state = states[i % states.length] ?? DomainState.running;
      const cpu =
        state === DomainState.running ? Array.from({ length: 200 }, (_, at) => wave(i, at)) : undefined;
      return { name, state, ...(cpu && { cpu }) };
    }),
  );
  for (let at = 0; at < 200; at += 1) {
    stardust.load.cpu.push(wave(3, at));
    stardust.load.memoryUsed.push(11.2 * 1024 * 1024);
  }
  const [first, , third] = [...stardust.domains.values()] as [FakeDomain, FakeDomain, FakeDomain];
  const address = { interface: 'eth0', mac: undefined, prefix: 24 };
  inventory.setDetails(first, {
    addresses: [{ ...address, family: 'ipv4', address: '192.168.122.171', source: 'agent' }],
  });
  inventory.setDetails(third, {
    addresses: [{ ...address, family: 'ipv6', address: 'fd00:1234:5678:9abc::17', source: 'lease' }],
  });
  third.pending = 'shutting down';
  const error = new LibvirtError({
    kind: 'connect',
    message: "Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied",
    hint: 'Add yourself to the group libvirt: sudo usermod -aG libvirt "$USER", then log in again.',
  });
  const now = inventory.now;
  const host = { info: undefined };
  inventory.addHost('lab2', [], { ...host, status: { state: 'connecting', since: now, step: 'socket' } });
  inventory.addHost('vc', [], { ...host, status: { state: 'disconnected' } });
  inventory.addHost('lab3', [{ name: 'old-values', cpu: [10, 20, 30] }], {
    stale: true,
    status: { state: 'reconnecting', attempt: 2, retryAt: now + 12_000, error },
  });
  inventory.addHost('lab4', [], { ...host, status: { state: 'failed', error } });
}

function screen(options: HarnessOptions, ...keys: string[]) {
  vi.setSystemTime(new Date(2026, 10, 23, 14, 3));
  const shown = manager(everything, options);
  shown.press('down', 'down', ' ', ...keys);
  return shown;
}

const kinds: readonly (readonly [name: string, options: HarnessOptions])[] = [
  ['40x10', { columns: 40, rows: 10 }],
  ['80x24', { columns: 80, rows: 24 }],
  ['120x40', { columns: 120, rows: 40 }],
  ['240x70', { columns: 240, rows: 70 }],
  ['80x24-ascii', { columns: 80, rows: 24, capabilities: { unicode: false, colors: 0 } }],
  ['120x40-flat', { columns: 120, rows: 40, settings: { grouping: 'flat' } }],
];

describe('the whole screen, compared as text', () => {
  test.each(kinds)('%s', async (name, options) => {
    const { text, lines, painted } = screen(options);
    // What the terminal would make of a line is what counts, not how many characters it has.
    for (const line of lines) expect(width(line)).toBe(options.columns);
    expect(lines).toHaveLength(options.rows ?? 0);
    for (const line of painted)
      expect(line.replace(/\u001B\[[\d;]*m/g, '')).not.toMatch(/[\0-\x1f\x7f-\x9f]/);
    if (options.capabilities?.unicode === false) expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    await expect(text).toMatchFileSnapshot(`screens/${name}.txt`);
  });

  test('without colour nothing is coloured', () => {
    const { painted } = screen({ capabilities: { colors: 0 } });
    // Weight, faintness and inversion alone.
    for (const line of painted) expect(line).not.toMatch(/\u001B\[[\d;]*(3\d|4\d|9\d)m/);
  });

  test('below 20x5 a line says that the terminal is too small', () => {
    const { text, lines } = screen({ columns: 20, rows: 4 });
    expect(text).toContain('Too small: 20x4');
    expect(lines).toHaveLength(4);
  });
});
