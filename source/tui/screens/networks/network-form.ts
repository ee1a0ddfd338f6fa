import type { Network } from '../../../inventory/object-types.js';
import type { Connection } from '../../../inventory/types.js';
import { type Route, readRoutes } from '../../../libvirt/host-routes.js';
import {
  compareAddresses,
  contains,
  isAddress,
  nthAddress,
  overlaps,
  parseSubnet,
  type Subnet,
} from '../../../libvirt/ip.js';
import { forwardModes, type NetworkSpec, networkXml } from '../../../libvirt/xml/network-xml.js';
import { isLocalUri } from '../../../provision/places.js';
import type { Field, Form, Problem, Values } from '../../kit/form/form.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { factsOf } from './network-facts.js';

type Forward = (typeof forwardModes)[number];

const forwardTexts: Readonly<Record<Forward, string>> = {
  nat: 'NAT: guests reach the outside by the host',
  route: 'routed: guests are reached by their own addresses',
  open: 'open: as routed, without any firewall rules of libvirt',
  isolated: 'isolated: guests reach each other and the host',
  bridge: 'existing bridge of the host',
};

/** Linux's limit of an interface's name. */
const longestInterface = 15;

/**
 * The form of a new network.
 *
 * @param routes those of this machine, which are the host's where the connection leads to it
 */
export function networkForm(
  host: ScreenHost,
  connection: Connection,
  routes = isLocalUri(connection.uri) ? readRoutes() : [],
): Form {
  const others = connection.networks.items;
  return {
    id: `network ${connection.id}`,
    title: `New network on ${connection.name}`,
    initial: {
      name: '',
      forward: 'nat',
      bridge: '',
      device: '',
      ipv4: freeSubnet(others, routes),
      dhcp: 'yes',
      start: '',
      end: '',
      ipv6: '',
      domain: '',
      autostart: 'yes',
      started: 'yes',
    },
    action: 'Create',
    fields,
    problems: (values) => networkProblems(values, others, routes),
    preview: (values) => {
      if (networkProblems(values, others, routes).length > 0) return [];
      return networkXml(specOf(values)).trimEnd().split('\n');
    },
    submit: (values) => create(host, connection.id, values),
  };
}

function fields({ forward, dhcp, ipv4 = '' }: Values): readonly Field[] {
  const subnet = parseSubnet(ipv4);
  const name: Field = { id: 'name', label: 'Name', kind: 'text' };
  const mode: Field = {
    id: 'forward',
    label: 'Mode',
    kind: 'choice',
    choices: forwardModes.map((value) => ({ value, text: forwardTexts[value] })),
  };
  const ends: readonly Field[] = [
    { id: 'autostart', label: 'Start with the host', kind: 'toggle' },
    { id: 'started', label: 'Start now', kind: 'toggle' },
  ];
  if (forward === 'bridge')
    return [name, mode, { id: 'bridge', label: 'Bridge', kind: 'text', hint: 'e.g. br0' }, ...ends];
  const [first, last] = subnet === undefined ? ['', ''] : usualRange(subnet);
  const range: readonly Field[] =
    dhcp === 'yes'
      ? [
          { id: 'start', label: 'DHCP from', kind: 'text', hint: first && `empty: ${first}` },
          { id: 'end', label: 'DHCP to', kind: 'text', hint: last && `empty: ${last}` },
        ]
      : [];
  const tied: readonly Field[] =
    forward === 'nat' || forward === 'route'
      ? [{ id: 'device', label: 'Go out by', kind: 'text', hint: 'a host interface; empty: any' }]
      : [];
  return [
    name,
    mode,
    { id: 'ipv4', label: 'IPv4 network', kind: 'text', hint: 'e.g. 192.168.100.0/24; empty: none' },
    { id: 'dhcp', label: 'DHCP', kind: 'toggle' },
    ...range,
    { id: 'ipv6', label: 'IPv6 network', kind: 'text', hint: 'e.g. fd00:100::/64; empty: none' },
    { id: 'domain', label: 'DNS domain', kind: 'text', hint: 'empty: none' },
    ...tied,
    { id: 'bridge', label: 'Bridge name', kind: 'text', hint: 'empty: libvirt finds one' },
    ...ends,
  ];
}

