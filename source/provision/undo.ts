import { ErrorCode, LibvirtError } from '../libvirt/errors.js';
import type { DomainRef, Hypervisor } from '../libvirt/hypervisor.js';
import { shellWord } from '../text/shell-word.js';
import type { Made } from './plan.js';

type Kind = Made['kind'];
type Of<K extends Kind> = Extract<Made, { kind: K }>;

interface Undo<K extends Kind> {
  /** "volume web-1.qcow2 of the pool default" */
  readonly name: (made: Of<K>) => string;
  /** Commands of virsh, with their operands, that a person types where it cannot be undone from here. */
  readonly byHand: (made: Of<K>) => readonly (readonly string[])[];
  readonly run: (hypervisor: Hypervisor, made: Of<K>) => Promise<void>;
}

/** libvirt's "there is no such object": what is gone need not be removed. */
const gone: readonly number[] = [
  ErrorCode.noDomain,
  ErrorCode.noNetwork,
  ErrorCode.noPool,
  ErrorCode.noVolume,
];

const table: { readonly [K in Kind]: Undo<K> } = {
  pool: {
    name: ({ name }) => `pool ${name}`,
    byHand: ({ name }) => [
      ['pool-destroy', name],
      ['pool-undefine', name],
    ],
    run: async ({ pools }, { name }) => {
      const pool = await pools.lookup(name);
      await stopped(pools.stop(pool));
      await pools.undefine(pool);
    },
  },
  'pool-started': {
    name: ({ name }) => `start of the pool ${name}`,
    byHand: ({ name }) => [['pool-destroy', name]],
    run: async ({ pools }, { name }) => stopped(pools.stop(await pools.lookup(name))),
  },
  'network-started': {
    name: ({ name }) => `start of the network ${name}`,
    byHand: ({ name }) => [['net-destroy', name]],
    run: async ({ networks }, { name }) => stopped(networks.stop(await networks.lookup(name))),
  },
  volume: {
    name: ({ pool, name }) => `volume ${name} of the pool ${pool}`,
    byHand: ({ pool, name }) => [['vol-delete', name, pool]],
    run: async ({ pools, volumes }, { pool, name }) => {
      await volumes.delete(await volumes.lookup(await pools.lookup(pool), name));
    },
  },
  domain: {
    name: ({ name }) => `domain ${name}`,
    byHand: ({ name }) => [['undefine', name, '--nvram']],
    run: async (hypervisor, made) => {
      const domain = await ownDomain(hypervisor, made);
      await stopped(hypervisor.destroy(domain));
      await hypervisor.undefineDomain(domain);
    },
  },
  'domain-started': {
    name: ({ name }) => `start of the domain ${name}`,
    byHand: ({ name }) => [['destroy', name]],
    run: async (hypervisor, made) => stopped(hypervisor.destroy(await ownDomain(hypervisor, made))),
  },
};

/** Takes back what was made; what is gone already is no failure. @throws LibvirtError */
export async function undo(hypervisor: Hypervisor, made: Made): Promise<void> {
  try {
    await undoOf(made).run(hypervisor, made);
  } catch (error) {
    if (!gone.includes((error as LibvirtError).code)) throw error;
  }
}

export function nameOfMade(made: Made): string {
  return undoOf(made).name(made);
}

/**
 * The command that a person types instead.
 *
 * @param connection what opens the host; undefined: what libvirt would choose
 */
export function undoByHand(made: Made, connection: string | undefined): string {
  const virsh = ['virsh', ...(connection === undefined ? [] : ['-c', connection])];
  const commands = undoOf(made).byHand(made);
  return commands.map((words) => [...virsh, ...words].map(shellWord).join(' ')).join('; ');
}

function undoOf<M extends Made>(made: M): Undo<Kind> & Undo<M['kind']> {
  // The table's type says that an entry fits its kind; the compiler cannot follow it through the look-up.
  return table[made.kind] as Undo<Kind> & Undo<M['kind']>;
}

/** What is not running is stopped. */
async function stopped(stopping: Promise<void>): Promise<void> {
  try {
    await stopping;
  } catch (error) {
    if ((error as LibvirtError).code !== ErrorCode.operationInvalid) throw error;
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
