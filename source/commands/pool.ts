import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { PoolListing } from '../libvirt/storage.js';
import { describePool } from '../libvirt/xml/pool-xml.js';
import { safe } from '../text/safe.js';
import { bytes } from '../text/size.js';
import { connectFlag, ExitCode, usageError } from './command.js';
import { actOnEach, findObject, listAll, listOf, onOff, withHosts } from './objects.js';
import { commandOf, type Subcommand, type SubcommandContext } from './subcommands.js';
import { table } from './table.js';

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
  list: { operands: [], flags: ['connect', 'all', 'inactive', 'json'], run: list },
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
  autostart: { operands: ['NAME', 'on|off'], flags: ['connect'], run: autostart },
  dumpxml: { operands: ['NAME'], flags: ['connect'], run: dumpXml },
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

function list(_: readonly string[], context: SubcommandContext): Promise<number> {
  const { io, flags } = context;
  return withHosts(context, async (hosts) => {
    const { found, failed } = await listAll(context, hosts, async (hypervisor) => {
      const all = await pools(hypervisor);
      const wanted = flags.all ? all : all.filter(({ active }) => active === !flags.inactive);
      return Promise.all(wanted.map((one) => describe(hypervisor, one)));
    });
    const several = hosts.length > 1;
    const rows = found.map(({ host, object }) => ({ host: host.label, ...object }));
    rows.sort(
      (a, b) => a.host.localeCompare(b.host) || a.name.localeCompare(b.name, 'en', { numeric: true }),
    );
    if (flags.json) {
      io.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
      return failed ? ExitCode.failed : ExitCode.ok;
    }
    const titles = ['Name', 'State', 'Autostart', 'Type', 'Capacity', 'Allocation', 'Available', 'Path'];
    const size = (value: number, active: boolean): string => (active ? bytes(value) : '-');
    io.stdout.write(
      table(
        [...titles, ...(several ? ['Host'] : [])].map((title) => ({ title, align: 'left' })),
        rows.map((row) =>
          [
            row.name,
            row.state,
            row.autostart ? 'yes' : 'no',
            row.type,
            size(row.capacity, row.active),
            size(row.allocation, row.active),
            size(row.available, row.active),
            row.path ?? '-',
            ...(several ? [row.host] : []),
          ].map(safe),
        ),
      ),
    );
    return failed ? ExitCode.failed : ExitCode.ok;
  });
}

async function describe(hypervisor: Hypervisor, listing: PoolListing) {
  const [info, xml] = await Promise.all([hypervisor.pools.info(listing), hypervisor.pools.xml(listing)]);
  const { type, path } = describePool(xml);
  return { ...listing, type, path, ...info };
}

function autostart([name = '', value = '']: readonly string[], context: SubcommandContext): Promise<number> {
  const on = onOff(value);
  if (on === undefined)
    return Promise.resolve(usageError(context.io, 'pool', `autostart takes on or off, not "${safe(value)}"`));
  return actOnEach(
    context,
    'pool',
    [name],
    pools,
    'autostart pool',
    (hypervisor, one) => hypervisor.pools.setAutostart(one, on),
    (one) => `Pool '${safe(one.name)}': autostart ${value}`,
  );
}

function dumpXml([name = '']: readonly string[], context: SubcommandContext): Promise<number> {
  return withHosts(context, async (hosts) => {
    const { found } = await listAll(context, hosts, pools);
    const match = findObject(context, 'pool', name, found);
    if (match === undefined) return ExitCode.failed;
    context.io.stdout.write(await match.host.hypervisor.pools.xml(match.object));
    return ExitCode.ok;
  });
}