/** All that is wrong with what was entered, as far as it can be known without asking libvirt. */
export function networkProblems(
  values: Values,
  others: readonly Network[],
  routes: readonly Route[] = [],
): readonly Problem[] {
  const { name = '', forward, bridge = '', ipv4 = '', ipv6 = '', device = '', domain = '' } = values;
  const problems: Problem[] = [];
  const wrong = (field: string, message: string): void => void problems.push({ field, message });
  if (name === '') wrong('name', 'give it a name');
  else if (name.includes('/')) wrong('name', 'libvirt takes no slash in the name of a network');
  else if (others.some((other) => other.name === name)) wrong('name', `there is a network ${name} already`);
  for (const [field, value] of [
    ['bridge', bridge],
    ['device', device],
  ] as const) {
    if (value.length > longestInterface || /[\s/]/.test(value))
      wrong(field, `an interface has at most ${longestInterface} characters, without spaces and slashes`);
  }
  if (forward === 'bridge') {
    if (bridge === '') wrong('bridge', 'name the bridge of the host');
    return problems;
  }
  const owner = others.find((other) => bridge !== '' && factsOf(other)?.bridge === bridge);
  if (owner !== undefined) wrong('bridge', `${bridge} belongs to the network ${owner.name}`);
  if (domain !== '' && !/^[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i.test(domain))
    wrong('domain', 'write it like lab.example: letters, digits, dashes and dots');
  problems.push(...subnetProblems('ipv4', ipv4, others), ...subnetProblems('ipv6', ipv6, others));
  if (!problems.some(({ field }) => field === 'ipv4')) problems.push(...routeProblems(ipv4, others, routes));
  if (values.dhcp === 'yes') problems.push(...rangeProblems(values));
  return problems;
}

function subnetProblems(field: 'ipv4' | 'ipv6', text: string, others: readonly Network[]): Problem[] {
  if (text.trim() === '') return [];
  const example = field === 'ipv4' ? '192.168.100.0/24' : 'fd00:100::/64';
  const subnet = parseSubnet(text);
  if (subnet === undefined || subnet.family !== field)
    return [{ field, message: `"${text}" is no network: write it like ${example}` }];
  const most = field === 'ipv4' ? 30 : 126;
  if (subnet.prefix > most || subnet.prefix < 8)
    return [{ field, message: `/${subnet.prefix} leaves no sensible number of addresses for guests` }];
  if (field === 'ipv6' && subnet.prefix !== 64)
    return [{ field, message: 'libvirt hands out IPv6 addresses in networks of /64 only' }];
  for (const other of others) {
    const families = factsOf(other)?.families ?? [];
    const met = families.find((family) => family.subnet !== undefined && overlaps(family.subnet, subnet));
    if (met?.subnet !== undefined)
      return [
        { field, message: `${met.subnet.address}/${met.subnet.prefix} belongs to the network ${other.name}` },
      ];
  }
  return [];
}

/** A subnet that the host already routes elsewhere: host and guests could not reach each other. */
function routeProblems(text: string, others: readonly Network[], routes: readonly Route[]): Problem[] {
  const subnet = parseSubnet(text);
  const bridges = others.map((other) => factsOf(other)?.bridge);
  const met = routes.find(({ device, subnet: known }) => {
    const reached = parseSubnet(known);
    return (
      subnet !== undefined && reached !== undefined && !bridges.includes(device) && overlaps(reached, subnet)
    );
  });
  return met === undefined
    ? []
    : [{ field: 'ipv4', message: `the host reaches ${met.subnet} by ${met.device} already` }];
}

function rangeProblems({ ipv4 = '', start = '', end = '' }: Values): Problem[] {
  const subnet = parseSubnet(ipv4);
  if (subnet === undefined) return ipv4.trim() === '' && start + end !== '' ? [noSubnet] : [];
  const problems: Problem[] = [];
  for (const [field, address] of [
    ['start', start],
    ['end', end],
  ] as const) {
    if (address === '') continue;
    if (!isAddress(address, 'ipv4')) problems.push({ field, message: `"${address}" is no IPv4 address` });
    else if (!contains(subnet, address))
      problems.push({ field, message: `${address} is outside of ${subnet.address}/${subnet.prefix}` });
  }
  if (problems.length > 0) return problems;
  const [from, to] = rangeOf(subnet, start, end);
  return compareAddresses(from, to) > 0
    ? [{ field: 'end', message: `the range ends at ${to}, before it begins at ${from}` }]
    : [];
}

const noSubnet: Problem = { field: 'start', message: 'DHCP needs an IPv4 network' };

/** All addresses of guests: not the network's, the host's and the broadcast's. */
function usualRange(subnet: Subnet): readonly [first: string, last: string] {
  return [nthAddress(subnet, 2), nthAddress(subnet, -2)];
}

function rangeOf(subnet: Subnet, start: string, end: string): readonly [first: string, last: string] {
  const [first, last] = usualRange(subnet);
  return [start || first, end || last];
}

function specOf(values: Values): NetworkSpec {
  const { name = '', bridge, device, domain, ipv4 = '', ipv6 = '', start = '', end = '' } = values;
  const forward = values.forward as Forward;
  if (forward === 'bridge') return { name, forward, bridge };
  const v4 = parseSubnet(ipv4);
  const v6 = parseSubnet(ipv6);
  const [first, last] = v4 === undefined ? ['', ''] : rangeOf(v4, start, end);
  return {
    name,
    forward,
    bridge,
    domain,
    device: forward === 'nat' || forward === 'route' ? device : undefined,
    families: [
      ...(v4 === undefined
        ? []
        : [{ subnet: v4, range: values.dhcp === 'yes' ? { start: first, end: last } : undefined }]),
      ...(v6 === undefined
        ? []
        : [
            {
              subnet: v6,
              range:
                values.dhcp === 'yes'
                  ? { start: nthAddress(v6, 0x100), end: nthAddress(v6, 0x1ff) }
                  : undefined,
            },
          ]),
    ],
  };
}

function create(host: ScreenHost, connectionId: string, values: Values) {
  const { name = '' } = values;
  return host.inventory.operate(connectionId, {
    pending: 'creating',
    done: `network ${name}: created${values.started === 'yes' ? ' and started' : ''}`,
    failed: `network ${name}: create failed`,
    call: async ({ networks }) => {
      const made = await networks.define(networkXml(specOf(values)));
      try {
        if (values.started === 'yes') await networks.start(made);
        if (values.autostart === 'yes') await networks.setAutostart(made, true);
      } catch (error) {
        // A network that does not start is removed again; the form is still open with everything entered.
        await networks.undefine(made).catch(() => {});
        throw error;
      }
    },
  });
}

/** The first free 192.168.x.0/24, from x = 100, that no network and no route of the host uses. */
function freeSubnet(others: readonly Network[], routes: readonly Route[]): string {
  const taken = [
    ...others.flatMap((other) => factsOf(other)?.families.map(({ subnet }) => subnet) ?? []),
    ...routes.map(({ subnet }) => parseSubnet(subnet)),
  ];
  for (let third = 100; third < 255; third += 1) {
    const subnet: Subnet = { family: 'ipv4', address: `192.168.${third}.0`, prefix: 24 };
    if (!taken.some((other) => other !== undefined && overlaps(other, subnet)))
      return `192.168.${third}.0/24`;
  }
  return '';
}
