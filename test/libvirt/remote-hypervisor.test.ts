import { describe, expect, it } from 'vitest';
import { isUnsupported } from '../../source/libvirt/errors.js';
import { ParamType } from '../../source/wire/typed-params.js';
import { rejection } from '../wire/peer.js';
import { type Answers, by, FakeDaemon, No } from './fake-daemon.js';

const uuid = (last: number) => `00000000-0000-0000-0000-00000000000${last}`;
const web = { name: 'web', uuid: uuid(1), id: 4 };
const idle = { name: 'idle', uuid: uuid(2), id: -1 };
const node = {
  model: 'x86_64',
  memory: 1024,
  cpus: 4,
  mhz: 2000,
  nodes: 1,
  sockets: 1,
  cores: 2,
  threads: 2,
};

const host: Answers = {
  CONNECT_GET_HOSTNAME: { hostname: 'box' },
  CONNECT_GET_URI: { uri: 'lxc:///system' },
  CONNECT_GET_TYPE: { type: 'LXC' },
  CONNECT_GET_LIB_VERSION: { lib_ver: 11_003_000 },
  CONNECT_GET_VERSION: { hv_ver: 6_001_025 },
  NODE_GET_INFO: node,
};

/** A list that knows each domain's states, as flags of the list call ask for them. */
const listing =
  (filters: Readonly<Record<number, readonly (typeof web)[]>>) =>
  ({ flags }: { flags: number }) => {
    const domains = filters[flags] ?? [];
    return { domains, ret: domains.length };
  };

describe('the host', () => {
  it('has its versions as text', async () => {
    const info = await new FakeDaemon(host).hypervisor().hostInfo();
    expect(info).toMatchObject({ libvirtVersion: '11.3.0', hypervisorVersion: '6.1.25', cpuModel: 'x86_64' });
  });

  it('may not know its hypervisor’s version', async () => {
    const daemon = new FakeDaemon({ ...host, CONNECT_GET_VERSION: new No(3, 'not supported') });
    const { hypervisorVersion } = await daemon.hypervisor().hostInfo();
    expect(hypervisorVersion).toEqual({ unsupported: true, reason: 'not supported' });
  });

  it('counts CPU time and memory, and is asked for the count once', async () => {
    const cpu = ['kernel', 'user', 'idle', 'iowait'].map((field, i) => ({ field, value: 10 ** i }));
    const memory = ['total', 'free', 'buffers', 'cached'].map((field, i) => ({ field, value: 1000 - i }));
    const counted =
      (params: typeof cpu) =>
      ({ nparams }: { nparams: number }) =>
        nparams === 0 ? { params: [], nparams: 4 } : { params, nparams: 0 };
    const daemon = new FakeDaemon({
      NODE_GET_CPU_STATS: counted(cpu),
      NODE_GET_MEMORY_STATS: counted(memory),
    });
    const hypervisor = daemon.hypervisor();
    const expected = {
      cpu: { busy: 11, total: 1111 },
      memory: { total: 1000, free: 999 + 998 + 997 },
    };
    expect(await hypervisor.hostStats()).toEqual(expected);
    expect(daemon.calls).toHaveLength(4);
    expect(await hypervisor.hostStats()).toEqual(expected);
    expect(daemon.calls).toHaveLength(6);
  });

  it('may not tell its statistics, which is no failure', async () => {
    const { cpu, memory } = await new FakeDaemon({}).hypervisor().hostStats();
    expect(isUnsupported(cpu) && isUnsupported(memory)).toBe(true);
  });
});

describe('the list of domains', () => {
  it('takes its flags from filtered lists, never from a call per domain', async () => {
    const daemon = new FakeDaemon({
      CONNECT_LIST_ALL_DOMAINS: listing({ 0: [web, idle], 1024: [idle], 8: [web], 256: [idle] }),
    });
    expect(await daemon.hypervisor().listDomains()).toEqual([
      { ...web, autostart: false, persistent: false, managedSave: false },
      { ...idle, autostart: true, persistent: true, managedSave: true },
    ]);
    expect(daemon.calls).toHaveLength(4);
  });

  it('does without managed save where the driver does not know it', async () => {
    const daemon = new FakeDaemon({
      CONNECT_LIST_ALL_DOMAINS: by(({ flags }: { flags: number }) =>
        flags === 256 ? new No(8, 'unsupported flags') : { domains: [web], ret: 1 },
      ),
    });
    expect(await daemon.hypervisor().listDomains()).toMatchObject([{ name: 'web', managedSave: false }]);
  });
});

