import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Ring } from '../../../../source/inventory/ring.js';
import { DomainState } from '../../../../source/libvirt/domain-state.js';
import { width } from '../../../../source/text/width.js';
import type { FakeConnection, FakeDomain } from '../../fake-inventory.js';
import { Manager, plain } from '../../manager-harness.js';

const xml = [
  '<domain type="kvm">',
  '  <name>web-1</name>',
  ...Array.from({ length: 60 }, (_, at) => `  <line n="${at}"/>`),
  '  <mac address="52:54:00:00:00:01"/>',
  '</domain>',
].join('\n');

describe('the Domain screen', () => {
  let manager: Manager;
  let domain: FakeDomain;
  let host: FakeConnection;

  const open = (options: { columns?: number; rows?: number } = {}) => {
    manager = new Manager((inventory) => {
      host = inventory.addHost('stardust', [
        { name: 'web-1', cpu: [10, 20, 30] },
        { name: 'old', state: DomainState.shutOff },
      ]);
      domain = [...host.domains.values()][0] as FakeDomain;
      inventory.setDetails(domain, {
        title: 'Shop\u001b[2J front',
        os: 'debian12',
        xml,
        addresses: [
          {
            interface: 'eth0',
            mac: undefined,
            family: 'ipv4',
            address: '192.168.122.171',
            prefix: 24,
            source: 'agent',
          },
        ],
        disks: [
          { target: 'vda', source: '/images/web-1.qcow2', device: 'disk' },
          { target: 'sda', source: undefined, device: 'cdrom' },
        ],
      });
    }, options);
    manager.press(...manager.names.slice(0, manager.names.indexOf('web-1')).map(() => 'j'), 'enter');
  };
  const lines = () => manager.panes.lines().map(plain);
  const text = () =>
    lines()
      .map((line) => line.trimEnd())
      .join('\n');

  it('lists every address, and marks those that nobody reaches it by', () => {
    const inner = { interface: 'docker0', mac: undefined, family: 'ipv4', source: 'agent' } as const;
    manager.inventory.setDetails(domain, {
      addresses: [
        { ...inner, interface: 'enp1s0', address: '192.168.155.77', prefix: 24 },
        { ...inner, address: '172.17.0.1', prefix: 16, beyond: 'inner' },
      ],
    });
    manager.press('2', '1');
    expect(text()).toContain('192.168.155.77/24  enp1s0  guest agent\n');
    expect(text()).toContain('172.17.0.1/16  docker0  guest agent, within the guest only');
    const user = [{ mac: undefined, type: 'user', source: 'user', model: undefined }];
    manager.inventory.setDetails(domain, { interfaces: user, addresses: [] });
    manager.press('2', '1');
    expect(text()).toContain('none that leads to it: user-mode networking');
  });

  it('of a driver that tells none says so in place of charts that wait for ever', () => {
    domain.untold = ['block', 'interface'];
    manager.press('2');
    expect(text()).toMatch(/disk read n\/a +not told by QEMU/);
    expect(text()).toMatch(/sent n\/a +not told by QEMU/);
    expect(text()).toMatch(/guest CPU 30 %/);
  });

  it('of a domain that has stopped has charts that end there, and no value of now', () => {
    domain.id = -1;
    domain.state = DomainState.shutOff;
    domain.reason = 6;
    manager.press('2');
    expect(text()).toMatch(/guest CPU – +4s until it stopped/);
    expect(text()).toMatch(/memory – +not running/);
    manager.press('1');
    expect(text()).toMatch(/State +shut off \(failed\)/);
  });

  it('says why a domain is paused', () => {
    domain.state = DomainState.paused;
    domain.reason = 5;
    manager.press('1');
    expect(text()).toMatch(/State +paused \(I\/O error\)/);
  });

  beforeEach(() => {
    vi.useFakeTimers();
    open();
  });

  afterEach(() => {
    manager.panes.dispose();
    manager.model.dispose();
    vi.useRealTimers();
  });

  it('opens on the selected domain and says what it is', () => {
    expect(lines()[0]).toMatch(/^web-1 .*on stardust/);
    expect(text()).toMatch(/State +running/);
    expect(text()).toMatch(/OS +debian12/);
    expect(text()).toMatch(/Addresses +192\.168\.122\.171\/24 {2}eth0 {2}guest agent/);
    expect(text()).toMatch(/Disks +vda {2}\/images\/web-1\.qcow2\n +sda {2}cdrom {2}empty/);
  });

  it.each([
    [80, 24],
    [120, 40],
    [240, 70],
    [40, 10],
  ])('fills %dx%d exactly on every tab', (columns, rows) => {
    open({ columns, rows });
    for (const tab of ['1', '2', '3']) {
      manager.press(tab);
      expect(lines().map((line) => width(line))).toEqual(Array.from({ length: rows }, () => columns));
    }
  });

  it('lets no control character of a title reach the terminal', () => {
    expect(manager.panes.lines().join('')).not.toContain('\u001b[2J');
    expect(text()).toContain('Shop·[2J front');
  });

  it('goes through its tabs by Tab, Shift-Tab and number', () => {
    manager.press('tab');
    expect(lines()[1]).toContain('[Performance]');
    manager.press('shift-tab', 'shift-tab');
    expect(lines()[1]).toContain('[XML]');
    manager.press('1');
    expect(lines()[1]).toContain('[Overview]');
  });

  it('charts CPU and each vCPU', () => {
    const ring = new Ring(10);
    ring.push(75);
    domain.vcpuHistory = [ring];
    manager.press('2');
    expect(text()).toMatch(/guest CPU 30 %/);
    expect(text()).toMatch(/vCPU 0 +75 %/);
  });

  it('scrolls the XML, finds text in it, and Esc ends the search before the screen', () => {
    manager.press('3');
    expect(lines()[3]).toContain('<domain type="kvm">');
    manager.press('pagedown');
    expect(lines()[3]).not.toContain('<domain type');
    manager.press('/', ...'mac addr', 'enter');
    expect(text()).toContain('<mac address="52:54:00:00:00:01"/>');
    manager.press('escape');
    expect(manager.panes.top()).toBeDefined();
    manager.press('escape');
    expect(manager.panes.top()).toBeUndefined();
  });

  it('takes every letter as text while the search is typed', () => {
    manager.press('3', '/', 'q', 'd', 'F', 's');
    expect(lines().at(-2)).toContain('/ qdFs');
    expect(manager.quit).not.toHaveBeenCalled();
    expect(manager.inventory.calls.filter((call) => call.startsWith('act'))).toEqual([]);
  });

  it('moves in the XML while the search is typed, and says what its keys do then', () => {
    manager.press('3', '/', 'd', 'down');
    expect(lines()[3]).not.toContain('<domain type');
    expect(lines().at(-2)).toContain('/ d');
    expect(lines().at(-1)).toMatch(/keep the search +Esc clear it/);
  });

  it('has the keys of a domain, the question before force off included', () => {
    manager.press('p');
    expect(manager.inventory.calls.join()).toContain('suspend');
    manager.press('F');
    expect(manager.ui.getState().question?.lines.join()).toContain('web-1');
    manager.press('n');
    expect(manager.inventory.calls.join()).not.toContain('destroy');
  });

  it('closes by itself when the domain goes', () => {
    host.domains.delete(domain.uuid);
    manager.inventory.changed({ list: true });
    vi.advanceTimersByTime(100);
    expect(manager.panes.top()).toBeUndefined();
  });

  it('no key reaches the Manager behind it', () => {
    const before = manager.selected;
    manager.press('G', 'j', 'o', '+');
    manager.press('escape');
    expect(manager.selected).toBe(before);
  });
});
