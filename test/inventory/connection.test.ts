import { describe, expect, test } from 'vitest';
import { DomainState } from '../../source/libvirt/domain-state.js';
import { ErrorCode, LibvirtError, type LibvirtErrorInit } from '../../source/libvirt/errors.js';
import type { Hypervisor } from '../../source/libvirt/hypervisor.js';
import { type Prompt, TransportError, type TransportFailure } from '../../source/transport/endpoint.js';
import { Bed, settled } from './bed.js';
import { FakeHost } from './fake-host.js';

function socketMissing(): LibvirtError {
  const cause = new TransportError('socket-missing', 'no socket', { scope: 'system', driver: 'qemu' });
  return new LibvirtError({ kind: 'connect', message: 'no socket', cause });
}

const authFailed = new LibvirtError({ kind: 'libvirt', code: ErrorCode.authFailed, message: 'not allowed' });

describe('connecting', () => {
  test('shows the steps, then the domains with their states', async () => {
    let go: (hypervisor: Hypervisor) => void = () => {};
    let step: (text: string) => void = () => {};
    const bed = new Bed({
      open: (_uri, hooks) => {
        step = (text) => hooks.onStep?.(text);
        return new Promise((resolve) => {
          go = resolve;
        });
      },
    });
    bed.host.addRunning('web-1');
    bed.host.add('db-1', { state: DomainState.paused });
    bed.host.add('old');
    expect(bed.status).toBe('disconnected');
    await bed.connect();
    expect(bed.status).toBe('connecting');
    step('starting libvirtd');
    expect(bed.connection.status).toMatchObject({ step: 'starting libvirtd' });
    go(bed.host.open());
    await settled();
    expect(bed.status).toBe('connected');
    expect(bed.connection.info?.hostname).toBe('stardust');
    expect(bed.connection.name).toBe('stardust');
    expect(bed.names.map((name) => bed.domain(name).state)).toEqual([
      DomainState.paused,
      DomainState.shutOff,
      DomainState.running,
    ]);
    expect(bed.inventory.store.getState().connections.map(({ name }) => name)).toEqual(['stardust']);
  });

  test('says that a person is asked, and whose question it is', async () => {
    const asked: Prompt[] = [];
    let answer: (text: string) => void = () => {};
    const bed = new Bed({
      open: async (_uri, { ask, signal }) => {
        await ask?.({ host: 'ann@lab2', kind: 'secret', text: 'password:' }, signal);
        return bed.host.open();
      },
      ask: (prompt) => {
        asked.push(prompt);
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
    });
    await bed.connect();
    expect(bed.connection.status).toMatchObject({ state: 'connecting', asking: true });
    expect(asked).toMatchObject([{ host: 'ann@lab2', connection: bed.connection.name }]);
    answer('secret');
    await settled();
    expect(bed.status).toBe('connected');
  });

  test.each(['login', 'host-key', 'certificate'] as const)(
    'is not tried again by itself where %s is in the way: a person would be asked over and over',
    async (kind) => {
      let attempts = 0;
      const cause = new TransportError(kind, 'no', { scope: 'system', driver: 'qemu' });
      const bed = new Bed({
        open: async () => {
          attempts += 1;
          if (attempts === 1) return bed.host.open();
          throw new LibvirtError({ kind: 'connect', message: 'no', cause });
        },
      });
      await bed.connect();
      bed.host.link.die();
      await bed.clock.advance(120_000);
      expect(attempts).toBe(2);
      expect(bed.status).toBe('failed');
    },
  );

  test('costs no call per domain', async () => {
    const bed = new Bed();
    for (let i = 0; i < 50; i += 1) bed.host.addRunning(`vm-${i}`);
    await bed.connect();
    expect(bed.host.calls.toSorted()).toEqual(['domainStats', 'hostInfo', 'hostStats', 'listDomains']);
  });

  test('a failure is shown as such, and heals by itself where it can', async () => {
    let failure: Error | undefined = socketMissing();
    let attempts = 0;
    const bed = new Bed({
      open: async () => {
        attempts += 1;
        if (failure) throw failure;
        return bed.host.open();
      },
    });
    await bed.connect();
    expect(bed.connection.status).toMatchObject({ state: 'failed', error: { message: 'no socket' } });
    await bed.clock.advance(1000);
    expect(attempts).toBe(2);
    expect(bed.status).toBe('failed');
    failure = undefined;
    await bed.clock.advance(2000);
    expect(bed.status).toBe('connected');
  });

  const transport = (kind: TransportFailure) => ({
    kind: 'connect' as const,
    cause: new TransportError(kind, 'no', { scope: 'system', driver: 'qemu' }),
  });
  test.each<[string, Omit<LibvirtErrorInit, 'message'>, first: boolean, later: boolean]>([
    ['a host that is silent', transport('silent'), true, true],
    ['an answer that does not come', { kind: 'timeout' }, true, true],
    ['a daemon that hangs up', { kind: 'closed' }, true, true],
    ['a proxy daemon whose daemon is not there', { kind: 'libvirt', code: ErrorCode.noConnect }, true, true],
    ['a daemon on its way up', { kind: 'libvirt', code: 1 }, false, true],
    ['a socket that is not for this user', transport('permission'), false, true],
    ['a host that is no libvirt', { kind: 'connect' }, false, true],
    ['a user that may not', { kind: 'libvirt', code: ErrorCode.accessDenied }, false, false],
    ['a person that has cancelled', { kind: 'aborted' }, false, false],
  ])('%s: whether it is tried again, at first and on the way back', async (_, fields, first, later) => {
    for (const [lost, again] of [
      [false, first],
      [true, later],
    ] as const) {
      let attempts = 0;
      const bed = new Bed({
        open: async () => {
          attempts += 1;
          if (lost && attempts === 1) return bed.host.open();
          throw new LibvirtError({ ...fields, message: 'no' });
        },
      });
      await bed.connect();
      if (lost) bed.host.link.die();
      await bed.clock.advance(10_000);
      expect(attempts - (lost ? 1 : 0) > 1).toBe(again);
    }
  });

  test('a refusal of the person is not tried again until the person asks', async () => {
    let attempts = 0;
    const bed = new Bed({
      open: async () => {
        attempts += 1;
        throw authFailed;
      },
    });
    await bed.connect();
    await bed.clock.advance(300_000);
    expect(bed.status).toBe('failed');
    expect(attempts).toBe(1);
    await bed.connect();
    expect(attempts).toBe(2);
  });

  test('disconnecting while connecting cancels, and closes what opens too late', async () => {
    let go: (hypervisor: Hypervisor) => void = () => {};
    let signal: AbortSignal | undefined;
    const bed = new Bed({
      open: (_uri, hooks) => {
        signal = hooks.signal;
        return new Promise((resolve) => {
          go = resolve;
        });
      },
    });
    await bed.connect();
    void bed.inventory.disconnect(bed.id);
    expect(bed.status).toBe('disconnected');
    expect(signal?.aborted).toBe(true);
    const late = bed.host.open();
    go(late);
    await settled();
    expect(bed.status).toBe('disconnected');
    expect(late.isClosed).toBe(true);
    expect(bed.clock.timers).toBe(0);
  });

  test('disconnecting while the list is read cancels as well', async () => {
    const bed = new Bed();
    bed.host.add('web-1');
    bed.host.hold('listDomains');
    await bed.connect();
    void bed.inventory.disconnect(bed.id);
    bed.host.release('listDomains');
    await bed.clock.advance(60_000);
    expect(bed.status).toBe('disconnected');
    expect(bed.host.link.isClosed).toBe(true);
    expect(bed.host.count('domainStats')).toBeLessThanOrEqual(1);
    expect(bed.clock.timers).toBe(0);
  });

  test('statistics that do not come do not keep the list from being shown', async () => {
    const bed = new Bed();
    bed.host.addRunning('web-1');
    bed.host.hold('domainStats');
    await bed.connect();
    await bed.clock.advance(1000);
    expect(bed.status).toBe('connected');
    expect(bed.names).toEqual(['web-1']);
  });
});

describe('a lost connection', () => {
  test('keeps the last known domains as stale, comes back, and reconciles the list', async () => {
    const bed = new Bed();
    const kept = bed.host.addRunning('web-1');
    const gone = bed.host.add('gone');
    await bed.connect();
    await bed.clock.advance(6000);
    const record = bed.domain('web-1');
    const before = record.history.memory.length;
    bed.host.link.die();
    await settled();
    expect(bed.connection).toMatchObject({ stale: true, status: { state: 'reconnecting', attempt: 1 } });
    expect(bed.names).toEqual(['gone', 'web-1']);
    bed.host.domains.delete(gone.uuid);
    kept.name = 'web-one';
    bed.host.add('new');
    await bed.clock.advance(1000);
    expect(bed.status).toBe('connected');
    expect(bed.connection.stale).toBe(false);
    expect(bed.names).toEqual(['new', 'web-one']);
    expect(bed.domain('web-one')).toBe(record);
    expect(record.history.memory.length).toBeGreaterThanOrEqual(before);
    expect(bed.notices).toEqual([
      'warning: stardust: connection lost: the daemon is gone',
      'success: stardust: connected again',
    ]);
  });

  test('a stop that happened meanwhile is seen, and no start time is made up', async () => {
    const bed = new Bed();
    const stops = bed.host.addRunning('stops');
    const restarts = bed.host.addRunning('restarts');
    await bed.connect();
    bed.host.link.die();
    await settled();
    bed.host.become(stops, DomainState.shutOff);
    bed.host.become(restarts, DomainState.shutOff);
    bed.host.become(restarts, DomainState.running);
    await bed.clock.advance(1000);
    expect(bed.domain('stops')).toMatchObject({ state: DomainState.shutOff, id: -1 });
    expect(bed.domain('restarts')).toMatchObject({ id: restarts.id, startedAt: undefined });
  });

  test('waits longer after each failure, up to 30 seconds', async () => {
    let down = false;
    const attempts: number[] = [];
    const bed = new Bed({
      open: async () => {
        attempts.push(bed.clock.now());
        if (down) throw socketMissing();
        return bed.host.open();
      },
    });
    await bed.connect();
    down = true;
    bed.host.link.die();
    await bed.clock.advance(120_000);
    const waits = attempts.slice(1).map((at, i) => at - (attempts[i] as number));
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect(bed.status).toBe('reconnecting');
  });

  test('an end without a reason is an end too', async () => {
    const bed = new Bed();
    await bed.connect();
    bed.host.link.hangUp();
    await settled();
    expect(bed.status).toBe('reconnecting');
    await bed.clock.advance(1000);
    expect(bed.status).toBe('connected');
  });

  test('asking to connect during the wait tries at once; disconnecting ends the tries', async () => {
    const bed = new Bed();
    await bed.connect();
    bed.host.link.die();
    await settled();
    await bed.connect();
    expect(bed.status).toBe('connected');
    bed.host.link.die();
    await settled();
    void bed.inventory.disconnect(bed.id);
    await bed.clock.advance(300_000);
    expect(bed.status).toBe('disconnected');
    expect(bed.host.connections).toHaveLength(2);
    expect(bed.clock.timers).toBe(0);
  });
});

test('a host that hangs does not delay another', async () => {
  const quick = new FakeHost();
  const hung = new FakeHost();
  quick.addRunning('web-1', { cpuTime: 0 });
  const bed = new Bed({ open: async (uri) => (uri === 'hung' ? hung : quick).open() });
  const other = bed.inventory.add({ uri: 'hung', name: 'slow' });
  await bed.connect();
  bed.inventory.connect(other);
  await settled();
  hung.hold('domainStats');
  hung.hold('hostStats');
  await bed.clock.advance(20_000);
  expect(quick.count('domainStats')).toBe(11);
  expect(bed.clock.now() - bed.domain('web-1').updatedAt).toBeLessThan(2000);
  expect(hung.count('domainStats')).toBe(2);
  expect(bed.inventory.connection(other)?.stale).toBe(true);
});

test('a removed connection is gone and closed', async () => {
  const bed = new Bed();
  await bed.connect();
  void bed.inventory.remove(bed.id);
  await settled();
  expect(bed.inventory.store.getState().connections).toEqual([]);
  expect(bed.host.link.isClosed).toBe(true);
  expect(bed.clock.timers).toBe(0);
});