describe('statistics', () => {
  const answer = {
    retStats: [{ dom: web, params: [{ field: 'cpu.time', type: ParamType.ullong, value: 5 }] }],
  };

  it('ask for the wanted groups, without waiting for a busy domain', async () => {
    const daemon = new FakeDaemon({ CONNECT_GET_ALL_DOMAIN_STATS: answer });
    const [record] = await daemon.hypervisor().domainStats(['state', 'cpu', 'block']);
    expect(record).toMatchObject({ name: 'web', cpuTime: 5 });
    expect(daemon.calls[0]?.args).toEqual({ doms: [], stats: 1 + 2 + 32, flags: 0x2000_0000 });
  });

  it('do without that flag where the driver refuses it, and remember', async () => {
    const daemon = new FakeDaemon({
      CONNECT_GET_ALL_DOMAIN_STATS: by(({ flags }: { flags: number }) =>
        flags === 0 ? answer : new No(8, 'unsupported flags (0x20000000) in function x'),
      ),
    });
    const hypervisor = daemon.hypervisor();
    expect(await hypervisor.domainStats(['cpu'])).toHaveLength(1);
    expect(await hypervisor.domainStats(['cpu'])).toHaveLength(1);
    expect(daemon.calls.map(({ args }) => (args as { flags: number }).flags)).toEqual([0x2000_0000, 0, 0]);
  });

  it('are put together from lists and info calls where the driver has none', async () => {
    const info = { state: 1, maxMem: 2048, memory: 1024, nrVirtCpu: 2, cpuTime: 77 };
    const daemon = new FakeDaemon({
      CONNECT_LIST_ALL_DOMAINS: listing({ 0: [web, idle], 64: [idle], 16: [web] }),
      DOMAIN_GET_INFO: info,
    });
    const hypervisor = daemon.hypervisor();
    const records = await hypervisor.domainStats(['state', 'cpu']);
    expect(records).toMatchObject([
      // A container uses 1024 of its 2048 KiB.
      {
        name: 'web',
        state: 1,
        cpuTime: 77,
        vcpuCurrent: 2,
        balloonCurrent: 2048,
        balloonUnused: 1024,
        balloonMaximum: 2048,
      },
      // What is off has no CPU time and uses no memory; what it would get is known.
      {
        name: 'idle',
        state: 5,
        cpuTime: undefined,
        vcpuCurrent: 2,
        balloonCurrent: undefined,
        balloonMaximum: 2048,
      },
    ]);
    expect(daemon.names.filter((name) => name === 'DOMAIN_GET_INFO')).toHaveLength(2);
    await hypervisor.domainStats(['state']);
    expect(daemon.names.filter((name) => name === 'CONNECT_GET_ALL_DOMAIN_STATS')).toHaveLength(1);
  });

  it('of a driver that tells states only are filled up by info calls, for those on the screen', async () => {
    const states = [web, { ...web, name: 'other', uuid: idle.uuid }].map((dom) => ({
      dom,
      params: [{ field: 'state.state', type: ParamType.int, value: 1 }],
    }));
    const daemon = new FakeDaemon({
      CONNECT_GET_ALL_DOMAIN_STATS: { retStats: states },
      DOMAIN_GET_INFO: { state: 3, maxMem: 2048, memory: 1024, nrVirtCpu: 2, cpuTime: 77 },
    });
    const closely = new Set([web.uuid]);
    expect(await daemon.hypervisor().domainStats(['state', 'cpu', 'balloon'], { closely })).toMatchObject([
      { name: 'web', state: 1, cpuTime: 77, vcpuCurrent: 2, balloonCurrent: 1024 },
      { name: 'other', state: 1, cpuTime: undefined, balloonMaximum: undefined },
    ]);
    expect(daemon.names.filter((name) => name === 'DOMAIN_GET_INFO')).toHaveLength(1);
    // Who asks for the states only, as list --name does, causes no call of a domain's own.
    await daemon.hypervisor().domainStats(['state']);
    expect(daemon.names.filter((name) => name === 'DOMAIN_GET_INFO')).toHaveLength(1);
  });

  it('of a thousand domains whose driver tells states only come without a call for each', async () => {
    const states = Array.from({ length: 1000 }, (_, at) => ({
      dom: { ...web, name: `vm-${at}`, uuid: `${String(at).padStart(8, '0')}${web.uuid.slice(8)}` },
      params: [{ field: 'state.state', type: ParamType.int, value: 1 }],
    }));
    const daemon = new FakeDaemon({ CONNECT_GET_ALL_DOMAIN_STATS: { retStats: states } });
    expect(await daemon.hypervisor().domainStats(['state', 'cpu'])).toHaveLength(1000);
    expect(daemon.names).toEqual(['CONNECT_GET_ALL_DOMAIN_STATS']);
  });

  it('put together keep what the lists said of a domain that is gone meanwhile', async () => {
    const daemon = new FakeDaemon({
      CONNECT_LIST_ALL_DOMAINS: listing({ 0: [web], 16: [web] }),
      DOMAIN_GET_INFO: new No(42, 'Domain not found'),
    });
    expect(await daemon.hypervisor().domainStats(['cpu'])).toMatchObject([{ state: 1, cpuTime: undefined }]);
  });

  it('put together are not half a truth when the connection breaks or the caller gives up', async () => {
    const lists = { CONNECT_LIST_ALL_DOMAINS: listing({ 0: [web], 16: [web] }) };
    const broken = new FakeDaemon({ ...lists, DOMAIN_GET_INFO: by(() => void broken.peer.end()) });
    expect(await rejection(broken.hypervisor().domainStats(['cpu']))).toMatchObject({ kind: 'closed' });
    const given = new AbortController();
    const slow = new FakeDaemon({ ...lists, DOMAIN_GET_INFO: by(() => void given.abort()) });
    const asked = slow.hypervisor().domainStats(['cpu'], { signal: given.signal });
    expect(await rejection(asked)).toMatchObject({ name: 'LibvirtError', kind: 'aborted' });
  });

  it('that fail for another reason are not tried in another way', async () => {
    const daemon = new FakeDaemon({ CONNECT_GET_ALL_DOMAIN_STATS: new No(1, 'internal error') });
    expect(await rejection(daemon.hypervisor().domainStats(['cpu']))).toMatchObject({
      kind: 'libvirt',
      code: 1,
    });
    expect(daemon.calls).toHaveLength(1);
  });
});

