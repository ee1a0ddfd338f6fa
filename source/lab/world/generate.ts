import { DomainState } from '../../libvirt/domain-state.js';
import type { Definition, LabDisk, LabNic } from './definition.js';
import { LabDomain } from './domain.js';
import { Random, seedFor } from './random.js';
import { type Role, roles } from './roles.js';

const gib = 1024 * 1024;
const day = 86_400;

/** A way of being that a domain of a new world has. */
type Situation = 'running' | 'off' | 'paused' | 'crashed' | 'pmsuspended' | 'saved' | 'broken';

/** Every situation within the first dozen, then the mix of a busy host. */
const opening: readonly Situation[] = [
  'running',
  'running',
  'off',
  'running',
  'paused',
  'running',
  'pmsuspended',
  'running',
  'saved',
  'crashed',
  'running',
  'broken',
];
const mix: readonly (readonly [Situation, number])[] = [
  ['running', 0.68],
  ['off', 0.22],
  ['paused', 0.03],
  ['saved', 0.03],
  ['pmsuspended', 0.015],
  ['crashed', 0.01],
  ['broken', 0.015],
];

const environments = ['prod', 'stage', 'dev'];
/** Up to this many domains the names go without an environment in front. */
const smallWorld = 60;

export interface Generation {
  readonly seed: number;
  readonly count: number;
  /** The first domains' names, where a test wants special ones. */
  readonly names: readonly string[];
  readonly now: number;
  /** Gives an active domain its id. */
  nextId(): number;
}

/** The domains of a new world. Each follows from the seed and its own number alone. */
export function generateDomains(generation: Generation): LabDomain[] {
  const counters = new Map<string, number>();
  return Array.from({ length: generation.count }, (_, index) => {
    const random = new Random(seedFor(generation.seed, index));
    const role = roles[index % roles.length] as Role;
    const name = generation.names[index] ?? nameOf(role, generation.count, random, counters);
    const domain = new LabDomain(
      defineDomain(name, role, random),
      index,
      seedFor(generation.seed, ~index),
      generation.now,
    );
    place(domain, opening[index] ?? drawn(random), random, generation);
    domain.autostart = role.profile !== 'bursty' && random.chance(0.6);
    domain.persistent = !(domain.active && role.name === 'ci' && random.chance(0.5));
    if (!domain.persistent) domain.autostart = false;
    return domain;
  });
}

function nameOf(role: Role, count: number, random: Random, counters: Map<string, number>): string {
  const stem = count > smallWorld ? `${random.pick(environments)}-${role.name}` : role.name;
  const number = (counters.get(stem) ?? 0) + 1;
  counters.set(stem, number);
  return `${stem}-${number}`;
}

/** A new domain of a role: what virt-install would have made. */
export function defineDomain(name: string, role: Role, random: Random): Definition {
  const os = random.pick(role.systems);
  const vcpus = random.pick(role.vcpus);
  const memory = random.pick(role.memory) * gib;
  const agentChannel = random.chance(0.95);
  const bridged = random.chance(0.12);
  return {
    uuid: random.uuid(),
    name,
    os,
    profile: role.profile,
    type: 'kvm',
    title: role.title !== '' && random.chance(0.5) ? `${role.title} (${name})` : undefined,
    description: random.chance(0.3) ? `${os.name} ${os.version}, owned by the ${role.name} team` : undefined,
    metadata: new Map(),
    vcpus,
    maxVcpus: random.chance(0.2) ? vcpus * 2 : vcpus,
    memory,
    currentMemory: random.chance(0.15) ? memory / 2 : memory,
    disks: role.disks.map((size, index) => diskOf(name, size, index, os.diskBus)),
    nics: nicsOf(role, bridged, os.diskBus === 'sata' ? 'e1000e' : 'virtio', macOf(random)),
    agentChannel,
    agentInstalled: agentChannel && random.chance(os.agent),
    balloon: true,
    nvram: false,
    xml: undefined,
  };
}

/** Some roles have a second leg in a network of their own. */
function nicsOf({ network }: Role, bridged: boolean, model: string, mac: string): LabNic[] {
  const first: LabNic = {
    mac,
    kind: bridged ? 'bridge' : 'network',
    source: bridged ? 'br0' : 'default',
    model,
  };
  if (network === undefined) return [first];
  return [first, { ...first, mac: mac.replace(/^52:54:00/, '52:54:01'), kind: 'network', source: network }];
}

function diskOf(name: string, size: number, index: number, bus: string): LabDisk {
  const letter = String.fromCharCode(97 + index);
  const suffix = index === 0 ? '' : `-data${index}`;
  return {
    target: `${bus === 'virtio' ? 'vd' : 'sd'}${letter}`,
    bus,
    device: 'disk',
    format: index === 0 ? 'qcow2' : 'raw',
    source: `/var/lib/libvirt/images/${name}${suffix}.${index === 0 ? 'qcow2' : 'img'}`,
    capacity: size * 1024 * gib,
  };
}

/** An address out of QEMU's own range. */
export function macOf(random: Random): string {
  return ['52', '54', '00', ...[...random.bytes(3)].map((byte) => byte.toString(16).padStart(2, '0'))].join(
    ':',
  );
}

function drawn(random: Random): Situation {
  let rest = random.next();
  for (const [situation, share] of mix) {
    rest -= share;
    if (rest < 0) return situation;
  }
  return 'running';
}

/** virDomain*Reason of each situation. */
const states: Readonly<Record<Situation, readonly [DomainState, number]>> = {
  running: [DomainState.running, 1],
  off: [DomainState.shutOff, 1],
  paused: [DomainState.paused, 1],
  crashed: [DomainState.crashed, 1],
  pmsuspended: [DomainState.pmSuspended, 0],
  saved: [DomainState.shutOff, 5],
  // A guest that died with <on_crash>destroy</on_crash>, as opposed to one that is preserved.
  broken: [DomainState.shutOff, 3],
};

function place(
  domain: LabDomain,
  situation: Situation,
  random: Random,
  { now, nextId }: Pick<Generation, 'now' | 'nextId'>,
): void {
  const [state, reason] = states[situation];
  const uptime = random.between(0.01 * day, 20 * day);
  if (state !== DomainState.shutOff) {
    domain.id = nextId();
    domain.resetGuestTime(now, uptime);
    domain.hasLease = true;
    const { agentChannel, agentInstalled } = domain.definition;
    const alive = state === DomainState.running || state === DomainState.paused;
    domain.agent = !agentChannel ? 'none' : agentInstalled && alive ? 'connected' : 'disconnected';
  }
  domain.managedSave = situation === 'saved';
  domain.setState(state, reason, now);
}
