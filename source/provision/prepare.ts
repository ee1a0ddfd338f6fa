import { randomBytes, randomUUID } from 'node:crypto';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { DomainCapabilities } from '../libvirt/xml/domain-capabilities-xml.js';
import { domainIdentity } from '../libvirt/xml/domain-identity.js';
import { type BaseImage, resolveImage, type VolumeContext, volumeImage } from './base-image.js';
import { diskFindings, nameFindings, slowHost, spaceFor } from './checks.js';
import { type ChosenNetwork, chooseNetwork } from './choose-network.js';
import { conflictFindings } from './conflicts.js';
import { chooseFirmware, chooseGraphics, chooseSizes, sizeFindings } from './guest.js';
import { type HostFacts, readDomainCapabilities, readHost } from './host-facts.js';
import { type CreationJournal, leftVolumes } from './journal.js';
import { chooseCpu, chooseMachine, type Machine } from './machine.js';
import { planMachine } from './machine-plan.js';
import { addressFindings, bridgeFindings, withRouter } from './network-checks.js';
import { accessFindings, choosePool, isLocalHost, type PoolChoice, spaceFindings } from './places.js';
import type { Finding, Plan, Step } from './plan.js';
import type { VmRequest } from './request/vm-request.js';
import { ownFileReader, prepareSeed } from './seed-step.js';
import { makeDefaultNetwork, makePool, startNetwork, startPool } from './steps.js';
import { userNetFindings } from './user-net.js';

export interface PrepareOptions {
  /** What opens the connection: a URI, or an alias; undefined: what libvirt would choose. */
  readonly connection: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly journal: CreationJournal;
  readonly signal: AbortSignal;
}

export interface Prepared {
  /** Everything that was found, errors first. */
  readonly findings: readonly Finding[];
  /** Undefined where an error keeps it from being run. */
  readonly plan: Plan | undefined;
}

/** What was decided for all machines of a creation. */
export interface Decisions {
  readonly machine: Machine;
  readonly capabilities: DomainCapabilities | undefined;
  readonly cpu: NonNullable<VmRequest['cpu']>;
  readonly firmware: 'bios' | 'uefi';
  readonly graphics: 'vnc' | 'spice' | undefined;
  readonly sizes: ReturnType<typeof chooseSizes>;
  readonly pool: PoolChoice;
  readonly network: ChosenNetwork;
  readonly base: BaseImage | undefined;
}

/** How long a question about the emulator's capabilities takes where nothing is wrong, in milliseconds. */
const slowCapabilities = 2000;

/**
 * Looks at the host, settles what the requests leave open, and tells everything that is in the way at once. Nothing
 * is made.
 *
 * @param requests of machines that differ in their names (and what is told apart by it) only
 * @throws LibvirtError where the host cannot be asked
 */
