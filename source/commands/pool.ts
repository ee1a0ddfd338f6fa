import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { PoolListing } from '../libvirt/storage.js';
import { describePool } from '../libvirt/xml/pool-xml.js';
import { safe } from '../text/safe.js';
import { bytes } from '../text/size.js';
import { connectFlag } from './command.js';
import {
  actOnEach,
  autostartObject,
  dumpObject,
  type ListColumn,
  listObjects,
  listOf,
  type ObjectKind,
} from './objects.js';
import { commandOf, type Subcommand } from './subcommands.js';

const usage = `
  Usage
    $ virtdeck pool list [--all | --inactive] [--json]
    $ virtdeck pool start NAME…
    $ virtdeck pool stop NAME…
    $ virtdeck pool refresh NAME…
    $ virtdeck pool autostart NAME on|off
    $ virtdeck pool dumpxml NAME

  The storage pools of libvirt hosts: the active ones unless told otherwise, as virsh pool-list does.
  stop is virsh's pool-destroy: the data stays. refresh looks for volumes anew.

  Options
    --all             active and inactive pools
    --inactive        inactive pools only
    -c, --connect URI the host; may be given several times
    --json            one JSON array on standard output, sizes in bytes

  Exit codes
    0 done   1 a host or a pool failed   2 usage

  Examples
    $ virtdeck pool list --all
    $ virtdeck pool refresh default
`;

/** The pools of a host. */
export const pools = (hypervisor: Hypervisor) => listOf(hypervisor.pools.list());

const kind: ObjectKind<PoolListing> = {
  noun: 'pool',
  list: pools,
  xml: (hypervisor, one) => hypervisor.pools.xml(one),
  setAutostart: (hypervisor, one, on) => hypervisor.pools.setAutostart(one, on),
};

const act =
  (
    verb: string,
    call: (hypervisor: Hypervisor, pool: PoolListing) => Promise<void>,
    done: string,
  ): Subcommand['run'] =>
  (names, context) =>
    actOnEach(
      context,
      'pool',
      names,
      pools,
      `${verb} pool`,
      call,
      ({ name }) => `Pool '${safe(name)}' ${done}`,
    );

const subcommands: Readonly<Record<string, Subcommand>> = {
  list: {
    operands: [],
    flags: ['connect', 'all', 'inactive', 'json'],
    run: (_, context) => listObjects(context, kind, describe, columns),
  },
  start: {
    operands: ['NAME…'],
    flags: ['connect'],
    run: act('start', (hypervisor, pool) => hypervisor.pools.start(pool), 'started'),
  },
  stop: {
    operands: ['NAME…'],
    flags: ['connect'],
    run: act('stop', (hypervisor, pool) => hypervisor.pools.stop(pool), 'stopped'),
  },
  refresh: {
    operands: ['NAME…'],
    flags: ['connect'],
    run: act('refresh', (hypervisor, pool) => hypervisor.pools.refresh(pool), 'refreshed'),
  },
  autostart: {
    operands: ['NAME', 'on|off'],
    flags: ['connect'],
    run: (words, context) => autostartObject(context, kind, words),
  },
  dumpxml: {
    operands: ['NAME'],
    flags: ['connect'],
    run: (words, context) => dumpObject(context, kind, words),
  },
};

/** `virtdeck pool` */
export const pool = commandOf(
  'pool',
  {
    summary: 'list, start, stop and refresh storage pools',
    usage,
    flags: {
      ...connectFlag,
      all: { type: 'boolean' },
      inactive: { type: 'boolean' },
      json: { type: 'boolean' },
    },
  },
  subcommands,
);

const size = (value: number, active: boolean): string => (active ? bytes(value) : '-');

const columns: readonly ListColumn<Awaited<ReturnType<typeof describe>>>[] = [
  ['Name', ({ name }) => name],
  ['State', ({ state }) => state],
  ['Autostart', ({ autostart }) => (autostart ? 'yes' : 'no')],
  ['Type', ({ type }) => type],
  ['Capacity', ({ capacity, active }) => size(capacity, active)],
  ['Allocation', ({ allocation, active }) => size(allocation, active)],
  ['Available', ({ available, active }) => size(available, active)],
  ['Path', ({ path }) => path ?? '-'],
];

async function describe(hypervisor: Hypervisor, listing: PoolListing) {
  const [info, xml] = await Promise.all([hypervisor.pools.info(listing), hypervisor.pools.xml(listing)]);
  const { type, path } = describePool(xml);
  return { ...listing, type, path, ...info };
}
