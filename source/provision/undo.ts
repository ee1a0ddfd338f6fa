import { ErrorCode, LibvirtError } from '../libvirt/errors.js';
import type { DomainRef, Hypervisor } from '../libvirt/hypervisor.js';
import type { NetworkRef, Networks } from '../libvirt/networks.js';
import type { PoolRef, VolumeRef } from '../libvirt/storage.js';
import { describeNetwork } from '../libvirt/xml/network-xml.js';
import { shortList } from '../text/units.js';
import { virshLine, virtdeckLine } from './by-hand.js';
import type { CreationRecord } from './journal.js';
import type { Made } from './plan.js';
import { stopped, undefineDomain } from './undefine-domain.js';
import { holdersOf, linkOfVolume, readHostVolumes, strangersOf } from './volume-holders.js';

type Kind = Made['kind'];
type Of<K extends Kind> = Extract<Made, { kind: K }>;

/** A command line: of virsh where virtdeck has no such command. */
type ByHand = readonly ['virtdeck' | 'virsh', ...words: readonly string[]];

interface Undo<K extends Kind> {
  /** "volume web-1.qcow2 of the pool default" */
  readonly name: (made: Of<K>) => string;
  /** Why it may be waited for longer than for an answer. */
  readonly takes?: string;
  /** Commands, with their operands, that a person types where it cannot be undone from here. */
  readonly byHand: (made: Of<K>) => readonly ByHand[];
  /** Resolves with why it stays, where somebody else needs it by now. */
  readonly run: (hypervisor: Hypervisor, made: Of<K>, options: UndoOptions) => Promise<string | undefined>;
}

export interface UndoOptions {
  /** It was made long ago: a volume of that name may be somebody else's by now. */
  readonly longAgo: boolean;
  /** False where the creation had given it up before it was cut off. */
  readonly wanted: boolean;
  /** False where it may never have been made: what has that name may be somebody else's. */
  readonly sure: boolean;
  /** Something that may use it could not be taken back. */
  readonly maybeInUse: boolean;
  /** Other creations at work on the host by now: they may be about to use what they found there. */
  readonly others: () => Promise<readonly CreationRecord[]>;
}

/** libvirt's "there is no such object": what is gone need not be removed. */
const gone: readonly number[] = [
  ErrorCode.noDomain,
  ErrorCode.noNetwork,
  ErrorCode.noPool,
  ErrorCode.noVolume,
];

/** Long after, nobody knows who relies on what was started; others at work may be about to. */
function unlessUsed<K extends Kind>(
  run: (hypervisor: Hypervisor, made: Of<K>) => Promise<string | undefined>,
): Undo<K>['run'] {
  return async (hypervisor, made, { longAgo, others }) =>
    longAgo || (await others()).length > 0 ? 'others may use it by now' : run(hypervisor, made);
}

/** Its own ones are gone by then: what is made last is taken back first. */
async function holdsVolumes(volumes: Hypervisor['volumes'], pool: PoolRef): Promise<boolean> {
  try {
    return (await volumes.list(pool)).length > 0;
  } catch (error) {
    // Of a pool that is not active nobody knows.
    if ((error as LibvirtError).code === ErrorCode.operationInvalid) return false;
    throw error;
  }
}

/** @returns why it goes on */
async function stopNetwork(networks: Networks, network: NetworkRef): Promise<string | undefined> {
  // Those whom it would be taken from do not get it back by its next start.
  const { connections = 0 } = describeNetwork(await networks.xml(network));
  if (connections > 0) return 'other guests are on it';
  await stopped(networks.stop(network));
  return undefined;
}

/** Its start is the last step, so it is whole: the creation was cut off just before it had noted that. */
function mayBeWorkedWith({ id }: DomainRef, { longAgo, wanted }: UndoOptions): boolean {
  return longAgo && wanted && id !== -1;
}

