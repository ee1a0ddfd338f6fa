import type { Hypervisor } from '../libvirt/hypervisor.js';
import {
  type DiskSpec,
  type DomainSpec,
  domainXml,
  type InterfaceSpec,
} from '../libvirt/xml/domain-definition-xml.js';
import { imageOf } from './guest.js';
import { holdsFiles } from './host-facts.js';
import { diskFormat, volumeNames } from './new-volumes.js';
import type { MachinePlan, Step, Waiting } from './plan.js';
import type { Decisions, Identity } from './prepare.js';
import type { VmRequest } from './request/vm-request.js';
import { type Seed, seedStep } from './seed-step.js';
import { copiedDisk, defineDomain, emptyDisk, overlayDisk, startDomain } from './steps.js';
import { isCutOff } from './user-net.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Where the volumes of one domain lie on the host: predicted for the plan, asked for before it is defined. */
interface Paths {
  readonly disk: string;
  readonly seed: string;
  readonly base: string;
}

/** The steps that make one domain, and what they come to. */
export function planMachine(
  request: VmRequest,
  identity: Identity,
  decisions: Decisions,
  seed: Seed | undefined,
  env: Env,
): MachinePlan {
  const { name, source, start } = request;
  const { pool, base } = decisions;
  const poolName = pool.kind === 'new' ? pool.name : pool.facts.listing.name;
  const folder = pool.kind === 'new' ? pool.path : (pool.facts.description.path ?? poolName);
  const names = volumeNames(name, diskFormat(request, pool));
  const xmlWith = (paths: Paths): string => domainXml(specOf(request, identity, decisions, seed, paths));
  const predicted: Paths = {
    disk: source.kind === 'import' ? (base?.path ?? '') : `${folder}/${names.disk}`,
    seed: `${folder}/${names.seed}`,
    base: base?.path ?? '',
  };
  const machine = { name, uuid: identity.uuid };
  const steps: Step[] = [
    ...diskSteps(request, decisions, poolName, names.disk),
    ...(seed === undefined ? [] : [seedStep(poolName, names.seed, seed, env)]),
    defineDomain(machine, async ({ hypervisor }) => {
      // What a person has edited is theirs.
      if (request.xml !== undefined) return request.xml;
      const pathOf = (volume: string): Promise<string> => pathIn(hypervisor, poolName, volume);
      return xmlWith({
        disk: source.kind === 'import' ? predicted.disk : await pathOf(names.disk),
        seed: seed === undefined ? '' : await pathOf(names.seed),
        base: base?.volume().path ?? '',
      });
    }),
    ...(start ? [startDomain(machine)] : []),
  ];
  const planned = request.xml ?? xmlWith(predicted);
  return {
    ...machine,
    mac: identity.mac,
    steps,
    domainXml: planned,
    cutOff: isCutOff(planned),
    seedFiles: seed?.masked ?? new Map(),
    user: seed?.user,
    waiting: waitingFor(request, decisions),
    started: start,
  };
}

async function pathIn({ pools, volumes }: Hypervisor, pool: string, name: string): Promise<string> {
  return volumes.path(await volumes.lookup(await pools.lookup(pool), name));
}

function diskSteps(request: VmRequest, decisions: Decisions, pool: string, name: string): readonly Step[] {
  const { source, disk } = request;
  const { base, sizes } = decisions;
  if (source.kind === 'import') return [];
  const format = diskFormat(request, decisions.pool);
  const wishes = { pool, name, format, size: sizes.disk, allocation: disk?.allocation };
  if (source.kind !== 'image' || base === undefined) return [emptyDisk(wishes)];
  return [disk?.mode === 'copy' ? copiedDisk(wishes, base.volume) : overlayDisk(wishes, base.volume)];
}

/** Without an agent a lease is the best that can be known; without a network there is nothing to wait for. */
function waitingFor({ source, access, start }: VmRequest, { network }: Decisions): Waiting {
  if (!start || source.kind !== 'image' || network.network.kind === 'none') return 'none';
  const image = imageOf({ source });
  // With user-data of the person's own alone nobody but the image knows of an agent.
  if (access?.agent === true && access.userData?.mode !== 'alone') return 'agent';
  if (image?.agent === true || access?.userData?.mode === 'alone') return 'agent';
  // A fixed address asks nobody for a lease.
  const fixed = access?.network !== undefined && 'addresses' in access.network;
  return network.leases && !fixed ? 'lease' : 'none';
}

function specOf(
  request: VmRequest,
  identity: Identity,
  decisions: Decisions,
  seed: Seed | undefined,
  paths: Paths,
): DomainSpec {
  const { machine, sizes, cpu, firmware, graphics, capabilities } = decisions;
  const image = imageOf(request);
  const osId = request.osId ?? image?.osId;
  const emulator = capabilities?.emulator ?? machine.emulator;
  return {
    name: request.name,
    uuid: identity.uuid,
    wishes: request,
    virtType: machine.virtType,
    arch: machine.arch,
    machine: machine.machine,
    ...(emulator && { emulator }),
    ...(osId && { osId }),
    vcpus: sizes.vcpus,
    memory: sizes.memory,
    cpu,
    firmware,
    disks: disksOf(request, decisions, seed, paths),
    interfaces: interfacesOf(request, identity, decisions),
    ...(graphics && { graphics: { type: graphics } }),
    noteMetadata: {
      ...(image && { image: image.id }),
      ...(seed?.user && { user: seed.user }),
      ...(seed && { seed: paths.seed }),
    },
  };
}

function disksOf(
  request: VmRequest,
  { pool, base }: Decisions,
  seed: Seed | undefined,
  paths: Paths,
): readonly DiskSpec[] {
  const { source } = request;
  const imported = source.kind === 'import' ? base?.volume() : undefined;
  const format = imported?.format ?? diskFormat(request, pool) ?? 'raw';
  // QEMU refuses a device that is said to be a file.
  const typeIn = (type: string | undefined): 'file' | 'block' => (type === 'block' ? 'block' : 'file');
  const ofPool = pool.kind === 'there' && !holdsFiles(pool.facts) ? 'block' : 'file';
  const disk: DiskSpec = {
    device: 'disk',
    bus: 'virtio',
    source: { type: imported === undefined ? ofPool : typeIn(imported.type), path: paths.disk },
    format,
    bootOrder: 1,
    discard: true,
  };
  // Cloud kernels have no AHCI: a drive on virtio-scsi is seen by all, a SATA one is not.
  const drive = (type: 'file' | 'block', path: string, bootOrder?: number): DiskSpec => ({
    device: 'cdrom',
    bus: 'scsi',
    source: { type, path },
    format: 'raw',
    readOnly: true,
    ...(bootOrder !== undefined && { bootOrder }),
  });
  return [
    disk,
    // The disk comes first: it is empty until the installer has written it.
    ...(source.kind === 'iso'
      ? [{ ...drive(typeIn(base?.type()), paths.base, 2), bus: 'sata' } as const]
      : []),
    ...(seed === undefined ? [] : [drive(ofPool, paths.seed)]),
  ];
}

function interfacesOf(
  { source }: VmRequest,
  { mac }: Identity,
  { network: { network } }: Decisions,
): readonly InterfaceSpec[] {
  if (network.kind === 'none') return [];
  return [
    {
      kind: network.kind,
      ...('name' in network && { source: network.name }),
      ...(mac && { mac }),
      model: 'virtio',
      ...(source.kind === 'pxe' && { bootOrder: 2 }),
    },
  ];
}
