import { DOM } from '../../wire/objects.js';
import { visitParams } from '../../wire/typed-params.js';
import type { Codec } from '../../wire/xdr.js';
import { listLimit, statsParamsLimit } from '../constants.js';
import { isActive, toDomainState } from '../domain-state.js';
import type { DomainStats } from '../hypervisor.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Record = Omit<Mutable<DomainStats>, 'vcpuTimes'> & { vcpuTimes: number[] | undefined };
type Setter = (record: Record, value: number) => void;

const plain: Readonly<{ [field: string]: Setter }> = {
  'state.state': (record, value) => {
    record.state = toDomainState(value);
  },
  'state.reason': (record, value) => {
    record.reason = value;
  },
  'block.count': (record, value) => {
    // No disks move no bytes; of some, the bytes are told.
    if (value === 0) [record.blockRead, record.blockWritten] = [0, 0];
  },
  'net.count': (record, value) => {
    if (value === 0) [record.netReceived, record.netSent] = [0, 0];
  },
  'cpu.time': (record, value) => {
    record.cpuTime = value;
  },
  'vcpu.current': (record, value) => {
    record.vcpuCurrent = value;
  },
  'vcpu.maximum': (record, value) => {
    record.vcpuMaximum = value;
  },
  'balloon.current': (record, value) => {
    record.balloonCurrent = value;
  },
  'balloon.maximum': (record, value) => {
    record.balloonMaximum = value;
  },
  'balloon.usable': (record, value) => {
    record.balloonUsable = value;
  },
  'balloon.available': (record, value) => {
    record.balloonAvailable = value;
  },
  'balloon.unused': (record, value) => {
    record.balloonUnused = value;
  },
  'balloon.rss': (record, value) => {
    record.balloonRss = value;
  },
};

/** Fields with a number inside, e.g. "block.0.rd.bytes": summed, but for the vCPUs' own times. */
const numbered: Readonly<{ [shape: string]: (index: number) => Setter }> = {
  'vcpu.#.time': (index) => (record, value) => {
    record.vcpuTimes ??= [];
    record.vcpuTimes[index] = value;
  },
  'block.#.rd.bytes': () => (record, value) => {
    record.blockRead = (record.blockRead ?? 0) + value;
  },
  'block.#.wr.bytes': () => (record, value) => {
    record.blockWritten = (record.blockWritten ?? 0) + value;
  },
  'net.#.rx.bytes': () => (record, value) => {
    record.netReceived = (record.netReceived ?? 0) + value;
  },
  'net.#.tx.bytes': () => (record, value) => {
    record.netSent = (record.netSent ?? 0) + value;
  },
};

const ignore: Setter = () => {};
/** vCPUs above this are not told apart: a forged field must not make a giant array. */
const vcpuLimit = 4096;
const settersKept = 20_000;
const setters = new Map<string, Setter>();

/** The largest number that a counter of libvirt can hold. */
const highest = 2 ** 64;

/** What a sound host tells: a number that is one, not below nothing and without a fraction. All else is no answer. */
function isSound(value: number | boolean | string): value is number {
  return typeof value === 'number' && value >= 0 && value <= highest && Number.isInteger(value);
}

const ofTheRun = [
  'cpuTime',
  'vcpuTimes',
  'balloonCurrent',
  'balloonUsable',
  'balloonAvailable',
  'balloonUnused',
  'balloonRss',
  'blockRead',
  'blockWritten',
  'netReceived',
  'netSent',
] as const;

/**
 * A record as it is to be taken: libvirt goes on telling the figures of the last run of a domain that is off, which
 * has no CPU time, uses no memory, and moves no bytes. How many vCPUs and how much memory it would get stays.
 */
export function settle(record: Record): DomainStats {
  if (!isActive(record)) for (const field of ofTheRun) record[field] = undefined;
  return record;
}

/**
 * The answer of CONNECT_GET_ALL_DOMAIN_STATS, decoded straight into records: at 10,000 domains it holds
 * 250,000 parameters, of which most are not wanted.
 */
export const statsAnswer: Codec<DomainStats[]> = {
  encode() {
    throw new Error('only a daemon sends statistics');
  },
  decode(reader) {
    const count = reader.length(listLimit, DOM.minSize + 4);
    const records: DomainStats[] = [];
    let record = emptyStats('', '', -1);
    const visit = (field: string, value: number | boolean | string) => {
      if (isSound(value)) (setters.get(field) ?? setterOf(field))(record, value);
    };
    for (let i = 0; i < count; i += 1) {
      const { uuid, name, id } = DOM.decode(reader);
      record = emptyStats(uuid, name, id);
      visitParams(reader, statsParamsLimit, visit);
      records.push(settle(record));
    }
    return records;
  },
  minSize: 4,
};

/** A record that says nothing but whose it is. */
export function emptyStats(uuid: string, name: string, id: number): Record {
  return {
    uuid,
    name,
    id,
    state: 0,
    reason: 0,
    cpuTime: undefined,
    vcpuCurrent: undefined,
    vcpuMaximum: undefined,
    vcpuTimes: undefined,
    balloonCurrent: undefined,
    balloonMaximum: undefined,
    balloonUsable: undefined,
    balloonAvailable: undefined,
    balloonUnused: undefined,
    balloonRss: undefined,
    blockRead: undefined,
    blockWritten: undefined,
    netReceived: undefined,
    netSent: undefined,
  };
}

function setterOf(field: string): Setter {
  const index = /\.(\d{1,6})\./.exec(field);
  const shape = index === null ? undefined : own(numbered, field.replace(index[0], '.#.'));
  const number = Number(index?.[1]);
  const setter = own(plain, field) ?? (number < vcpuLimit ? shape?.(number) : undefined) ?? ignore;
  if (setters.size >= settersKept) setters.clear();
  setters.set(field, setter);
  return setter;
}

/** A table's entry; a field called "__proto__" or "toString" is not one. */
function own<T>(table: Readonly<{ [key: string]: T }>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