const runs = 'it runs';
const timeToEnd = 'libvirt gives a guest up to 15 s to end';
const poolGone = 'its pool is not there any more: a file may be left';

const table: { readonly [K in Kind]: Undo<K> } = {
  pool: {
    name: ({ name }) => `pool ${name}`,
    byHand: ({ name }) => [
      ['virtdeck', 'pool', 'stop', name],
      ['virsh', 'pool-undefine', name],
    ],
    run: unlessUsed(async ({ pools, volumes }, { name }) => {
      const pool = await pools.lookup(name);
      if (await holdsVolumes(volumes, pool)) return 'it has volumes';
      await stopped(pools.stop(pool));
      await pools.undefine(pool);
      return undefined;
    }),
  },
  'pool-started': {
    name: ({ name }) => `start of the pool ${name}`,
    byHand: ({ name }) => [['virtdeck', 'pool', 'stop', name]],
    run: unlessUsed(async ({ pools }, { name }) => stopped(pools.stop(await pools.lookup(name)))),
  },
  network: {
    name: ({ name }) => `network ${name}`,
    byHand: ({ name }) => [
      ['virtdeck', 'net', 'stop', name],
      ['virsh', 'net-undefine', name],
    ],
    run: unlessUsed(async ({ networks }, { name }) => {
      const network = await networks.lookup(name);
      const why = await stopNetwork(networks, network);
      if (why === undefined) await networks.undefine(network);
      return why;
    }),
  },
  'network-started': {
    name: ({ name }) => `start of the network ${name}`,
    byHand: ({ name }) => [['virtdeck', 'net', 'stop', name]],
    run: unlessUsed(async ({ networks }, { name }) => stopNetwork(networks, await networks.lookup(name))),
  },
  image: {
    name: nameOfVolume,
    byHand: deleteVolume,
    run: async (hypervisor, made, { sure, others }) => {
      const volume = await lookupVolume(hypervisor, made);
      if (volume === undefined) return poolGone;
      // A part is of no use to anybody: whoever needs the image waits for it.
      if (sure && (await others()).length > 0) return 'others may use it by now';
      return (await heldBy(hypervisor, volume)) ?? (await removed(hypervisor, volume));
    },
  },
  volume: {
    name: nameOfVolume,
    byHand: deleteVolume,
    run: async (hypervisor, made, { longAgo, sure, maybeInUse, others }) => {
      const volume = await lookupVolume(hypervisor, made);
      if (volume === undefined) return poolGone;
      if (longAgo && (await others()).some((record) => isMaking(record, made)))
        return 'another creation makes one of that name';
      const held = longAgo || maybeInUse || !sure ? await heldBy(hypervisor, volume) : undefined;
      return held ?? (await removed(hypervisor, volume));
    },
  },
  domain: {
    name: ({ name }) => `domain ${name}`,
    takes: timeToEnd,
    byHand: ({ name }) => [['virtdeck', 'undefine', name, '--force']],
    run: async (hypervisor, made, options) => {
      const domain = await ownDomain(hypervisor, made);
      if (mayBeWorkedWith(domain, options)) return runs;
      await stopped(hypervisor.destroy(domain));
      // A definition of one's own may name a file that others have too.
      await undefineDomain(hypervisor, domain);
      return undefined;
    },
  },
  'domain-started': {
    name: ({ name }) => `start of the domain ${name}`,
    takes: timeToEnd,
    byHand: ({ name }) => [['virtdeck', 'destroy', name]],
    run: async (hypervisor, made, options) => {
      const domain = await ownDomain(hypervisor, made);
      if (mayBeWorkedWith(domain, options)) return runs;
      await stopped(hypervisor.destroy(domain));
      return undefined;
    },
  },
};

/**
 * Takes back what was made; what is gone already is no failure.
 *
 * @returns why it stays, where somebody else needs it by now
 * @throws LibvirtError
 */
