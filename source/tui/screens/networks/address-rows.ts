import type { NetworkGuest } from '../../../inventory/network-guests.js';
import type { Network } from '../../../inventory/object-types.js';
import type { Connection } from '../../../inventory/types.js';
import { byAddress, contains } from '../../../libvirt/ip.js';
import type { DhcpLease } from '../../../libvirt/networks.js';
import type { StaticHost } from '../../../libvirt/xml/network-xml.js';
import { duration } from '../../../text/units.js';
import type { TableColumn } from '../../kit/table.js';
import { factsOf } from './network-facts.js';

/** A row of the list: a lease, a reserved address, a guest, or all three in one. */
export interface AddressRow {
  readonly key: string;
  /** Empty for a guest of which no address is known. */
  readonly address: string;
  readonly mac: string | undefined;
  readonly name: string;
  /** The domain it belongs to, where the MAC address tells. */
  readonly domain: string;
  readonly lease: DhcpLease | undefined;
  readonly host: StaticHost | undefined;
  /** Of the <ip> element that the static host is in, or would be. */
  readonly parentIndex: number;
}

export function addressColumns(now: number): readonly TableColumn<AddressRow>[] {
  return [
    {
      id: 'address',
      title: 'ADDRESS',
      min: 15,
      max: 39,
      rank: 0,
      cell: ({ address }) => (address === '' ? ['no address yet', 'faint'] : [address]),
    },
    { id: 'mac', title: 'MAC', min: 17, max: 17, rank: 1, cell: ({ mac }) => [mac ?? ''] },
    { id: 'domain', title: 'DOMAIN', min: 12, max: 30, rank: 2, cell: ({ domain }) => [domain] },
    { id: 'hostname', title: 'HOSTNAME', min: 12, max: 30, rank: 4, cell: ({ name }) => [name] },
    {
      id: 'kept',
      title: 'KEPT',
      min: 6,
      max: 6,
      rank: 5,
      cell: ({ host }) => (host === undefined ? [''] : ['static', 'accent']),
    },
    {
      id: 'lease',
      title: 'LEASE',
      min: 12,
      max: 18,
      rank: 3,
      cell: ({ lease }, _cells, look) => [lease === undefined ? look.glyphs.unknown : leaseText(lease, now)],
    },
  ];
}

function leaseText({ expires }: DhcpLease, now: number): string {
  if (expires === 0) return 'without end';
  const left = expires * 1000 - now;
  return left <= 0 ? 'expired' : `${duration(left)} left`;
}

export function emptyText({ active }: Network): string {
  return active ? 'No guest has an address yet, and none is kept.' : 'No address is kept for a guest.';
}

/** Leases, static hosts and guests as one list with a row per interface. Linear in their number. */
export function addressRows(
  network: Network,
  connection: Connection,
  guests: readonly NetworkGuest[],
): readonly AddressRow[] {
  const { families = [], bridge } = factsOf(network) ?? {};
  const statics = families.flatMap(({ hosts }, parentIndex) => hosts.map((host) => ({ host, parentIndex })));
  const kept = new Map(statics.map((one) => [one.host.ip, one.host]));
  const byMac = new Map(guests.map(({ mac = '', domain }) => [mac, domain]));
  const names = new Set([...connection.domains.values()].map(({ name }) => name));
  // A guest's hostname is usually its domain's name; undefined where no domain has that name.
  const domainOf = (mac = '', hostname = ''): string =>
    byMac.get(mac.toLowerCase()) ?? (names.has(hostname) ? hostname : '');
  const leases = (network.leases ?? []).map(
    (lease): AddressRow => ({
      key: `${lease.address} ${lease.mac ?? ''}`,
      address: lease.address,
      mac: lease.mac,
      name: lease.hostname ?? '',
      domain: domainOf(lease.mac, lease.hostname),
      lease,
      host: kept.get(lease.address),
      // Asked for one row at a time.
      get parentIndex() {
        return parentOf(network, lease.address);
      },
    }),
  );
  const leased = new Set(leases.map(({ address }) => address));
  const rest = statics
    .filter(({ host }) => !leased.has(host.ip))
    .map(({ host, parentIndex }): AddressRow => {
      const { ip, mac, name = '' } = host;
      const domain = domainOf(mac, name);
      return { key: `${ip} static`, address: ip, mac, name, domain, lease: undefined, host, parentIndex };
    });
  const known = new Set([...leases, ...rest].map(({ mac }) => mac?.toLowerCase()));
  const without = guests
    .filter(({ source, mac }) => (source === network.name || source === bridge) && !known.has(mac))
    .map(({ domain, mac }): AddressRow => {
      const key = `${domain} ${mac ?? ''}`;
      return { key, address: '', mac, name: '', domain, lease: undefined, host: undefined, parentIndex: -1 };
    })
    .sort((a, b) => a.domain.localeCompare(b.domain, 'en', { numeric: true }));
  return [...byAddress([...leases, ...rest], ({ address }) => address), ...without];
}

/** The <ip> that an address lies in; -1 lets libvirt find it. */
export function parentOf(network: Network, address: string): number {
  const families = factsOf(network)?.families ?? [];
  return families.findIndex(({ subnet }) => subnet !== undefined && contains(subnet, address));
}
