import { describe, expect, it } from 'vitest';
import { DomainState } from '../../source/libvirt/domain-state.js';
import type { DomainStats } from '../../source/libvirt/hypervisor.js';
import { statsAnswer } from '../../source/libvirt/remote/stats-decoder.js';
import { procedures } from '../../source/wire/procedures.js';
import { ParamType, type TypedParam } from '../../source/wire/typed-params.js';
import { decode, encode } from '../../source/wire/xdr.js';

const dom = { name: 'web', uuid: '00000000-0000-0000-0000-000000000001', id: 3 };

/** What the program makes of one domain's parameters, each a number unless told. */
function statsOf(fields: Readonly<Record<string, number | TypedParam>>, of = dom): DomainStats {
  const params = Object.entries(fields).map(([field, value]) =>
    typeof value === 'number' ? { field, type: ParamType.ullong, value } : { ...value, field },
  );
  const bytes = encode(procedures.CONNECT_GET_ALL_DOMAIN_STATS.ret, { retStats: [{ dom: of, params }] });
  const [record] = decode(statsAnswer, bytes);
  return record as DomainStats;
}

describe('statistics of a domain', () => {
  it('are read field by field, in libvirt’s units', () => {
    const record = statsOf({
      'state.state': { field: '', type: ParamType.int, value: 3 },
      'state.reason': { field: '', type: ParamType.int, value: 1 },
      'cpu.time': 5_000_000_000,
      'balloon.current': 1024,
      'balloon.maximum': 2048,
      'balloon.usable': 300,
      'balloon.available': 900,
      'balloon.unused': 200,
      'balloon.rss': 700,
      'vcpu.current': { field: '', type: ParamType.uint, value: 2 },
      'vcpu.maximum': { field: '', type: ParamType.uint, value: 4 },
    });
    expect(record).toEqual({
      ...dom,
      state: DomainState.paused,
      reason: 1,
      cpuTime: 5_000_000_000,
      vcpuCurrent: 2,
      vcpuMaximum: 4,
      vcpuTimes: undefined,
      balloonCurrent: 1024,
      balloonMaximum: 2048,
      balloonUsable: 300,
      balloonAvailable: 900,
      balloonUnused: 200,
      balloonRss: 700,
      blockRead: undefined,
      blockWritten: undefined,
      netReceived: undefined,
      netSent: undefined,
    });
  });

  it('are added up over all disks and interfaces', () => {
    const record = statsOf({
      'block.count': 3,
      'block.0.rd.bytes': 10,
      'block.0.wr.bytes': 1,
      'block.1.rd.bytes': 20,
      'block.1.wr.bytes': 2,
      'block.12.rd.bytes': 30,
      'block.0.rd.reqs': 999,
      'block.0.allocation': 999,
      'net.count': 2,
      'net.0.rx.bytes': 5,
      'net.0.tx.bytes': 50,
      'net.1.rx.bytes': 6,
      'net.1.tx.bytes': 60,
      'net.0.rx.pkts': 999,
    });
    expect(record).toMatchObject({ blockRead: 60, blockWritten: 3, netReceived: 11, netSent: 110 });
  });

  it('give each vCPU its time, with holes for those that are offline', () => {
    const { vcpuTimes } = statsOf({
      'vcpu.0.time': 7,
      'vcpu.2.time': 9,
      'vcpu.1.state': 1,
      'vcpu.0.wait': 5,
    });
    expect(vcpuTimes?.[0]).toBe(7);
    expect(vcpuTimes && 1 in vcpuTimes).toBe(false);
    expect(vcpuTimes?.[2]).toBe(9);
    expect(vcpuTimes).toHaveLength(3);
  });

  it('stay undefined, not zero, where the driver does not tell', () => {
    expect(statsOf({ 'block.0.rd.bytes': 0 })).toMatchObject({ blockRead: 0, blockWritten: undefined });
  });

  it('leave out what this program does not know, whatever it is called', () => {
    const plain = statsOf({});
    const odd = [
      'future.field',
      '',
      '.',
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      '__defineGetter__',
      'x.1.__proto__',
      'vcpu..time',
      'vcpu.-1.time',
      'vcpu.1.2.time',
      'vcpu.#.time',
      'vcpu.time',
      'block.#.rd.bytes',
    ];
    expect(statsOf(Object.fromEntries(odd.map((field) => [field, 1])))).toEqual(plain);
    expect(statsOf(JSON.parse('{"__proto__": 1}'))).toEqual(plain);
  });

  it('take no giant array for an absurd vCPU number', () => {
    for (const number of ['4096', '999999', '1000000', '4294967295', '1e9']) {
      expect(statsOf({ [`vcpu.${number}.time`]: 1 }).vcpuTimes).toBeUndefined();
    }
    expect(statsOf({ 'vcpu.4095.time': 1 }).vcpuTimes).toHaveLength(4096);
  });

  it('take no text for a number', () => {
    const text: TypedParam = { field: '', type: ParamType.string, value: 'lots' };
    expect(statsOf({ 'cpu.time': text, 'balloon.current': text })).toMatchObject({
      cpuTime: undefined,
      balloonCurrent: undefined,
    });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1])(
    'take no %d for an amount',
    (value) => {
      const odd: TypedParam = { field: '', type: ParamType.double, value };
      expect(statsOf({ 'cpu.time': odd, 'balloon.current': odd, 'block.0.rd.bytes': odd })).toEqual(
        statsOf({}),
      );
    },
  );

  it('have "no state" for a state that does not exist yet', () => {
    expect(statsOf({ 'state.state': 8 }).state).toBe(DomainState.noState);
    expect(statsOf({ 'state.state': { field: '', type: ParamType.int, value: -1 } }).state).toBe(0);
  });

  it('come for many domains in the order of the answer', () => {
    const retStats = Array.from({ length: 500 }, (_, id) => ({
      dom: { ...dom, name: `vm-${id}`, id },
      params: [{ field: 'cpu.time', type: ParamType.ullong, value: id }],
    }));
    const records = decode(statsAnswer, encode(procedures.CONNECT_GET_ALL_DOMAIN_STATS.ret, { retStats }));
    expect(records.map(({ name, cpuTime }) => [name, cpuTime])).toEqual(
      retStats.map((_, id) => [`vm-${id}`, id]),
    );
  });
});

