import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DomainState } from '../../../../source/libvirt/domain-state.js';
import { LibvirtError } from '../../../../source/libvirt/errors.js';
import { safe } from '../../../../source/text/safe.js';
import { ConnectionPane } from '../../../../source/tui/screens/connection/connection-pane.js';
import { openConnection } from '../../../../source/tui/screens/connection/open-connection.js';
import type { ConnectionTab, TabKind } from '../../../../source/tui/services/connection-tab.js';
import type { FakeConnection } from '../../fake-inventory.js';
import { type BedOptions, PaneBed } from './bed.js';

let bed: PaneBed;
let host: FakeConnection;

function setUp(options: BedOptions = {}, patch: Partial<FakeConnection> = {}): void {
  bed = new PaneBed(options);
  host = bed.inventory.addHost(
    'stardust',
    [
      { name: 'web-1', cpu: [10] },
      { name: 'old', state: DomainState.shutOff },
    ],
    {
      status: { state: 'connected', since: bed.inventory.now - 7_500_000 },
      metrics: {
        calls: 812,
        bytesReceived: 812_345,
        bytesSent: 512,
        latencies: Array.from({ length: 100 }, (_, at) => at + 1),
      },
      ...patch,
    },
  );
  for (let at = 0; at < 100; at += 1) {
    host.load.cpu.push(20 + (at % 40));
    host.load.memoryUsed.push(11.2 * 1024 * 1024);
  }
  openConnection(bed.host, host);
}

const fact = (label: string): string | undefined =>
  new RegExp(`${label} {2,}(.*?)(?: {3,}|$)`, 'm').exec(bed.text)?.[1];

const error = new LibvirtError({
  kind: 'connect',
  message: 'no permission for the socket /run/sock',
  hint: 'Add yourself to the group libvirt.',
});

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  bed.panes.dispose();
  vi.useRealTimers();
});

it('tells what the connection leads to and how it is doing', () => {
  setUp();
  expect(bed.lines[0]).toMatch(/^stardust {3}qemu:\/\/\/system +connected$/);
  expect(fact('URI')).toBe('qemu:///system');
  expect(fact('Host')).toBe('stardust');
  expect(fact('Versions')).toBe('libvirt 9.0.0, QEMU 7.2.0');
  expect(fact('CPU')).toBe('16 CPUs, EPYC-Rome, 2400 MHz');
  expect(fact('Topology')).toBe('NUMA nodes 1, sockets 1, cores 8, threads 2');
  expect(fact('Memory')).toBe('11.2 / 31 GiB used');
  expect(fact('Domains')).toBe('2, 1 running');
  expect(fact('Connected')).toMatch(/^since \d\d:\d\d, for 2h 5m$/);
  expect(fact('Latency')).toBe('last 100 ms, median 50 ms, p95 95 ms');
  expect(fact('Traffic')).toBe('812 calls, 793 KiB received, 512 B sent');
  expect(bed.text).toMatch(/host CPU 39 %.*host memory 11\.2G of 31 GiB/);
});

it('leaves out what is not known rather than inventing it', () => {
  setUp(
    {},
    {
      info: undefined,
      metrics: undefined,
      status: { state: 'connecting', since: 0, step: 'opening' },
    },
  );
  host.domains.clear();
  expect(bed.lines[0]).toMatch(/connecting… +opening/);
  for (const label of ['Host', 'CPU', 'Memory', 'Domains', 'Connected', 'Latency']) {
    expect(fact(label)).toBeUndefined();
  }
  expect(bed.text).not.toMatch(/uptime|NaN|undefined/i);
});

it.each([
  [80, 24],
  [120, 40],
  [240, 70],
  [40, 10],
  [20, 6],
])('fills %dx%d exactly, in every state, in colour and in ASCII', (columns, rows) => {
  for (const capabilities of [{}, { unicode: false, colors: 0 as const }]) {
    setUp({ columns, rows, capabilities });
    for (const status of [
      host.status,
      { state: 'disconnected' },
      { state: 'failed', error },
      { state: 'reconnecting', attempt: 3, retryAt: bed.inventory.now + 4000, error },
    ] as const) {
      bed.inventory.setStatus(host, status);
      if (!bed.host.look.unicode) expect(bed.text).toMatch(/^[\n\x20-\x7e]*$/);
      else expect(bed.lines).toHaveLength(rows);
    }
    bed.panes.dispose();
  }
});

it('says so where the driver tells no load', () => {
  setUp();
  host.load.cpu.clear();
  host.load.memoryUsed.clear();
  expect(bed.text).toContain('Host CPU and memory: n/a');
  bed.inventory.setStatus(host, { state: 'connected', since: bed.inventory.now });
  expect(bed.text).toMatch(/no samples yet.*no samples yet/);
});

it('gives a chart the whole width where there is height for it', () => {
  setUp({ columns: 120, rows: 40 });
  expect(bed.lines.find((line) => line.includes('host CPU'))).not.toContain('host memory');
  expect(fact('Connected')).toMatch(/^since/);
  expect(bed.lines[3]).toMatch(/^URI.*Connected/);
});

it('on a small screen everything can be reached, and the last line says that there is more', () => {
  setUp({ columns: 40, rows: 10 });
  expect(bed.lines.at(-1)).toContain('↓ more');
  bed.press('G');
  expect(bed.text).toContain('host memory');
  expect(bed.lines.at(-1)).not.toContain('↓ more');
  bed.press('g');
  expect(fact('URI')).toBe('qemu:///system');
});

