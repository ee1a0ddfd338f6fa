import { readNetworkGuests } from '../../inventory/network-guests.js';
import { isUnsupported } from '../../libvirt/errors.js';
import type { Hypervisor } from '../../libvirt/hypervisor.js';
import { byAddress } from '../../libvirt/ip.js';
import type { DhcpLease, NetworkListing } from '../../libvirt/networks.js';
import { describeNetwork } from '../../libvirt/xml/network-xml.js';
import { jsonText } from '../../text/json.js';
import { literal } from '../../text/safe.js';
import { ExitCode } from '../command.js';
import { reportProblem } from '../failures.js';
import { listOf, onOne, wasLost } from '../hosts.js';
import { commonSubcommands, type ListColumn, type ObjectKind, objectFlags } from '../objects.js';
import { commandOf, type SubcommandContext } from '../subcommands.js';
import { table } from '../table.js';
import { reattachNetworks, startNetworks, stopNetworks } from './stop.js';

const usage = `
  Usage
    $ virtdeck net list [--all | --inactive] [--json]
    $ virtdeck net start NAME…
    $ virtdeck net stop NAME… [--yes]
    $ virtdeck net reattach NAME…
    $ virtdeck net autostart NAME on|off
    $ virtdeck net leases NAME [--json]
    $ virtdeck net dumpxml NAME

  The virtual networks of libvirt hosts: the active ones unless told otherwise, as virsh net-list does.
  stop is virsh's net-destroy. Active guests on the network lose their link, and libvirt leaves them cut off when
  it is started again: stop names them and asks first (without a terminal it wants --yes), and reattach plugs them
  into the network again while they run. A transient network is gone once it is stopped.

  Options
    --all             active and inactive networks
    --inactive        inactive networks only
    -y, --yes         stop although active guests are on it
    -c, --connect URI the host; may be given several times
    --json            one JSON array on standard output

  Fields of JSON; what is not known is left out
    list              host (what -c takes), name, uuid, active, autostart, persistent, bridge,
                      forward (its mode, or isolated), ranges (ADDRESS/PREFIX)
    leases            family (ipv4, ipv6), address, prefix, mac, hostname, clientId, interface (the bridge),
                      expires (seconds since 1970, 0: never), domain (whose card it is)

  Exit codes
    0 done   1 a host or a network failed   2 usage

  Examples
    $ virtdeck net start default
    $ virtdeck net leases default --json
`;

const kind: ObjectKind<NetworkListing> = {
  noun: 'network',
  list: (hypervisor) => listOf(hypervisor.networks.list()),
  xml: (hypervisor, network) => hypervisor.networks.xml(network),
  setAutostart: (hypervisor, network, on) => hypervisor.networks.setAutostart(network, on),
};

const columns: readonly ListColumn<Awaited<ReturnType<typeof describe>>>[] = [
  ['Name', ({ name }) => name],
  ['State', ({ active }) => (active ? 'active' : 'inactive')],
  ['Autostart', ({ autostart }) => (autostart ? 'yes' : 'no')],
  ['Persistent', ({ persistent }) => (persistent ? 'yes' : 'no')],
  ['Bridge', ({ bridge }) => bridge ?? '-'],
  ['Forward', ({ forward }) => forward],
  ['Address range', ({ ranges }) => ranges.join(', ') || '-'],
];

const common = commonSubcommands(kind, describe, columns);

/** `virtdeck net` */
export const net = commandOf(
  'net',
  { usage, flags: { ...objectFlags, yes: { type: 'boolean', shortFlag: 'y' } } },
  {
    list: common.list,
    start: startNetworks(kind),
    stop: stopNetworks(kind),
    reattach: reattachNetworks(kind),
    autostart: common.autostart,
    leases: { operands: ['NAME'], flags: ['connect', 'json'], run: leases },
    dumpxml: common.dumpxml,
  },
);

async function describe(hypervisor: Hypervisor, network: NetworkListing) {
  const facts = describeNetwork(await hypervisor.networks.xml(network));
  const ranges = facts.families.map(({ subnet, address }) =>
    subnet === undefined ? address : `${subnet.address}/${subnet.prefix}`,
  );
  return { ...network, bridge: facts.bridge, forward: facts.forward, ranges };
}

function leases([name = '']: readonly string[], context: SubcommandContext): Promise<number> {
  const about = (network: NetworkListing): string => `Failed to read the leases of network '${network.name}'`;
  return onOne(context, kind, name, about, async ({ host, object }) => {
    const code = await showLeases(host.hypervisor, object, context);
    return (await wasLost(context.io, host)) ? ExitCode.failed : code;
  });
}

async function showLeases(
  hypervisor: Hypervisor,
  network: NetworkListing,
  { io, flags }: SubcommandContext,
): Promise<number> {
  const answer = await hypervisor.networks.leases(network);
  if (isUnsupported(answer)) {
    reportProblem(io, `network '${network.name}': no leases: ${answer.reason}`);
    return ExitCode.failed;
  }
  const domains = answer.length === 0 ? new Map<string, string>() : await domainsByMac(hypervisor);
  const rows = byAddress(answer, ({ address }) => address).map((lease) => ({
    ...lease,
    domain: domains.get(lease.mac?.toLowerCase() ?? ''),
  }));
  if (flags.json) io.stdout.write(literal`${jsonText(rows, 2)}\n`);
  else {
    const cells = rows.map((row) => [
      expiry(row),
      row.mac ?? '-',
      row.family,
      `${row.address}/${row.prefix}`,
      row.hostname ?? '-',
      row.domain ?? '-',
    ]);
    io.stdout.write(
      table(['Expiry Time', 'MAC address', 'Protocol', 'IP address', 'Hostname', 'Domain'], cells),
    );
  }
  return ExitCode.ok;
}

/** As virsh prints it, in local time. */
function expiry({ expires }: DhcpLease): string {
  if (expires === 0) return 'never';
  const date = new Date(expires * 1000);
  const pad = (value: number): string => String(value).padStart(2, '0');
  const day = [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(':')}`;
}

/** Whose interface it is, by MAC address. */
async function domainsByMac(hypervisor: Hypervisor): Promise<ReadonlyMap<string, string>> {
  const guests = await readNetworkGuests(hypervisor, await hypervisor.listDomains());
  return new Map(guests.flatMap(({ mac, domain }) => (mac === undefined ? [] : [[mac, domain] as const])));
}