describe('statistics that are not to be believed', () => {
  const double = (value: number): TypedParam => ({ field: '', type: ParamType.double, value });

  it('are no answer: NaN, infinities, what is below nothing, fractions, texts and truths', () => {
    const odd: readonly TypedParam[] = [
      double(Number.NaN),
      double(Number.POSITIVE_INFINITY),
      double(Number.NEGATIVE_INFINITY),
      double(1e300),
      double(0.5),
      { field: '', type: ParamType.llong, value: -1 },
      { field: '', type: ParamType.int, value: -7 },
      { field: '', type: ParamType.string, value: '5' },
      { field: '', type: ParamType.boolean, value: true },
    ];
    for (const value of odd) {
      const record = statsOf({
        'cpu.time': value,
        'balloon.current': value,
        'balloon.maximum': value,
        'vcpu.current': value,
        'vcpu.0.time': value,
        'block.0.rd.bytes': value,
        'net.0.tx.bytes': value,
        'state.state': value,
      });
      expect(record).toMatchObject({
        state: DomainState.noState,
        cpuTime: undefined,
        balloonCurrent: undefined,
        balloonMaximum: undefined,
        vcpuCurrent: undefined,
        vcpuTimes: undefined,
        blockRead: undefined,
        netSent: undefined,
      });
    }
  });

  it('of a domain that is off have no figures of its last run, but what it would get', () => {
    const record = statsOf(
      {
        'cpu.time': 5,
        'balloon.current': 1024,
        'balloon.maximum': 2048,
        'balloon.rss': 700,
        'balloon.usable': 1,
        'vcpu.current': 2,
        'vcpu.0.time': 7,
        'block.0.rd.bytes': 9,
        'net.0.rx.bytes': 9,
      },
      { ...dom, id: -1 },
    );
    expect(record).toMatchObject({
      cpuTime: undefined,
      balloonCurrent: undefined,
      balloonRss: undefined,
      balloonUsable: undefined,
      vcpuTimes: undefined,
      blockRead: undefined,
      netReceived: undefined,
      balloonMaximum: 2048,
      vcpuCurrent: 2,
    });
  });
});
