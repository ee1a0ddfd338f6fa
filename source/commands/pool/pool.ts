import type { Hypervisor } from '../../libvirt/hypervisor.js';
import type { PoolListing } from '../../libvirt/storage.js';
import { describePool } from '../../libvirt/xml/pool-xml.js';
import { bytes } from '../../text/size.js';
import { listOf } from '../hosts.js';
import { commonSubcommands, type ListColumn, type ObjectKind, objectFlags, verbOn } from '../objects.js';
import { commandOf } from '../subcommands.js';

const usage = `
  Usage
    $ virtdeck pool list [--all | --inactive] [--json]
    $ virtdeck pool start NAME…
    $ virtdeck pool stop NAME…
    $ virtdeck pool refresh NAME…
    $ virtdeck pool autostart NAME on|off
    $ virtdeck pool dumpxml NAME

  The storage pools of libvirt hosts: the active ones unless told otherwise, as virsh pool-list does.
  stop is virsh's pool-destroy: the data stays, a transient pool is gone. refresh looks for volumes anew.

  Options
    --all             active and inactive pools
    --inactive        inactive pools only
    -c, --connect URI the host; may be given several times
    --json            one JSON array on standard output

  Fields of JSON; what is not known is left out
    host (what -c takes), name, uuid, active, autostart, persistent, type, path, state,
    capacity, allocation, available (bytes)

  Exit codes
    0 done   1 a host or a pool failed   2 usage

  Examples
    $ virtdeck pool list --all
    $ virtdeck pool refresh default
`;

/** Storage pools, for the commands of volumes as well. */
export const poolKind: ObjectKind<PoolListing> = {
  noun: 'pool',
  list: (hypervisor) => listOf(hypervisor.pools.list()),
  xml: (hypervisor, one) => hypervisor.pools.xml(one),
  setAutostart: (hypervisor, one, on) => hypervisor.pools.setAutostart(one, on),
};

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

const common = commonSubcommands(poolKind, describe, columns);

/** `virtdeck pool` */
export const pool = commandOf(
  'pool',
  { usage, flags: objectFlags },
  {
    list: common.list,
    start: verbOn(poolKind, 'start', 'started', (hypervisor, one) => hypervisor.pools.start(one)),
    stop: verbOn(
      poolKind,
      'stop',
      'stopped',
      (hypervisor, one) => hypervisor.pools.stop(one),
      ({ persistent }) => (persistent ? '' : ': it was transient, and is gone'),
    ),
    refresh: verbOn(poolKind, 'refresh', 'refreshed', (hypervisor, one) => hypervisor.pools.refresh(one)),
    autostart: common.autostart,
    dumpxml: common.dumpxml,
  },
);

async function describe(hypervisor: Hypervisor, listing: PoolListing) {
  const [info, xml] = await Promise.all([hypervisor.pools.info(listing), hypervisor.pools.xml(listing)]);
  const { type, path } = describePool(xml);
  return { ...listing, type, path, ...info };
}
