import { describe, expect, it } from 'vitest';
import { createLab } from '../../source/lab/lab.js';
import { isLabUri } from '../../source/lab/lab-uri.js';
import { labOpener, openLab } from '../../source/lab/open.js';
import { DomainState } from '../../source/libvirt/domain-state.js';
import type { LibvirtError } from '../../source/libvirt/errors.js';
import { isDomainEvent } from '../../source/libvirt/events.js';
import type { StatsGroup } from '../../source/libvirt/hypervisor.js';
import { proc } from '../../source/wire/procedure.js';
import { procedures } from '../../source/wire/procedures.js';
import { domainWhere, Listener, openChannel, stillLab } from './bed.js';

const groups: readonly StatsGroup[] = ['state', 'cpu', 'balloon', 'vcpu', 'interface', 'block'];

describe('the program’s own client and the lab', () => {
  it('agree on the host', async () => {
    const { lab } = stillLab({ hostname: 'bench-7' });
    const hypervisor = await openLab(lab);
    expect(await hypervisor.hostInfo()).toMatchObject({
      hostname: 'bench-7',
      uri: 'lab:///',
      type: 'QEMU',
      libvirtVersion: '9.0.0',
      hypervisorVersion: '7.2.22',
      cpus: 48,
    });
    const { memory } = await hypervisor.hostStats();
    expect(memory).toMatchObject({ total: lab.world.host.memory });
    await hypervisor.close();
  });

  it('agree on the list', async () => {
    const { lab } = stillLab({ domains: 100 });
    const hypervisor = await openLab(lab);
    const known = [...lab.world.domains.values()].map((domain) => ({
      ...domain.wire,
      autostart: domain.autostart,
      persistent: domain.persistent,
      managedSave: domain.managedSave,
    }));
    expect(await hypervisor.listDomains()).toEqual(known);
  });

  it('see loads move as time passes', async () => {
    const { lab, clock } = stillLab();
    const hypervisor = await openLab(lab);
    const before = await hypervisor.domainStats(groups);
    clock.advance(2000);
    const after = await hypervisor.domainStats(groups);
    for (const [index, record] of after.entries()) {
      const grown = (record.cpuTime ?? 0) - (before[index]?.cpuTime ?? 0);
      if (record.state === DomainState.running) {
        expect(grown).toBeGreaterThan(0);
        expect(grown).toBeLessThanOrEqual(1.02 * 2e9 * (record.vcpuCurrent ?? 0));
      } else expect(grown).toBe(0);
    }
  });

  it('agree on a boot: events, lease, agent', async () => {
    const { lab, clock } = stillLab();
    const { hypervisor, ...rest } = await Listener.open(lab);
    const domain = domainWhere(
      lab,
      (d) =>
        !d.active &&
        !d.managedSave &&
        d.definition.agentInstalled &&
        d.definition.nics[0]?.kind === 'network',
    );
    const ref = domain.wire;
    await hypervisor.start(ref);
    expect(await hypervisor.interfaceAddresses(ref, 'lease')).toEqual([]);
    expect(await hypervisor.interfaceAddresses(ref, 'agent')).toMatchObject({
      unsupported: true,
      reason: 'Guest agent is not responding: QEMU guest agent is not connected',
    });
    clock.advance(60_000);
    const lease = await hypervisor.interfaceAddresses(ref, 'lease');
    expect(lease).toMatchObject([{ family: 'ipv4', prefix: 24, mac: domain.definition.nics[0]?.mac }]);
    const agent = await hypervisor.interfaceAddresses(ref, 'agent');
    expect(agent).toContainEqual({
      ...(lease as readonly object[])[0],
      interface: domain.definition.os.nic,
    });
    const { name } = domain;
    expect(rest.events.filter(isDomainEvent).map((event) => [event.type, event.domain.name])).toEqual([
      ['agent', name],
      ['lifecycle', name],
      ['lifecycle', name],
      ['agent', name],
    ]);
  });

  it('tell every client what one of them does', async () => {
    const { lab, clock } = stillLab();
    const [one, other] = [await Listener.open(lab), await Listener.open(lab)];
    const domain = domainWhere(lab, (d) => d.state === DomainState.running && d.agent === 'connected');
    const { name } = domain;
    await one.hypervisor.suspend(domain.wire);
    await other.hypervisor.resume(domain.wire);
    await one.hypervisor.shutdown(domain.wire);
    clock.advance(60_000);
    const expected = [
      `${name}: suspended paused`,
      `${name}: resumed unpaused`,
      `${name}: agent disconnected`,
      `${name}: shutdown by guest`,
      `${name}: stopped shutdown`,
    ];
    expect(await one.heard()).toEqual(expected);
    expect(await other.heard()).toEqual(expected);
  });

  it('agree on what is refused', async () => {
    const { lab } = stillLab();
    const hypervisor = await openLab(lab);
    const on = domainWhere(lab, (d) => d.state === DomainState.running).wire;
    const off = domainWhere(lab, (d) => !d.active).wire;
    const refusal = async (call: Promise<unknown>) => {
      const error = (await call.then(
        () => new Error('it was not refused'),
        (reason: unknown) => reason,
      )) as LibvirtError;
      return [error.code, error.domain, error.message];
    };
    expect(await refusal(hypervisor.start(on))).toEqual([
      55,
      10,
      'Requested operation is not valid: domain is already running',
    ]);
    expect(await refusal(hypervisor.shutdown(off))).toEqual([
      55,
      10,
      'Requested operation is not valid: domain is not running',
    ]);
    const uuid = '11111111-2222-4333-8444-555555555555';
    expect(await refusal(hypervisor.start({ name: 'x', uuid, id: -1 }))).toEqual([
      42,
      10,
      `Domain not found: no domain with matching uuid '${uuid}' (x)`,
    ]);
    expect(await refusal(hypervisor.lookupDomain('x'))).toEqual([
      42,
      10,
      "Domain not found: no domain with matching name 'x'",
    ]);
  });

  it('may look, but not touch, on a read-only connection', async () => {
    const { lab } = stillLab();
    const hypervisor = await openLab(lab, { readOnly: true });
    const [domain] = await hypervisor.listDomains();
    await expect(hypervisor.destroy(domain!)).rejects.toMatchObject({
      code: 29,
      message: 'operation forbidden: read only access prevents virDomainDestroyFlags',
    });
  });
});

