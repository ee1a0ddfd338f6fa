import { describe, expect, test, vi } from 'vitest';
import type { DomainDetails } from '../../../../source/inventory/types.js';
import { DomainState } from '../../../../source/libvirt/domain-state.js';
import type { FakeDomain } from '../../fake-inventory.js';
import type { Manager } from '../../manager-harness.js';
import { drawn, manager, managersForTests } from './bed.js';

managersForTests();

const rest = (): void => void vi.advanceTimersByTime(350);

const many = (count: number, patch = {}) =>
  Array.from({ length: count }, (_, i) => ({ name: `vm-${i}`, ...patch }));

function domains(screen: Manager): FakeDomain[] {
  return screen.inventory.store
    .getState()
    .connections.flatMap(({ domains: all }) => [...all.values()] as FakeDomain[]);
}

const address = (text: string, source: 'agent' | 'lease'): DomainDetails['addresses'][number] => ({
  interface: 'eth0',
  mac: undefined,
  family: text.includes(':') ? 'ipv6' : 'ipv4',
  address: text,
  prefix: 24,
  source,
});

describe('addresses', () => {
  test('stand in a column with their source; dots until they are here, nothing where there is none', () => {
    const screen = manager((inventory) => void inventory.addHost('h', many(4)), { columns: 120 });
    const [first, second, third, fourth] = domains(screen);
    screen.inventory.setDetails(first as never, { addresses: [address('192.168.122.171', 'agent')] });
    screen.inventory.setDetails(second as never, { addresses: [address('192.168.122.32', 'lease')] });
    screen.inventory.setDetails(third as never, { addresses: [] });
    screen.inventory.setState(fourth as never, DomainState.shutOff);
    drawn();
    const at = screen.lines[1]?.indexOf('IP') ?? -1;
    expect(at).toBeGreaterThan(0);
    const cell = (name: string): string => screen.line(name).slice(at, at + 21);
    expect(cell('vm-0')).toBe('192.168.122.171 agent');
    expect(cell('vm-1')).toBe('192.168.122.32  lease');
    expect(cell('vm-2').trim()).toBe('');
    expect(cell('vm-3').trim()).toBe('');
    screen.inventory.setState(fourth as never, DomainState.running);
    drawn();
    expect(cell('vm-3').trim()).toBe('…');
  });

  test('of something within the guest is none; user-mode networking and a port of the host are named', () => {
    const screen = manager((inventory) => void inventory.addHost('h', many(3)), { columns: 120 });
    const [inner, cut, forwarded] = domains(screen);
    const user = [{ mac: undefined, type: 'user', source: 'user', model: undefined }];
    const inside = { ...address('10.0.2.15', 'agent'), beyond: 'user-net' } as const;
    screen.inventory.setDetails(inner as never, {
      addresses: [{ ...address('172.17.0.1', 'agent'), beyond: 'inner' }],
    });
    screen.inventory.setDetails(cut as never, { interfaces: user, addresses: [inside] });
    screen.inventory.setDetails(forwarded as never, {
      interfaces: user,
      addresses: [inside],
      forwards: [{ protocol: 'tcp', address: undefined, host: 2222, guest: 22, count: 1 }],
    });
    drawn();
    const at = screen.lines[1]?.indexOf('IP') ?? -1;
    const cell = (name: string): string =>
      screen
        .line(name)
        .slice(at, at + 23)
        .trim();
    expect(['vm-0', 'vm-1', 'vm-2'].map(cell)).toEqual(['', 'user net', '127.0.0.1:2222']);
  });

  test('80 columns show the address, and no half of its source', () => {
    const screen = manager((inventory) => void inventory.addHost('h', many(1)));
    screen.inventory.setDetails(domains(screen)[0] as never, {
      addresses: [address('192.168.122.171', 'agent')],
    });
    drawn();
    expect(screen.line('vm-0')).toMatch(/192\.168\.122\.171\s*$/);
    expect(screen.line('vm-0')).not.toContain('agent');
  });

  test('are asked for only on the screen, once the list rests, and let go when scrolled away', () => {
    const screen = manager((inventory) => void inventory.addHost('h', many(10_000)));
    screen.press('pagedown', 'pagedown', 'pagedown', 'pagedown');
    vi.advanceTimersByTime(200);
    screen.press('pagedown');
    vi.advanceTimersByTime(200);
    expect(screen.inventory.calls).toEqual([]);
    rest();
    const looked = screen.inventory.calls.length;
    expect(looked).toBeGreaterThan(5);
    expect(looked).toBeLessThan(20);
    screen.press('G');
    rest();
    const { calls } = screen.inventory;
    expect(calls.filter((call) => call.startsWith('unlook'))).toHaveLength(looked);
    screen.inventory.tick(() => 5);
    vi.advanceTimersByTime(10_000);
    expect(screen.inventory.calls).toHaveLength(calls.length);
  });

  test('are not asked of domains that are off, nor where the column has no room', () => {
    const off = manager((inventory) => void inventory.addHost('h', many(5, { state: DomainState.shutOff })));
    rest();
    expect(off.inventory.calls).toEqual([]);
    off.model.dispose();
    const narrow = manager((inventory) => void inventory.addHost('h', many(5)), { columns: 60 });
    rest();
    expect(narrow.inventory.calls).toEqual([]);
  });
});