export async function prepare(
  hypervisor: Hypervisor,
  requests: readonly VmRequest[],
  options: PrepareOptions,
): Promise<Prepared> {
  const [request] = requests;
  if (request === undefined) return { findings: [], plan: undefined };
  const { connection, env, journal, signal } = options;
  const facts = await readHost(hypervisor);
  const local = isLocalHost(connection, facts.info);
  const { machine, findings: machineFindings } = chooseMachine(request, facts.capabilities, facts.info.type);
  const asked = performance.now();
  const [capabilities, placed, networked] = await Promise.all([
    machine === undefined ? undefined : readDomainCapabilities(hypervisor, machine),
    choosePool(hypervisor, request, facts, { connection, env, local }),
    chooseNetwork(hypervisor, request, facts, { connection, local }),
  ]);
  const offered = !machineFindings.some(({ field }) => field === 'host');
  const took = performance.now() - asked;
  const { pool } = placed;
  const virtual = networked.chosen?.virtual;
  const poolFacts = pool?.kind === 'there' ? pool.facts : undefined;
  const folder = pool?.kind === 'new' ? pool.path : poolFacts?.description.path;
  const sizes = chooseSizes(request);
  const use = request.source.kind === 'iso' ? 'cdrom' : 'disk';
  const read = ownFileReader(signal);
  const identities = requests.map((one) => identityOf(one, facts));
  const [image, seeds, access] = await Promise.all([
    pool === undefined || !('image' in request.source)
      ? importedVolume(request, { hypervisor, connection, facts: poolFacts, pool: poolName(pool), use })
      : resolveImage(request.source.image, {
          hypervisor,
          connection,
          uri: facts.info.uri,
          local,
          facts: poolFacts,
          pool: poolName(pool),
          use,
          folder,
          env,
          journal,
          signal,
        }),
    Promise.all(
      requests.map((one, index) =>
        prepareSeed(withRouter(one, virtual), identities[index] ?? noIdentity, { env, read }),
      ),
    ),
    local ? accessFindings(facts.info.uri, folder) : [],
  ]);
  const volume = image.base?.existing;
  const left = leftVolumes(await journal.cutOff(), { connection, uri: facts.info.uri });
  const conflicts = [
    ...(await conflictFindings(hypervisor, { request, volume, connection }, facts)),
    ...(await addressFindings(hypervisor, request, virtual)),
    ...(await bridgeFindings(request, local)),
  ];
  const firmware = chooseFirmware(request, machine?.arch ?? '', capabilities);
  const graphics = chooseGraphics(request, capabilities);
  const host = { cpus: facts.info.cpus, memory: facts.memory, freeMemory: facts.freeMemory };
  const findings: Finding[] = [
    ...requests.flatMap((one) => nameFindings(one, facts, poolFacts, connection, left)),
    ...machineFindings,
    // Where no VM is offered at all, the rest is of no use.
    ...(offered ? [...placed.findings, ...networked.findings] : []),
    ...image.findings,
    ...conflicts,
    ...access,
    ...sizeFindings(sizes, request, host, capabilities),
    ...diskFindings(request, sizes.disk, image.base, poolFacts),
    ...(poolFacts === undefined
      ? []
      : spaceFindings({ facts: poolFacts }, spaceFor(requests, sizes.disk, image.base), connection)),
    ...firmware.findings,
    ...graphics.findings,
    ...new Set(seeds.flatMap((seed) => seed.findings)),
    ...(took > slowCapabilities && local ? [slowHost(took)] : []),
  ].sort((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level));
  const { chosen: network } = networked;
  const unable = findings.some(({ level }) => level === 'error');
  if (unable || machine === undefined || pool === undefined || network === undefined)
    return { findings: distinct(findings), plan: undefined };
  const decisions: Decisions = {
    machine,
    capabilities,
    cpu: chooseCpu(request, machine, capabilities),
    firmware: firmware.firmware,
    graphics: graphics.graphics,
    sizes,
    pool,
    network,
    base: image.base,
  };
  const machines = requests.map((one, index) =>
    planMachine(one, identities[index] ?? noIdentity, decisions, seeds[index]?.seed, env),
  );
  const cut = machines.flatMap(({ domainXml }) => userNetFindings(domainXml));
  return { findings: distinct([...findings, ...cut]), plan: { shared: sharedSteps(decisions), machines } };
}

const levels: readonly Finding['level'][] = ['error', 'warning', 'note'];
/** Several machines have many findings in common. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const texts = new Set<string>();
  return findings.filter(({ message }) => !texts.has(message) && texts.add(message));
}

const noIdentity: Identity = { uuid: '', mac: undefined };

export interface Identity {
  readonly uuid: string;
  readonly mac: string | undefined;
}

/** The card's address is known before the domain is: a static network and a lease are found by it. */
function identityOf(request: VmRequest, { domains }: HostFacts): Identity {
  // What is made must be found again by it.
  const own = request.xml === undefined ? undefined : domainIdentity(request.xml);
  if (own?.uuid !== undefined) return { uuid: own.uuid, mac: own.mac };
  const known = new Set(domains.map(({ uuid }) => uuid));
  let uuid = randomUUID() as string;
  while (known.has(uuid)) uuid = randomUUID();
  // QEMU's own prefix, as libvirt generates.
  const mac =
    request.mac ??
    `52:54:00:${[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
  return { uuid, mac: request.network?.kind === 'none' ? undefined : mac };
}

function poolName(pool: PoolChoice | undefined): string {
  if (pool === undefined) return '';
  return pool.kind === 'new' ? pool.name : pool.facts.listing.name;
}

async function importedVolume(
  { source, pool: wanted }: VmRequest,
  { pool, ...host }: VolumeContext,
): Promise<Awaited<ReturnType<typeof resolveImage>>> {
  if (source.kind !== 'import') return { base: undefined, findings: [] };
  return volumeImage({ pool: source.pool ?? pool, name: source.volume }, { ...host, pool: wanted ?? pool });
}

/** What is done once, before the machines. */
function sharedSteps({ pool, network, base }: Decisions): readonly Step[] {
  return [
    ...(pool.kind === 'new' ? [makePool(pool.name, pool.path)] : []),
    ...(pool.kind === 'there' && pool.start ? [startPool(pool.facts.listing)] : []),
    ...(network.make === true ? [makeDefaultNetwork()] : []),
    ...(network.start && network.network.kind === 'network' ? [startNetwork(network.network.name)] : []),
    ...(base?.steps ?? []),
  ];
}
