import { randomBytes, randomUUID } from 'node:crypto';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { DomainCapabilities } from '../libvirt/xml/domain-capabilities-xml.js';
import { domainIdentity } from '../libvirt/xml/domain-identity.js';
import { type BaseImage, resolveImage } from './base-image.js';
import { chooseFirmware, chooseGraphics, chooseSizes, sizeFindings } from './guest.js';
import {
  type HostFacts,
  holdsFiles,
  type PoolFacts,
  readDomainCapabilities,
  readHost,
  takesVolumes,
} from './host-facts.js';
import type { CreationJournal } from './journal.js';
import { chooseCpu, chooseMachine, type Machine } from './machine.js';
import { planMachine } from './machine-plan.js';
import {
  accessFindings,
  type ChosenNetwork,
  chooseNetwork,
  choosePool,
  isLocal,
  isThisMachine,
  type PoolChoice,
  spaceFindings,
} from './places.js';
import type { Finding, Plan, Step } from './plan.js';
import { nameProblem, type VmRequest } from './request.js';
import { prepareSeed } from './seed-step.js';
import { makePool, startNetwork, startPool } from './steps.js';

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
  const local = isLocal(connection) && isThisMachine(facts.info.hostname);
  const { machine, findings: machineFindings } = chooseMachine(request, facts.capabilities, facts.info.type);
  const asked = performance.now();
  const [capabilities, placed, networked] = await Promise.all([
    machine === undefined ? undefined : readDomainCapabilities(hypervisor, machine),
    choosePool(hypervisor, request, facts, { env, local }),
    chooseNetwork(hypervisor, request, facts),
  ]);
  const took = performance.now() - asked;
  const { pool } = placed;
  const poolFacts = pool?.kind === 'there' ? pool.facts : undefined;
  const folder = pool?.kind === 'new' ? pool.path : poolFacts?.description.path;
  const sizes = chooseSizes(request);
  const identities = requests.map((one) => identityOf(one, facts));
  const [image, seeds, access] = await Promise.all([
    pool === undefined || !('image' in request.source)
      ? importedVolume(request, { hypervisor, pool: poolName(pool) })
      : resolveImage(request.source.image, {
          hypervisor,
          connection,
          uri: facts.info.uri,
          local,
          facts: poolFacts,
          pool: poolName(pool),
          folder,
          env,
          journal,
          signal,
        }),
    Promise.all(requests.map((one, index) => prepareSeed(one, identities[index] ?? noIdentity, env))),
    local ? accessFindings(facts.info.uri, folder) : [],
  ]);
  const firmware = chooseFirmware(request, machine?.arch ?? '', capabilities);
  const graphics = chooseGraphics(request, capabilities);
  const host = { cpus: facts.info.cpus, memory: facts.info.memory * 1024, freeMemory: facts.freeMemory };
  const findings: Finding[] = [
    ...requests.flatMap((one) => nameFindings(one, facts, poolFacts)),
    ...machineFindings,
    ...(machine === undefined ? [] : placed.findings),
    ...(machine === undefined ? [] : networked.findings),
    ...image.findings,
    ...access,
    ...sizeFindings(sizes, request, host, capabilities),
    ...diskFindings(request, sizes.disk, image.base, poolFacts),
    ...(poolFacts === undefined
      ? []
      : spaceFindings({ facts: poolFacts }, spaceFor(requests, sizes.disk, image.base))),
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
  return { findings: distinct(findings), plan: { shared: sharedSteps(decisions), machines } };
}

const levels: readonly Finding['level'][] = ['error', 'warning', 'note'];
const noIdentity: Identity = { uuid: '', mac: undefined };

/** Several machines have many findings in common. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const texts = new Set<string>();
  return findings.filter(({ message }) => !texts.has(message) && texts.add(message));
}

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
  { hypervisor, pool }: { readonly hypervisor: Hypervisor; readonly pool: string },
): Promise<Awaited<ReturnType<typeof resolveImage>>> {
  if (source.kind !== 'import') return { base: undefined, findings: [] };
  const context = { hypervisor, pool: wanted ?? pool } as Parameters<typeof resolveImage>[1];
  return resolveImage({ kind: 'volume', pool: source.pool ?? pool, name: source.volume }, context);
}

/** Names of the volumes that a domain gets. */
export function volumeNames(
  name: string,
  format: string | undefined,
): { readonly disk: string; readonly seed: string } {
  return { disk: format === undefined ? name : `${name}.${format}`, seed: `${name}-seed.iso` };
}

