import type { Network } from '../../../inventory/object-types.js';
import type { Connection } from '../../../inventory/types.js';
import type { NetworkFamily } from '../../../libvirt/xml/network-xml.js';
import type { TableColumn } from '../../kit/table.js';
import type { Look, Part } from '../../theme/look.js';
import { factsOf } from './network-facts.js';

/** The list of networks, after virsh's net-list and virt-manager's details. */
export const networkColumns: readonly TableColumn<Network>[] = [
  { id: 'name', title: 'NAME', min: 14, max: 36, rank: 0, cell: ({ name }) => [name] },
  {
    id: 'state',
    title: 'STATE',
    min: 9,
    max: 12,
    rank: 1,
    cell: ({ active, pending }, _cells, look) => {
      if (pending !== undefined) return [`${pending}${look.glyphs.pending}`, 'accent'];
      return active ? ['active', 'good'] : ['inactive', 'faint'];
    },
  },
  { id: 'auto', title: 'AUTO', min: 4, max: 4, rank: 3, cell: ({ autostart }) => [autostart ? 'yes' : 'no'] },
  {
    id: 'forward',
    title: 'FORWARD',
    min: 8,
    max: 12,
    rank: 4,
    cell: (network) => [factsOf(network)?.forward ?? ''],
  },
  {
    id: 'bridge',
    title: 'BRIDGE',
    min: 7,
    max: 15,
    rank: 5,
    cell: (network) => [factsOf(network)?.bridge ?? ''],
  },
  {
    id: 'range',
    title: 'ADDRESS RANGE',
    min: 18,
    max: 28,
    rank: 2,
    cell: (network) => [factsOf(network)?.families.map(subnetText)[0] ?? ''],
  },
  {
    id: 'dhcp',
    title: 'DHCP',
    min: 33,
    max: 33,
    rank: 7,
    cell: (network) => [factsOf(network)?.families.flatMap(rangeTexts)[0] ?? ''],
  },
  {
    id: 'guests',
    title: 'GUESTS',
    min: 6,
    max: 6,
    rank: 6,
    align: 'right',
    cell: (network) => [network.active ? String(factsOf(network)?.connections ?? 0) : ''],
  },
];

/** The symbol before a network's name: a shape as well as a colour. */
export function networkSymbol({ active }: Network, look: Look): Part {
  return active ? [look.glyphs.state[1], 'good'] : [look.glyphs.state[5], 'faint'];
}

/** "192.168.122.0/24" */
export function subnetText({ subnet, address }: NetworkFamily): string {
  return subnet === undefined ? address : `${subnet.address}/${subnet.prefix}`;
}

/** Whole addresses: ".2 to .254" would be shorter, but wrong for larger networks. */
export function rangeTexts({ ranges }: NetworkFamily): string[] {
  return ranges.map(({ start, end }) => `${start} - ${end}`);
}

/** What there is to know of the selected network, in a few lines; its leases may be left out. */
export function networkSummary(
  network: Network,
  connection: Connection,
  leases = network.leases ?? [],
): Part[][] {
  const facts = factsOf(network);
  const state = [
    network.active ? 'active' : 'inactive',
    network.persistent ? 'persistent' : 'transient: it is gone once it stops',
    network.autostart ? 'starts with the host' : 'does not start with the host',
  ].join(', ');
  const lines: Part[][] = [[[network.name, 'title'], [`   ${state}`]]];
  if (network.error !== undefined)
    lines.push([[`Not all of it could be read: ${network.error.message}`, 'warning']]);
  else if (facts === undefined) lines.push([['Its XML is not here yet.', 'faint']]);
  if (facts === undefined) return lines;
  const device = facts.device === undefined ? '' : ` by ${facts.device}`;
  const domain = facts.domain === undefined ? '' : `   domain ${facts.domain}`;
  lines.push([[`${facts.forward}${device}   bridge ${facts.bridge ?? 'none'}${domain}`]]);
  for (const family of facts.families) {
    const ranges = rangeTexts(family);
    const dhcp = ranges.length === 0 ? 'no DHCP' : `DHCP ${ranges.join(', ')}`;
    lines.push([[`${subnetText(family)}   host ${family.address}   ${dhcp}`]]);
  }
  if (leases.length > 0) {
    const names = leases.slice(0, 12).map((lease) => lease.hostname ?? lease.address);
    lines.push([[`${leases.length} leases: ${names.join(', ')}`]]);
  }
  if (connection.status.state !== 'connected')
    lines.push([['Not connected: these are the last known values.', 'warning']]);
  return lines;
}
