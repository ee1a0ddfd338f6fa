import { beforeEach, describe, expect, test } from 'vitest';
import { DomainState } from '../../source/libvirt/domain-state.js';
import { LibvirtError } from '../../source/libvirt/errors.js';
import { Bed, settled } from './bed.js';
import type { FakeDomain } from './fake-host.js';

const second = 1e9;
let bed: Bed;
let web: FakeDomain;
let off: FakeDomain;

beforeEach(async () => {
  bed = new Bed();
  web = bed.host.addRunning('web-1');
  off = bed.host.add('off');
  await bed.connect();
});

/** Lets one interval go by in which the guest used so many seconds of CPU. */
async function tick(cpuSeconds = 1, bytes = 2000): Promise<void> {
  web.cpuTime = (web.cpuTime ?? 0) + cpuSeconds * second;
  web.netReceived = (web.netReceived ?? 0) + bytes;
  await bed.clock.advance(2000);
}

test('CPU of the guest and of the host, memory and rates', async () => {
  web.balloonAvailable = 1_000_000;
  web.balloonUsable = 600_000;
  web.blockWritten = 8000;
  web.blockRead = 2000;
  web.netSent = 6000;
  await tick(1, 4000);
  const domain = bed.domain('web-1');
  // 1 s of CPU in 2 s: half of one of 2 vCPUs, and of one of the host's 4 CPUs.
  expect(domain.cpuGuest).toBe(25);
  expect(domain.cpuHost).toBe(12.5);
  expect(domain.memoryUsed).toBe(400_000);
  expect(domain.history.netReceive.last).toBe(2000);
  expect(domain.history.netSend.last).toBe(3000);
  expect(domain.history.diskWrite.last).toBe(4000);
  expect(domain.history.diskRead.last).toBe(1000);
  expect(domain.history.cpuHost.last).toBe(12.5);
  expect(domain).toMatchObject({ vcpus: 2, memoryCurrent: 1_048_576, updatedAt: bed.clock.now() });
});

test('one call for all domains each interval, none for the details of any', async () => {
  bed.host.calls.length = 0;
  await bed.clock.advance(20_000);
  expect(bed.host.count('domainStats')).toBe(10);
  expect(bed.host.count('hostStats')).toBe(10);
  expect(new Set(bed.host.calls)).toEqual(new Set(['domainStats', 'hostStats']));
});

test('the store changes once a tick', async () => {
  const { revision } = bed.inventory.store.getState();
  await bed.clock.advance(2000);
  expect(bed.inventory.store.getState().revision - revision).toBeLessThanOrEqual(2);
});

test('a domain that is off has no load and no history', async () => {
  await tick();
  const domain = bed.domain('off');
  expect(domain).toMatchObject({ cpuGuest: undefined, cpuHost: undefined, memoryUsed: undefined, vcpus: 2 });
  expect(domain.history.memory.length).toBe(0);
  expect(domain.updatedAt).toBe(bed.clock.now());
});

test('a missed tick leaves a gap, and the rate after it is taken over the true time', async () => {
  await tick(1);
  bed.host.hold('domainStats');
  web.cpuTime = (web.cpuTime ?? 0) + 1 * second;
  await bed.clock.advance(2000);
  expect(bed.host.count('domainStats')).toBe(3);
  await bed.clock.advance(5000);
  expect(bed.host.count('domainStats')).toBe(3);
  bed.host.release('domainStats');
  await settled();
  // Asked at 4 s, answered at 9 s: 1 s of CPU in 7 s of 2 vCPUs.
  expect(bed.domain('web-1').cpuGuest).toBeCloseTo(100 / 14, 3);
  await tick(2);
  const samples = bed
    .domain('web-1')
    .history.cpuGuest.tail()
    .map((value) => Math.round(value));
  expect(samples).toEqual([25, 7, Number.NaN, Number.NaN, 100]);
});

test('a stop leaves one gap, and the next run no spike', async () => {
  await tick(1);
  bed.host.become(web, DomainState.shutOff);
  bed.host.tell(web, 'stopped', 'shutdown');
  await bed.clock.advance(60_000);
  expect(bed.domain('web-1')).toMatchObject({ cpuGuest: undefined, memoryUsed: undefined });
  web.cpuTime = 500 * second;
  bed.host.become(web, DomainState.running);
  bed.host.tell(web, 'started', 'booted');
  await bed.clock.advance(2000);
  expect(bed.domain('web-1').cpuGuest).toBeUndefined();
  await tick(2);
  expect(bed.domain('web-1').history.cpuGuest.tail()).toEqual([25, Number.NaN, 50]);
});