/** The format of the new disk; pools of devices have none. */
export function diskFormat({ disk }: VmRequest, pool: PoolChoice): 'qcow2' | 'raw' | undefined {
  if (pool.kind === 'there' && !holdsFiles(pool.facts)) return undefined;
  return disk?.format ?? 'qcow2';
}

function nameFindings(
  request: VmRequest,
  { domains }: HostFacts,
  pool: PoolFacts | undefined,
): readonly Finding[] {
  const { name, source, access } = request;
  const problem = nameProblem(name);
  if (problem !== undefined) return [{ level: 'error', field: 'name', message: problem }];
  const found: Finding[] = [];
  if (domains.some((domain) => domain.name === name))
    found.push({
      level: 'error',
      field: 'name',
      message: `there is a domain ${name} already`,
      fix: 'Choose another name.',
    });
  if (pool === undefined) return found;
  const format = diskFormat(request, { kind: 'there', facts: pool, start: false });
  const names = volumeNames(name, format);
  const wanted = [
    ...(source.kind === 'import' ? [] : [names.disk]),
    ...(access === undefined ? [] : [names.seed]),
  ];
  for (const volume of pool.volumes.filter((one) => wanted.includes(one.name)))
    found.push({
      level: 'error',
      field: 'name',
      message: `the pool ${pool.listing.name} has a volume ${volume.name} already`,
      fix: `Choose another name, or delete it: virtdeck vol delete ${pool.listing.name} ${volume.name}   (left by a creation that was cut off: virtdeck create --cleanup)`,
    });
  return found;
}

function diskFindings(
  request: VmRequest,
  size: number,
  base: BaseImage | undefined,
  pool: PoolFacts | undefined,
): readonly Finding[] {
  const { source, disk } = request;
  const findings: Finding[] = [];
  if (source.kind === 'image' && base?.capacity !== undefined && size < base.capacity)
    findings.push({
      level: 'error',
      field: 'disk',
      message: `the image has ${Math.ceil(base.capacity / 1024 ** 2)} MiB: the disk cannot be smaller`,
    });
  if (pool !== undefined && source.kind !== 'import' && !takesVolumes(pool))
    findings.push({
      level: 'error',
      field: 'pool',
      message: `disks in the pool ${pool.listing.name} (${pool.description.type}) are not offered here`,
      fix: 'Choose a pool of files (dir, fs, netfs) or of logical volumes.',
    });
  const files = pool === undefined || holdsFiles(pool);
  if (source.kind === 'image' && !files && base?.needs !== 0)
    findings.push({
      level: 'error',
      field: 'pool',
      message: `the pool ${pool?.listing.name} (${pool?.description.type}) holds devices: an image cannot be uploaded into it`,
      fix: 'Choose a pool of files, or upload the image to one and name it: --image POOL/VOLUME --copy',
    });
  if (source.kind === 'image' && disk?.mode !== 'copy' && (!files || disk?.format === 'raw'))
    findings.push({
      level: 'error',
      field: 'disk',
      message: 'a disk that stands on an image is a qcow2 file',
      fix: 'Choose a full copy (--copy), or a pool of files and the format qcow2.',
    });
  return findings;
}

function spaceFor(requests: readonly VmRequest[], size: number, base: BaseImage | undefined) {
  const [request] = requests;
  const count = requests.length;
  const copies = request?.disk?.mode === 'copy' ? (base?.capacity ?? base?.needs ?? 0) : 0;
  const allocation = request?.disk?.allocation ?? 0;
  const later = request?.source.kind === 'import' ? 0 : size * count;
  return { now: (base?.needs ?? 0) + Math.max(copies, allocation) * count, later };
}

function slowHost(took: number): Finding {
  return {
    level: 'warning',
    field: 'host',
    message: `libvirt took ${Math.round(took / 1000)} s to tell what QEMU can do`,
    fix: 'If /dev/kvm does not belong to the group kvm, libvirt probes QEMU at every question: chgrp kvm /dev/kvm; chmod 660 /dev/kvm',
  };
}

/** What is done once, before the machines. */
function sharedSteps({ pool, network, base }: Decisions): readonly Step[] {
  return [
    ...(pool.kind === 'new' ? [makePool(pool.name, pool.path)] : []),
    ...(pool.kind === 'there' && pool.start ? [startPool(pool.facts.listing)] : []),
    ...(network.start && network.network.kind === 'network' ? [startNetwork(network.network.name)] : []),
    ...(base?.steps ?? []),
  ];
}
