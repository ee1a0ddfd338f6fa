import { dataFor } from '../../text/safe.js';
import { type Command, type CommandArgs, type CommandIo, connectFlag, ExitCode } from '../command.js';
import { chooseConnections } from '../connections.js';
import { reportError, usageError } from '../failures.js';
import { askHosts, closeHosts, openHosts, wasLost } from '../hosts.js';
import { formatCsv, formatJson, formatNames, formatTable } from './formats.js';
import { type ListOptions, readRows } from './rows.js';

const usage = `
  Usage
    $ virtdeck list [options]

  Lists the domains of one or more libvirt hosts, the running ones unless told otherwise, as virsh does.

  Options
    --all             active and inactive domains
    --inactive        inactive domains only
    -c, --connect URI the host; may be given several times
                      (else VIRSH_DEFAULT_CONNECT_URI or LIBVIRT_DEFAULT_URI, else the settings' connections,
                      else uri_default of libvirt.conf, else qemu:///system, else qemu:///session)
    --json            one JSON array on standard output
    --csv             comma-separated, with a header line
    --name            names only, one a line
    --interval S      measure CPU % over S seconds; 0 does not measure
                      (default: 0.2 on a terminal, else 0)
    --[no-]address    ask for addresses of running domains, the guest agent first, then the lease
                      (default: up to 32 running domains a host)

  Drivers without statistics (LXC, test) are asked domain by domain for vCPUs, memory and CPU time, up to 100 a host.

  Fields of JSON and CSV; what is not known is null, or an empty cell
    connection        its URI or name, which -c takes
    id, name, uuid, state, reason (as virsh domstate --reason), vcpus
    cpuPercent        of its own vCPUs, with --interval; cpuTimeNs since it was started
    memoryUsedKiB     as the guest sees it; memoryKiB that it has, maxMemoryKiB that it may have
    address           with addressSource (agent, lease)
    reach             address, forward or user-net; forward is the HOST:PORT that leads to it

  Exit codes
    0 listed   1 a host failed (the others are listed)   2 usage

  Examples
    $ virtdeck list --all
    $ virtdeck list -c qemu:///system -c qemu:///session --json
`;

/** `virtdeck list` */
export const list: Command = {
  usage,
  flags: {
    ...connectFlag,
    all: { type: 'boolean' },
    inactive: { type: 'boolean' },
    json: { type: 'boolean' },
    csv: { type: 'boolean' },
    name: { type: 'boolean' },
    interval: { type: 'number' },
    address: { type: 'boolean' },
  },
  run,
};

async function run({ input, flags }: CommandArgs, io: CommandIo): Promise<number> {
  const problem = checkUsage(input, flags);
  if (problem !== undefined) return usageError(io, 'list', problem);
  const options: ListOptions = {
    which: flags.all ? 'all' : flags.inactive ? 'inactive' : 'active',
    details: flags.name !== true,
    interval: Number(flags.interval ?? (io.stdout.isTTY ? 0.2 : 0)),
    addresses: typeof flags.address === 'boolean' ? flags.address : 'few',
  };
  const connections = await chooseConnections(flags.connect, io);
  const { hosts, refused } = await openHosts(connections, io);
  try {
    const { answers, refused: silent } = await askHosts(hosts, ({ hypervisor, label }) =>
      readRows(hypervisor, label, options),
    );
    // Half of a list would be taken for the whole.
    io.signal?.throwIfAborted();
    const rows = answers.flatMap(({ answer }) => answer);
    const format = flags.json ? formatJson : flags.csv ? formatCsv : flags.name ? formatNames : formatTable;
    // An empty table beside the error of the only host would read as "this host has no domains".
    if (answers.length > 0 || format !== formatTable) {
      const several = connections.length > 1;
      io.stdout.write(dataFor(io.stdout, format(rows, { severalHosts: several })));
    }
    // Below the list: a long one would hide it.
    for (const { label, error } of [...refused, ...silent]) reportError(io, label, error);
    const lost = await Promise.all(answers.map(({ host }) => wasLost(io, host)));
    return refused.length + silent.length > 0 || lost.includes(true) ? ExitCode.failed : ExitCode.ok;
  } finally {
    await closeHosts(hosts);
  }
}

function checkUsage(input: readonly string[], flags: CommandArgs['flags']): string | undefined {
  if (input.length > 0) return `unexpected argument "${input[0]}"`;
  const formats = ['json', 'csv', 'name'].filter((name) => flags[name] === true);
  if (formats.length > 1) return `--${formats.join(' and --')} exclude each other`;
  if (flags.all && flags.inactive) return '--all and --inactive exclude each other';
  const interval = flags.interval;
  if (interval !== undefined && !(Number(interval) >= 0 && Number(interval) <= 60)) {
    return '--interval takes 0 to 60 seconds';
  }
  return undefined;
}