test('a domain that has stopped uses no memory, also where nobody told of the stop', async () => {
  await tick(1);
  expect(bed.domain('web-1').memoryCurrent).toBe(1_048_576);
  bed.host.become(web, DomainState.shutOff);
  web.balloonCurrent = undefined;
  await bed.clock.advance(2000);
  expect(bed.domain('web-1')).toMatchObject({
    cpuGuest: undefined,
    memoryUsed: undefined,
    memoryCurrent: undefined,
    memoryMaximum: 1_048_576,
  });
  bed.host.emit({ type: 'balloon', domain: { ...web, id: -1 }, actual: 4 });
  expect(bed.domain('web-1').memoryCurrent).toBeUndefined();
});

test('why a domain is paused or off is known by events, and by statistics to who came later', async () => {
  web.state = DomainState.paused;
  web.reason = 5;
  bed.host.tell(web, 'suspended', 'i/o error');
  expect(bed.domain('web-1')).toMatchObject({ state: DomainState.paused, reason: 5 });
  const later = new Bed();
  later.host.domains.set(web.uuid, web);
  await later.connect();
  expect(later.domain('web-1')).toMatchObject({ state: DomainState.paused, reason: 5 });
  // Paused by a person meanwhile: the state is the same, the reason another.
  web.reason = 1;
  await bed.clock.advance(2000);
  expect(bed.domain('web-1').reason).toBe(1);
});

test('a restart that nobody told of is seen by its id', async () => {
  await tick(1);
  web.id = 99;
  web.cpuTime = 900 * second;
  await bed.clock.advance(2000);
  expect(bed.domain('web-1').cpuGuest).toBeUndefined();
  await tick(2);
  expect(bed.domain('web-1').cpuGuest).toBe(50);
});

test('a reboot gives no value for its tick, whatever the counters do', async () => {
  await tick(1);
  bed.host.emit({ type: 'reboot', domain: web });
  Object.assign(web, { blockRead: 9e9, blockWritten: 9e9, netSent: 9e9 });
  await tick(300, 9e9);
  expect(bed.domain('web-1').cpuGuest).toBeUndefined();
  const { diskRead, diskWrite, netReceive, netSend } = bed.domain('web-1').history;
  for (const rates of [diskRead, diskWrite, netReceive, netSend]) expect(rates.last).toBeUndefined();
  web.cpuTime = 0;
  await bed.clock.advance(2000);
  expect(bed.domain('web-1').cpuGuest).toBeUndefined();
  await tick(1);
  expect(bed.domain('web-1').history.cpuGuest.tail()).toEqual([25, Number.NaN, Number.NaN, 25]);
});

test('what else is heard of a guest leaves no gap', async () => {
  await tick(1);
  bed.host.emit({ type: 'balloon', domain: web, actual: 500_000 });
  bed.host.emit({ type: 'metadata', domain: web });
  await tick(1);
  expect(bed.domain('web-1').cpuGuest).toBe(25);
});

test('each vCPU has its own history, from when somebody has looked closely', async () => {
  web.vcpuTimes = [0, 0];
  await tick();
  expect(bed.domain('web-1').vcpuHistory).toEqual([]);
  const stop = bed.inventory.lookClosely(bed.id, web.uuid);
  await tick();
  web.vcpuTimes = [1 * second, 0.5 * second];
  await tick();
  expect(bed.domain('web-1').vcpuHistory.map((ring) => ring.last)).toEqual([50, 25]);
  // After a reboot they begin anew.
  bed.host.emit({ type: 'reboot', domain: web });
  web.vcpuTimes = [9 * second, 9 * second];
  await tick();
  for (const ring of bed.domain('web-1').vcpuHistory) expect(ring.last).toBeUndefined();
  stop();
});

test('a busy domain that leaves its CPU out is averaged over the gap', async () => {
  await tick(1);
  const { cpuTime } = web;
  web.cpuTime = undefined;
  await bed.clock.advance(2000);
  expect(bed.domain('web-1').cpuGuest).toBeUndefined();
  web.cpuTime = (cpuTime ?? 0) + 2 * second;
  await bed.clock.advance(2000);
  expect(bed.domain('web-1').cpuGuest).toBe(25);
});

test('without the number of vCPUs only the share of the host is known', async () => {
  const plain = bed.host.addRunning('plain', { vcpuCurrent: undefined });
  bed.host.tell(plain, 'defined', 'added');
  await bed.clock.advance(2000);
  plain.cpuTime = 1 * second;
  await bed.clock.advance(2000);
  expect(bed.domain('plain')).toMatchObject({ cpuGuest: undefined, cpuHost: 12.5 });
});

test('host CPU and memory', async () => {
  bed.host.hostStats = { cpu: { busy: 30, total: 120 }, memory: { total: 1000, free: 250 } };
  await bed.clock.advance(2000);
  expect(bed.connection.load.cpu.last).toBe(25);
  expect(bed.connection.load.memoryUsed.last).toBe(750);
  expect(bed.connection.load.memoryTotal).toBe(1000);
});