describe('the lab as a daemon', () => {
  it('answers what it does not know as libvirtd does', async () => {
    const { lab } = stillLab();
    const channel = await openChannel(lab.connect());
    await expect(channel.call(proc(9999, {}, {}), {})).rejects.toMatchObject({
      code: 39,
      domain: 7,
      message: 'unknown procedure: 9999',
    });
    const unknownProgram = { ...proc(1, {}, {}), program: 0x0006_8000 };
    await expect(channel.call(unknownProgram, {})).rejects.toMatchObject({
      code: 39,
      message: `Cannot find program ${0x0006_8000} version 1`,
    });
  });

  it('wants to be opened first, and once', async () => {
    const { lab } = stillLab();
    const channel = await openChannel(lab.connect());
    const open = { name: 'qemu:///system', flags: 0 };
    await expect(channel.call(procedures.CONNECT_OPEN, open)).rejects.toMatchObject({
      message: 'internal error: connection already open',
    });
  });

  it('refuses an event that came after its version', async () => {
    const { lab } = stillLab();
    const channel = await openChannel(lab.connect());
    const call = channel.call(procedures.CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, {
      eventID: 27,
      dom: undefined,
    });
    await expect(call).rejects.toMatchObject({ message: 'internal error: unsupported event ID 27' });
  });

  it('cannot list more domains than the protocol has room for', async () => {
    const { lab } = stillLab({ domains: 16_385 });
    const hypervisor = await openLab(lab);
    await expect(hypervisor.listDomains()).rejects.toMatchObject({
      message: "Too many domains '16385' for limit '16384'",
    });
    await hypervisor.close();
  });
});

describe('lab URIs', () => {
  it('open the same world again', async () => {
    const open = labOpener((options) => createLab({ ...options }));
    const uri = 'lab://hall/?domains=7&seed=3';
    const one = await open(uri);
    const [first] = await one.listDomains();
    await one.destroy(first!);
    await one.close();
    const other = await open(uri);
    const info = await other.hostInfo();
    expect([info.hostname, info.uri]).toEqual(['hall', uri]);
    const domains = await other.listDomains();
    expect(domains).toHaveLength(7);
    expect(domains[0]).toMatchObject({ name: first!.name, id: -1 });
    await other.close();
  });

  it('say what is wrong with them', async () => {
    await expect(labOpener()('lab:///?domains=many')).rejects.toThrow('domains must be a number, not "many"');
  });

  it('are told from others', () => {
    expect(['lab:///', 'lab://x/?seed=1', 'qemu:///system', ''].map(isLabUri)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
