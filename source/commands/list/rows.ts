import { setTimeout as delay } from 'node:timers/promises';
import { type Reach, readReach } from '../../inventory/domain-reach.js';
import { growth, memoryUsed } from '../../inventory/rates.js';
import { DomainState, isActive, reasonName, stateName, stateText } from '../../libvirt/domain-state.js';
import type { AddressSource, DomainRef, DomainStats, Hypervisor } from '../../libvirt/hypervisor.js';
import { describeDomain } from '../../libvirt/xml/domain-description-xml.js';

export interface ListOptions {
  readonly which: 'active' | 'inactive' | 'all';
  /** False: names and states only. */
  readonly details: boolean;
  /** Seconds over which CPU % is measured; 0 = not at all. */
  readonly interval: number;
  /** `few`: only where few domains run, because each needs a call of its own. */
  readonly addresses: boolean | 'few';
}

/** One line of the list. Undefined is "not known". */
export interface ListRow {
  readonly connection: string;
  readonly id: number | undefined;
  readonly name: string;
  readonly uuid: string;
  /** virsh's word, e.g. "paused". */
  readonly state: string;
  /** Why it is in that state, as `virsh domstate --reason` says it. */
  readonly reason: string | undefined;
  /** For people: the state, with the reason where that is notable. */
  readonly stateText: string;
  readonly vcpus: number | undefined;
  /** Percent of the domain's own vCPUs. */
  readonly cpuPercent: number | undefined;
  /** Nanoseconds since the domain started. */
  readonly cpuTime: number | undefined;
  /** KiB: in use as the guest sees it, given to it now, and at most. Of a domain that is off only the last. */
  readonly memoryUsed: number | undefined;
  readonly memory: number | undefined;
  readonly maxMemory: number | undefined;
  readonly address: string | undefined;
  readonly addressSource: AddressSource | undefined;
  /** How it is reached, where not by an address as well; undefined where that is not known, or nobody asked. */
  readonly reach?: Reach | undefined;
}

/** Domains that may be asked for their addresses one by one without being told to. */
const few = 32;
const addressTimeout = 1000;

/** The domains of one host. One call, and what the options ask for beyond it. */
export async function readRows(
  hypervisor: Hypervisor,
  connection: string,
  { which, details, interval, addresses }: ListOptions,
): Promise<ListRow[]> {
  const all = await hypervisor.domainStats(details ? ['state', 'cpu', 'vcpu', 'balloon'] : ['state']);
  const chosen = all
    .filter((domain) => which === 'all' || isActive(domain) === (which === 'active'))
    .sort(asVirsh);
  const running = details ? chosen.filter(({ state }) => state === DomainState.running) : [];
  // A guest that is paused is where it was, on the screens as well.
  const active = details ? chosen.filter(isActive) : [];
  const ask = addresses === true || (addresses === 'few' && active.length <= few);
  const [loads, found] = await Promise.all([
    interval > 0 ? measure(hypervisor, running, interval) : new Map<string, number>(),
    ask ? findReach(hypervisor, active) : new Map<string, Reach>(),
  ]);
  return chosen.map((domain) => ({
    connection,
    id: domain.id >= 0 ? domain.id : undefined,
    name: domain.name,
    uuid: domain.uuid,
    state: stateName(domain.state),
    reason: reasonName(domain.state, domain.reason),
    stateText: stateText(domain.state, domain.reason),
    vcpus: domain.vcpuCurrent,
    cpuPercent: loads.get(domain.uuid),
    cpuTime: domain.cpuTime,
    memoryUsed: memoryUsed(domain),
    memory: domain.balloonCurrent,
    maxMemory: domain.balloonMaximum,
    ...addressOf(found.get(domain.uuid)),
  }));
}

/** virsh's order: active domains by id, then the others by name. */
function asVirsh(a: DomainRef, b: DomainRef): number {
  if (a.id >= 0 && b.id >= 0) return a.id - b.id;
  if (a.id >= 0 || b.id >= 0) return b.id - a.id;
  const [first, second] = [a.name.toLowerCase(), b.name.toLowerCase()];
  return first < second ? -1 : first > second ? 1 : 0;
}

/** Guest CPU % over `interval` seconds, by a second look at the counters. */
async function measure(
  hypervisor: Hypervisor,
  running: readonly DomainStats[],
  interval: number,
): Promise<Map<string, number>> {
  const measurable = running.filter(({ cpuTime, vcpuCurrent }) => cpuTime !== undefined && vcpuCurrent);
  if (measurable.length === 0) return new Map();
  const closely = new Set(measurable.map(({ uuid }) => uuid));
  const ask = () => hypervisor.domainStats(['cpu', 'vcpu'], { closely });
  const started = performance.now();
  const first = new Map((await ask()).map((stats) => [stats.uuid, stats]));
  const from = (started + performance.now()) / 2;
  await delay(interval * 1000);
  const asked = performance.now();
  const second = await ask();
  const nanoseconds = ((asked + performance.now()) / 2 - from) * 1e6;
  const loads = new Map<string, number>();
  for (const { uuid, id, cpuTime, vcpuCurrent } of second) {
    const before = first.get(uuid);
    // Another id is another run, whose counter began anew.
    const grown = before?.id === id ? growth(before.cpuTime, cpuTime, nanoseconds) : undefined;
    if (grown !== undefined && vcpuCurrent) loads.set(uuid, Math.min(100, (grown / vcpuCurrent) * 100));
  }
  return loads;
}

function addressOf(reach: Reach | undefined): Pick<ListRow, 'address' | 'addressSource' | 'reach'> {
  const found = reach?.kind === 'address' ? reach.address : undefined;
  return { address: found?.address, addressSource: found?.source, reach };
}

async function findReach(
  hypervisor: Hypervisor,
  active: readonly DomainStats[],
): Promise<Map<string, Reach>> {
  const found = await Promise.all(
    active.map(async (domain) => [domain.uuid, await reachOfOne(hypervisor, domain)] as const),
  );
  return new Map(found.flatMap(([uuid, reach]) => (reach === undefined ? [] : [[uuid, reach]])));
}

/** By the same rule as on the screens. What cannot be had leaves a blank; it is no reason to fail the list. */
async function reachOfOne(hypervisor: Hypervisor, domain: DomainRef): Promise<Reach | undefined> {
  const options = { timeout: addressTimeout, priority: 'background' } as const;
  try {
    const description = describeDomain(await hypervisor.domainXml(domain, options));
    return await readReach(hypervisor, domain, description, options);
  } catch {
    return undefined;
  }
}
