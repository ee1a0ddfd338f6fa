import type { Channel } from '../../wire/channel.js';
import { RemoteError } from '../../wire/errors.js';
import { procedures } from '../../wire/procedures.js';
import { ListDomains } from '../constants.js';
import { DomainState, toDomainState } from '../domain-state.js';
import type { CallOptions, DomainStats } from '../hypervisor.js';
import { emptyStats, settle } from './stats-decoder.js';

/** The states that a filtered list can tell, most common first. */
const filters = [
  [ListDomains.shutOff, DomainState.shutOff],
  [ListDomains.running, DomainState.running],
  [ListDomains.paused, DomainState.paused],
] as const;

/**
 * What the bulk statistics would say, for drivers without them (lxc, vbox): the states by filtered lists,
 * and one info call for each active domain, as virt-manager does for these.
 */
export async function statsWithoutBulk(channel: Channel, options: CallOptions): Promise<DomainStats[]> {
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
    return { dom, record };
  });
  await Promise.all(
    records
      .filter(({ dom, record }) => dom.id >= 0 || record.state === DomainState.noState)
      .map(async ({ dom, record }) => {
        const info = await channel.call(procedures.DOMAIN_GET_INFO, { dom }, options).catch(unlessRefused);
        // A domain that went away meanwhile keeps what the lists said.
        if (info === undefined) return;
        record.state = toDomainState(info.state);
        record.cpuTime = info.cpuTime;
        record.vcpuCurrent = info.nrVirtCpu;
        record.balloonCurrent = info.memory;
        record.balloonMaximum = info.maxMem;
      }),
  );
  return records.map(({ record }) => settle(record));
}

/** The daemon's "no" is an answer; a connection that breaks or a caller who gives up is not. */
function unlessRefused(error: unknown): undefined {
  if (!(error instanceof RemoteError)) throw error;
}