test('missed ticks leave a gap in the charts of the host, too', async () => {
  const busy = (seconds: number) => ({ busy: 30 * seconds, total: 120 * seconds });
  const hear = async (seconds: number) => {
    bed.host.hostStats = { cpu: busy(seconds), memory: { total: 1000, free: 250 } };
    await bed.clock.advance(2000);
  };
  await hear(1);
  bed.host.hold('hostStats');
  bed.host.hold('domainStats');
  await hear(2);
  await hear(3);
  await hear(4);
  bed.host.release('hostStats');
  bed.host.release('domainStats');
  await settled();
  await bed.clock.advance(0);
  await hear(5);
  const { cpu, memoryUsed } = bed.connection.load;
  expect(cpu.tail()).toEqual([25, 25, Number.NaN, 25, 25]);
  expect(memoryUsed.tail()).toEqual([600, 750, 750, Number.NaN, 750, 750]);
});

test('a host that cannot tell its load is none the worse', async () => {
  const unsupported = { unsupported: true, reason: 'not here' } as const;
  bed.host.hostStats = { cpu: unsupported, memory: unsupported };
  await tick(1);
  expect(bed.status).toBe('connected');
  expect(bed.connection.load.cpu.last).toBeUndefined();
  bed.host.failures.set('hostStats', new LibvirtError({ kind: 'libvirt', message: 'no' }));
  await tick(1);
  expect(bed.domain('web-1').cpuGuest).toBe(25);
  expect(bed.connection.stale).toBe(false);
});

describe('statistics that fail', () => {
  test('make the values old, are told once, and recover', async () => {
    await tick(1);
    const { updatedAt } = bed.domain('web-1');
    bed.host.failures.set('domainStats', new LibvirtError({ kind: 'libvirt', code: 1, message: 'broken' }));
    await bed.clock.advance(6000);
    expect(bed.status).toBe('connected');
    expect(bed.connection.stale).toBe(true);
    expect(bed.domain('web-1').updatedAt).toBe(updatedAt);
    expect(bed.notices).toEqual(['warning: stardust: no statistics: broken']);
    bed.host.failures.clear();
    await tick(1);
    expect(bed.connection.stale).toBe(false);
    const samples = bed.domain('web-1').history.cpuGuest.tail();
    expect(samples).toEqual([25, Number.NaN, Number.NaN, Number.NaN, 6.25]);
  });

  test('a daemon that is slow to death is not given more work', async () => {
    bed.host.failures.set('domainStats', new LibvirtError({ kind: 'timeout', message: 'no answer' }));
    bed.host.calls.length = 0;
    await bed.clock.advance(30_000);
    expect(bed.host.count('domainStats')).toBeLessThanOrEqual(4);
    expect(bed.status).toBe('connected');
  });

  test('a driver without statistics has no old values', async () => {
    bed.host.failures.set('domainStats', new LibvirtError({ kind: 'unsupported', message: 'no' }));
    await bed.clock.advance(6000);
    expect(bed.connection.stale).toBe(false);
    expect(bed.notices).toEqual([]);
  });
});

test('the interval changes at once; refresh looks now', async () => {
  bed.inventory.setInterval(10_000);
  await settled();
  expect(bed.inventory.store.getState().interval).toBe(10_000);
  bed.host.calls.length = 0;
  await bed.clock.advance(9000);
  expect(bed.host.count('domainStats')).toBe(0);
  off.autostart = true;
  await bed.inventory.refresh(bed.id);
  expect(bed.host.count('domainStats')).toBe(1);
  expect(bed.domain('off').autostart).toBe(true);
});

describe('a driver that tells states only', () => {
  let plain: FakeDomain;

  beforeEach(() => {
    plain = bed.host.addRunning('plain', {
      cpuTime: undefined,
      vcpuCurrent: undefined,
      balloonCurrent: undefined,
      balloonMaximum: undefined,
      blockRead: undefined,
      netReceived: undefined,
    });
    bed.host.tell(plain, 'defined', 'added');
  });

  test('is asked closely for what is looked at, of what is off once', async () => {
    await tick();
    expect(bed.host.closely).toEqual([]);
    const stop = bed.inventory.watchDomain(bed.id, plain.uuid);
    const stopOff = bed.inventory.watchDomain(bed.id, off.uuid);
    await tick();
    // How many vCPUs the other has is known: while it is off that stays so.
    expect(bed.host.closely).toEqual([plain.uuid]);
    stop();
    stopOff();
    await tick();
    expect(bed.host.closely).toEqual([]);
  });

  test('is known to tell nothing after two answers, of what it was asked for', async () => {
    const stop = bed.inventory.lookClosely(bed.id, plain.uuid);
    await tick();
    expect(bed.domain('plain').untold).toEqual([]);
    await tick();
    await tick();
    expect(bed.domain('plain').untold).toEqual(['cpu', 'balloon', 'block', 'interface']);
    expect(bed.domain('web-1').untold).toEqual([]);
    plain.cpuTime = 5;
    await tick();
    expect(bed.domain('plain').untold).toEqual(['balloon', 'block', 'interface']);
    stop();
  });
});
