import { describe, expect, it } from 'vitest';
import { changeSomething } from '../../source/lab/world/churn.js';
import { managedSave } from '../../source/lab/world/managed-save.js';
import {
  crash,
  destroy,
  pmSuspend,
  pmWakeup,
  reboot,
  resume,
  shutdown,
  start,
  suspend,
} from '../../source/lab/world/power.js';
import { Random } from '../../source/lab/world/random.js';
import { domainXml } from '../../source/lab/xml/domain-xml.js';
import { DomainState, stateName } from '../../source/libvirt/domain-state.js';
import { domainWhere, stillLab } from './bed.js';

const off = DomainState.shutOff;
const running = DomainState.running;

/** Everything that can be seen of a world. */
function picture(seed: number) {
  const { lab, clock } = stillLab({ seed, domains: 100 });
  clock.advance(12_345);
  const { world } = lab;
  return JSON.stringify({
    host: world.host,
    cpu: world.hostLoad.cpuTimes(world.now()),
    domains: [...world.domains.values()].map((domain) => [
      domainXml(domain, true),
      domain.state,
      domain.reason,
      domain.autostart,
      domain.persistent,
      domain.load.firstVcpuSeconds(domain.guestSeconds(world.now())),
    ]),
  });
}

describe('a world', () => {
  it('is the same for the same seed and clock', () => {
    expect(picture(5)).toBe(picture(5));
  });

  it('is another for another seed', () => {
    expect(picture(5)).not.toBe(picture(6));
  });

  it('has every lasting state within the first dozen domains', () => {
    const { lab } = stillLab({ domains: 12 });
    const states = new Set([...lab.world.domains.values()].map(({ state }) => stateName(state)));
    expect([...states].sort()).toEqual(['crashed', 'paused', 'pmsuspended', 'running', 'shut off']);
  });

  it('has names, UUIDs and ids that are nobody else’s', () => {
    const { lab } = stillLab({ domains: 3000 });
    const domains = [...lab.world.domains.values()];
    expect(new Set(domains.map(({ name }) => name)).size).toBe(3000);
    expect(lab.world.domains.size).toBe(3000);
    const ids = domains.filter(({ active }) => active).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('takes the names that a test wants', () => {
    const names = ['東京-サーバー', 'a'.repeat(200), 'evil\u001b[2J'];
    const { lab } = stillLab({ domains: 5, names });
    expect([...lab.world.domains.values()].slice(0, 3).map(({ name }) => name)).toEqual(names);
  });

  it('keeps the host’s CPU counters going forward whatever happens', () => {
    const { lab, clock } = stillLab({ domains: 200 });
    const { world } = lab;
    const random = new Random(3);
    let before = world.hostLoad.cpuTimes(world.now());
    for (let step = 0; step < 300; step += 1) {
      changeSomething(world, random);
      clock.advance(500);
      const now = world.hostLoad.cpuTimes(world.now());
      for (const key of ['kernel', 'user', 'idle', 'iowait'] as const) {
        expect(now[key]).toBeGreaterThanOrEqual(before[key]);
      }
      before = now;
    }
    const demand = [...world.domains.values()]
      .filter(({ active }) => active)
      .reduce((sum, { balloon }) => sum + balloon, 0);
    expect(world.hostLoad.demand.memory).toBe(demand);
  });
});

describe('a domain', () => {
  it('boots in its time: lease, then agent', () => {
    const { lab, clock } = stillLab();
    const domain = domainWhere(lab, (d) => d.state === off && !d.managedSave && d.definition.agentInstalled);
    const { leaseAfter, agentAfter } = domain.definition.os;
    start(lab.world, domain);
    expect([domain.state, domain.reason, domain.hasLease, domain.agent]).toEqual([
      running,
      1,
      false,
      'disconnected',
    ]);
    clock.advance(leaseAfter * 1000 - 10);
    expect(domain.hasLease).toBe(false);
    clock.advance(20);
    expect([domain.hasLease, domain.agent]).toEqual([true, 'disconnected']);
    clock.advance(agentAfter * 1000);
    expect(domain.agent).toBe('connected');
  });

  it('waits with its boot while it is paused', () => {
    const { lab, clock } = stillLab();
    const domain = domainWhere(lab, (d) => d.state === off && !d.managedSave);
    start(lab.world, domain);
    clock.advance(1000);
    suspend(lab.world, domain);
    clock.advance(3_600_000);
    expect([domain.hasLease, domain.guestSeconds(clock.now())]).toEqual([false, 1]);
    resume(lab.world, domain);
    clock.advance(domain.definition.os.leaseAfter * 1000 - 999);
    expect(domain.hasLease).toBe(true);
  });

  it('shuts down by way of "in shutdown"', () => {
    const { lab, clock } = stillLab();
    const domain = domainWhere(lab, (d) => d.state === running && d.persistent);
    shutdown(lab.world, domain);
    expect(domain.state).toBe(running);
    clock.advance(domain.definition.os.shutdownTakes * 1000);
    expect([domain.state, domain.active]).toEqual([DomainState.shutdown, true]);
    clock.advance(1000);
    expect([domain.state, domain.reason, domain.id, domain.agent]).toEqual([off, 1, -1, 'none']);
  });

  it('is forgotten when it stops and was never defined', () => {
    const { lab } = stillLab({ domains: 100 });
    const domain = domainWhere(lab, (d) => !d.persistent && d.active);
    destroy(lab.world, domain);
    expect(lab.world.domains.has(domain.uuid)).toBe(false);
    expect(lab.world.domainByName(domain.name)).toBeUndefined();
  });

  it('reboots without stopping', () => {
    const { lab, clock } = stillLab();
    const domain = domainWhere(lab, (d) => d.agent === 'connected' && d.state === running);
    const { id } = domain;
    reboot(lab.world, domain);
    clock.advance(domain.definition.os.shutdownTakes * 1000);
    expect([domain.agent, domain.id, domain.state]).toEqual(['disconnected', id, running]);
    clock.advance(60_000);
    expect(domain.agent).toBe('connected');
  });

  it('lets nobody else at it during a managed save, and comes back as it was', async () => {
    const { lab, clock } = stillLab();
    const domain = domainWhere(lab, (d) => d.state === running && d.persistent);
    const seconds = domain.guestSeconds(clock.now());
    const saved = managedSave(lab.world, domain);
    expect([domain.state, domain.reason]).toEqual([DomainState.paused, 3]);
    expect(() => resume(lab.world, domain)).toThrow(
      'Timed out during operation: cannot acquire state change lock (held by monitor=remoteDispatchDomainManagedSave)',
    );
    clock.advance(60_000);
    await saved;
    expect([domain.state, domain.reason, domain.managedSave]).toEqual([off, 5, true]);
    start(lab.world, domain);
    expect([domain.reason, domain.hasLease, domain.managedSave]).toEqual([3, true, false]);
    expect(domain.guestSeconds(clock.now())).toBe(seconds);
  });

  it('ends a managed save when it is forced off', async () => {
    const { lab } = stillLab();
    const domain = domainWhere(lab, (d) => d.state === running && d.persistent);
    const saved = managedSave(lab.world, domain);
    destroy(lab.world, domain);
    await expect(saved).rejects.toThrow('domain is not running');
    expect([domain.managedSave, domain.job]).toEqual([false, undefined]);
  });

  it('sleeps and wakes', () => {
    const { lab } = stillLab();
    const domain = domainWhere(lab, (d) => d.agent === 'connected' && d.state === running);
    pmSuspend(lab.world, domain);
    expect(domain.state).toBe(DomainState.pmSuspended);
    expect(() => resume(lab.world, domain)).toThrow('domain is pmsuspended');
    pmWakeup(lab.world, domain);
    expect([domain.state, domain.reason]).toEqual([running, 8]);
  });

  it('stays, crashed, for the one who looks into it', () => {
    const { lab } = stillLab();
    const domain = domainWhere(lab, (d) => d.state === running);
    crash(lab.world, domain);
    expect([domain.state, domain.active]).toEqual([DomainState.crashed, true]);
  });
});