export async function undo(
  hypervisor: Hypervisor,
  made: Made,
  options: UndoOptions,
): Promise<string | undefined> {
  try {
    return await undoOf(made).run(hypervisor, made, options);
  } catch (error) {
    if (!gone.includes((error as LibvirtError).code)) throw error;
    return undefined;
  }
}

export function nameOfMade(made: Made): string {
  return undoOf(made).name(made);
}

/** Why taking it back may be waited for; undefined where it takes no time. */
export function timeOfUndo(made: Made): string | undefined {
  return undoOf(made).takes;
}

/**
 * The command that a person types instead.
 *
 * @param connection what opens the host; undefined: what libvirt would choose
 */
export function undoByHand(made: Made, connection: string | undefined): string {
  return undoOf(made)
    .byHand(made)
    .map(([program, ...words]) => (program === 'virsh' ? virshLine : virtdeckLine)(connection, ...words))
    .join('; ');
}

function undoOf<M extends Made>(made: M): Undo<Kind> & Undo<M['kind']> {
  // The table's type says that an entry fits its kind; the compiler cannot follow it through the look-up.
  return table[made.kind] as Undo<Kind> & Undo<M['kind']>;
}

type VolumeName = { readonly pool: string; readonly name: string };

function nameOfVolume({ pool, name }: VolumeName): string {
  return `volume ${name} of the pool ${pool}`;
}

function deleteVolume({ pool, name }: VolumeName): readonly ByHand[] {
  return [['virtdeck', 'vol', 'delete', pool, name]];
}

/** @returns undefined where its pool is gone, and nobody knows what is left of it */
async function lookupVolume(
  { pools, volumes }: Hypervisor,
  { pool, name }: VolumeName,
): Promise<VolumeRef | undefined> {
  try {
    return await volumes.lookup(await pools.lookup(pool), name);
  } catch (error) {
    if ((error as LibvirtError).code === ErrorCode.noPool) return undefined;
    throw error;
  }
}

function isMaking({ made }: CreationRecord, { pool, name }: VolumeName): boolean {
  return made.some((noted) => 'pool' in noted.made && noted.made.pool === pool && noted.made.name === name);
}

async function removed({ volumes }: Hypervisor, volume: VolumeRef): Promise<undefined> {
  await volumes.delete(volume);
}

/**
 * Who would break without a volume, as a reason for it to stay; undefined where nobody would. A volume's name does not
 * tell whose it is, what stands on it does.
 *
 * @throws LibvirtError
 */
export async function heldBy(hypervisor: Hypervisor, volume: VolumeRef): Promise<string | undefined> {
  const host = await readHostVolumes(hypervisor, { refresh: true });
  const link = linkOfVolume(host, volume);
  const strangers = strangersOf(host);
  if (link === undefined || strangers.length > 0)
    throw new LibvirtError({
      kind: 'libvirt',
      message: `nobody knows who uses it: ${shortList(strangers) || 'its own description'} cannot be read`,
    });
  const holders = holdersOf(host, link);
  return holders.length === 0 ? undefined : `it is used by ${shortList(holders)}`;
}

/** True while a domain that was made runs; false where it is gone, or another one's by now. */
export async function isRunning(hypervisor: Hypervisor, made: Of<'domain'>): Promise<boolean> {
  try {
    return (await ownDomain(hypervisor, made)).id !== -1;
  } catch (error) {
    if (gone.includes((error as LibvirtError).code)) return false;
    throw error;
  }
}

/** A domain of that name and another UUID is somebody else's. */
async function ownDomain(
  hypervisor: Hypervisor,
  { name, uuid }: { readonly name: string; readonly uuid: string },
): Promise<DomainRef> {
  const domain = await hypervisor.lookupDomain(name);
  if (domain.uuid === uuid) return domain;
  throw new LibvirtError({
    kind: 'libvirt',
    code: ErrorCode.noDomain,
    message: `the domain ${name} is another one now`,
  });
}