it('shows nothing of a host but text', () => {
  setUp();
  host.info = {
    ...(host.info as NonNullable<typeof host.info>),
    hostname: 'evil\u001B[2J\u0007host',
    cpuModel: 'model\u001B]0;owned\u0007\u202Ex',
    libvirtVersion: '漢字',
  };
  expect(fact('Host')).toBe('evil·[2J·host');
  expect(bed.panes.lines().join('')).not.toMatch(/\u001B\[2J|\u0007|\u202E/);
});

it('says why there is no connection, what to do, and that the values are old', () => {
  setUp();
  bed.inventory.setStatus(host, {
    state: 'reconnecting',
    attempt: 2,
    retryAt: bed.inventory.now + 5000,
    error,
  });
  expect(bed.lines[0]).toMatch(/reconnecting in 5s$/);
  expect(bed.text).toContain(
    'Error: no permission for the socket /run/sock\nAdd yourself to the group libvirt.',
  );
  expect(bed.text).toContain('The values below are the last known ones.');
  bed.inventory.setStatus(host, { state: 'failed', error });
  expect(bed.lines[0]).toMatch(/failed$/);
  expect(bed.text).toContain('⏎ tries again.');
  bed.inventory.setStatus(host, { state: 'connected', since: 0 }, true);
  expect(bed.text).toContain('The host does not answer.');
});

it('x disconnects, and Enter connects again; each only where it makes sense', () => {
  setUp();
  expect(bed.lines.at(-1)).toContain('x disconnect');
  bed.press('enter', 'x');
  expect(bed.inventory.calls).toEqual(['disconnect c1']);
  expect(bed.said).toBe('success: stardust: disconnected');
  bed.inventory.setStatus(host, { state: 'disconnected' });
  expect(bed.lines.at(-1)).toMatch(/⏎ connect/);
  expect(bed.lines.at(-1)).not.toContain('disconnect');
  bed.press('x', 'enter', 'r');
  expect(bed.inventory.calls).toEqual(['disconnect c1', 'connect c1', 'refresh']);
});

it('the last line ends with the way to all keys, on every tab, however few keys it has room for', () => {
  setUp({ columns: 50 });
  for (const tab of ['1', '2', '3']) {
    bed.press(tab);
    expect(bed.lines.at(-1)).toMatch(/^Esc back {2}.*\? help *$/);
  }
});

it('A switches autoconnect, and the screen shows it', async () => {
  setUp({ settings: { connections: [{ name: 'stardust', uri: 'qemu:///system', autoconnect: false }] } });
  expect(fact('Autoconnect')).toBe('off');
  bed.press('A');
  await Promise.resolve();
  expect(fact('Autoconnect')).toBe('on: connected when the program starts');
  expect(bed.lines.at(-1)).toContain('A autoconnect off');
});

it('e opens the form of the connection with what is saved of it', () => {
  setUp({ settings: { connections: [{ name: 'stardust', uri: 'qemu:///system', autoconnect: false }] } });
  bed.press('e');
  expect(bed.text).toContain('Edit the connection');
  expect(bed.text).toMatch(/Name +stardust$/m);
  expect(bed.text).toMatch(/Autoconnect +\[ \]/);
});

it('Esc goes back; the screen of a connection that is removed closes by itself', () => {
  setUp();
  bed.press('escape');
  expect(bed.panes.top()).toBeUndefined();
  openConnection(bed.host, host);
  void bed.inventory.remove(host.id);
  vi.advanceTimersByTime(100);
  expect(bed.panes.top()).toBeUndefined();
});

it('tabs come from the table: made when looked at, told when they are, and their keys go before those of the host', () => {
  setUp();
  const heard: string[] = [];
  const second: TabKind = {
    title: 'Things',
    open: (): ConnectionTab => {
      heard.push('made');
      return {
        draw: (_connection, { columns, rows }) =>
          Array.from({ length: rows }, () => safe('thing'.padEnd(columns))),
        bindings: () => [
          { keys: ['n'], label: 'new', help: 'new thing', run: () => {} },
          { keys: ['x'], help: 'throw the thing away', run: () => heard.push('x') },
        ],
        shown: (visible) => heard.push(visible ? 'shown' : 'hidden'),
        close: () => heard.push('closed'),
      };
    },
  };
  const empty: ConnectionTab = {
    draw: (_connection, { columns, rows }) => Array.from({ length: rows }, () => safe(' '.repeat(columns))),
    bindings: () => [],
  };
  const first: TabKind = { title: 'First', open: () => empty };
  const pane = new ConnectionPane({ host: bed.host, connectionId: host.id }, [first, second]);
  bed.panes.open(pane);
  const helps = () => pane.bindings().map(({ help }) => help);
  expect(heard).toEqual([]);
  expect(bed.lines[1]).toMatch(/^1 \[First\] {2}2 {2}Things/);
  expect(helps()).not.toContain('new thing');
  bed.press('tab');
  expect(helps()).toContain('new thing');
  expect(bed.text).toContain('[Things]\n');
  expect(bed.lines.at(-1)).toContain('n new');
  bed.press('x');
  expect(bed.inventory.calls).toEqual([]);
  expect(bed.lines.at(-1)).not.toContain('x disconnect');
  bed.press('1', '2', 'escape');
  expect(heard).toEqual(['made', 'shown', 'x', 'hidden', 'shown', 'hidden', 'closed']);
});
