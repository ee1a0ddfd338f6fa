import type { Channel } from '../../wire/channel.js';
import { RemoteError } from '../../wire/errors.js';
import { procedures } from '../../wire/procedures.js';
import { ListDomains } from '../constants.js';
import { DomainState, toDomainState } from '../domain-state.js';
import type { CallOptions, DomainStats, StatsGroup } from '../hypervisor.js';
import { emptyStats, settle } from './stats-decoder.js';

/** The states that a filtered list can tell, most common first. */
const filters = [
  [ListDomains.shutOff, DomainState.shutOff],
  [ListDomains.running, DomainState.running],
  [ListDomains.paused, DomainState.paused],
] as const;

/** As many are asked one by one where nobody chose them: a thousand would take longer than all the rest of a list. */
const mostAsked = 100;

/** What dominfo knows of the groups of statistics. */
const groupsOfInfo: readonly StatsGroup[] = ['cpu', 'balloon', 'vcpu'];

type Closely = ReadonlySet<string> | undefined;

/**
 * What the bulk statistics would say, for drivers without them (lxc, vbox): the states by filtered lists, and one info
 * call for each domain that may be asked, or whose state no list has told.
 */
export async function statsWithoutBulk(
  channel: Channel,
  groups: readonly StatsGroup[],
  closely: Closely,
  options: CallOptions,
): Promise<DomainStats[]> {
  const list = (flags: number) =>
    channel.call(procedures.CONNECT_LIST_ALL_DOMAINS, { need_results: 1, flags }, options);
  const [all, ...filtered] = await Promise.all([list(0), ...filters.map(([flags]) => list(flags))]);
  const states = new Map<string, DomainState>();
  for (const [index, [, state]] of filters.entries()) {
    for (const { uuid } of filtered[index]?.domains ?? []) states.set(uuid, state);
  }
  const records = (all?.domains ?? []).map((dom) => {
    const record = emptyStats(dom.uuid, dom.name, dom.id);
    record.state = states.get(dom.uuid) ?? DomainState.noState;
    return record;
  });
  const known = await addInfo(channel, records, groups, closely, options, memoryInUse);
  return askEach(channel, known, ({ state }) => state === DomainState.noState, options, memoryInUse);
}

type MemoryOf = (info: {
  readonly memory: number;
  readonly maxMem: number;
}) => Pick<DomainStats, 'balloonCurrent'> & Partial<Pick<DomainStats, 'balloonAvailable' | 'balloonUnused'>>;

/** What libvirt calls used is what a guest was given, of which it may have more: the balloon. */
const memoryGiven: MemoryOf = ({ memory }) => ({ balloonCurrent: memory });

/** A container has all that it may have, and what it is said to use it does use. */
const memoryInUse: MemoryOf = ({ memory, maxMem }) => ({
  balloonCurrent: maxMem,
  balloonAvailable: maxMem,
  balloonUnused: Math.max(0, maxMem - memory),
});

/** Adds what dominfo knows to records that hold nothing of it, though it was asked for. */
export async function addInfo(
  channel: Channel,
  records: DomainStats[],
  groups: readonly StatsGroup[],
  closely: Closely,
  options: CallOptions,
  memoryOf: MemoryOf = memoryGiven,
): Promise<DomainStats[]> {
  if (!groups.some((group) => groupsOfInfo.includes(group))) return records;
  const lacking = records.filter(lacksInfo);
  const chosen = closely ?? new Set(lacking.length <= mostAsked ? lacking.map(({ uuid }) => uuid) : []);
  const wanted = (record: DomainStats) => lacksInfo(record) && chosen.has(record.uuid);
  return askEach(channel, records, wanted, options, memoryOf);
}

/** The records, those that are wanted with the answer of an info call. */
async function askEach(
  channel: Channel,
  records: DomainStats[],
  wanted: (record: DomainStats) => boolean,
  options: CallOptions,
  memoryOf: MemoryOf,
): Promise<DomainStats[]> {
  await Promise.all(
    records.map((record, at) => {
      if (!wanted(record)) return undefined;
      const { uuid, name, id } = record;
      const call = channel.call(procedures.DOMAIN_GET_INFO, { dom: { uuid, name, id } }, options);
      return call.then((info) => {
        records[at] = settle({
          ...record,
          vcpuTimes: undefined,
          state: record.state === DomainState.noState ? toDomainState(info.state) : record.state,
          cpuTime: info.cpuTime,
          vcpuCurrent: info.nrVirtCpu,
          balloonMaximum: info.maxMem,
          ...memoryOf(info),
        });
        // A domain that went away meanwhile keeps what the lists said.
      }, unlessRefused);
    }),
  );
  return records;
}

/** Every driver that tells any of it tells the memory of each domain, however busy it is. */
function lacksInfo({ cpuTime, vcpuCurrent, balloonMaximum }: DomainStats): boolean {
  return cpuTime === undefined && vcpuCurrent === undefined && balloonMaximum === undefined;
}

/** The daemon's "no" is an answer; a connection that breaks or a caller who gives up is not. */
function unlessRefused(error: unknown): undefined {
  if (!(error instanceof RemoteError)) throw error;
}