describe('addresses of a domain', () => {
  it('come one by one, with their interface', async () => {
    const addrs = [
      { type: 0, addr: '192.168.122.9', prefix: 24 },
      { type: 1, addr: 'fe80::1', prefix: 64 },
    ];
    const daemon = new FakeDaemon({
      DOMAIN_INTERFACE_ADDRESSES: {
        ifaces: [
          { name: 'vnet0', hwaddr: '52:54:00:00:00:01', addrs },
          { name: 'lo', hwaddr: undefined, addrs: [] },
        ],
      },
    });
    expect(await daemon.hypervisor().interfaceAddresses(web, 'agent')).toEqual([
      { interface: 'vnet0', mac: '52:54:00:00:00:01', family: 'ipv4', address: '192.168.122.9', prefix: 24 },
      { interface: 'vnet0', mac: '52:54:00:00:00:01', family: 'ipv6', address: 'fe80::1', prefix: 64 },
    ]);
    expect(daemon.calls[0]?.args).toMatchObject({ source: 1 });
  });

  it.each([3, 8, 55, 74, 84, 86])('that cannot be told (code %i) are no failure', async (code) => {
    const daemon = new FakeDaemon({ DOMAIN_INTERFACE_ADDRESSES: new No(code, 'no agent') });
    const answer = await daemon.hypervisor().interfaceAddresses(web, 'agent');
    expect(answer).toEqual({ unsupported: true, reason: 'no agent' });
  });

  it('of a domain that does not exist are one', async () => {
    const daemon = new FakeDaemon({ DOMAIN_INTERFACE_ADDRESSES: new No(42, 'Domain not found') });
    expect(await rejection(daemon.hypervisor().interfaceAddresses(web, 'lease'))).toMatchObject({ code: 42 });
  });
});
