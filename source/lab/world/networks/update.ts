import { words } from '../../../text/words.js';
import { refuseNetwork as refuse } from '../../errors.js';
import { attribute, child, childrenOf, element, type XmlNode } from '../../xml/tree.js';
import { formatAddress } from './address.js';
import {
  type DhcpHost,
  definitionOf,
  type IpBlock,
  type NetworkDefinition,
  readHost,
  readRange,
} from './definition.js';

/** virNetworkUpdateCommand */
const Command = { modify: 1, delete: 2, addLast: 3, addFirst: 4 } as const;
/** virNetworkUpdateSection, by libvirt's words. */
const sectionNames = words(`
  none bridge domain ip ip-dhcp-host ip-dhcp-range forward forward-interface forward-pf portgroup dns-host
  dns-txt dns-srv`);

/** One call of virNetworkUpdate. */
export interface NetworkChange {
  readonly command: number;
  readonly section: number;
  /** Which <ip> element; -1: libvirt finds it. */
  readonly parentIndex: number;
  readonly element: XmlNode;
}

/** What a section is made of: the element's name, where it lies, and how two of them compare. */
interface Section {
  readonly tag: string;
  apply(definition: NetworkDefinition, change: NetworkChange): XmlNode;
}

const sections: Readonly<Record<string, Section>> = {
  'ip-dhcp-host': { tag: 'host', apply: changeHosts },
  'ip-dhcp-range': { tag: 'range', apply: changeRanges },
  'dns-host': { tag: 'host', apply: changeDnsHosts },
};

/** The definition that a change makes of another. Throws as libvirt does, word by word. */
export function updatedNetwork(definition: NetworkDefinition, change: NetworkChange): NetworkDefinition {
  const name = sectionNames[change.section] ?? String(change.section);
  const section = sections[name];
  if (section === undefined) {
    throw refuse.unsupported(`can't update '${name}' section of network '${definition.name}'`);
  }
  const { tag } = change.element;
  if (tag !== section.tag) {
    throw refuse.xml(
      `unexpected element <${tag}>, expecting <${section.tag}>, while updating network '${definition.name}'`,
    );
  }
  return definitionOf(section.apply(definition, change));
}

function changeHosts(definition: NetworkDefinition, change: NetworkChange): XmlNode {
  const { name } = definition;
  const { ip, node } = blockAt(definition, change.parentIndex);
  const host = readHost(change.element);
  checkHost(host, change, ip, name);
  const same = (other: DhcpHost) =>
    equal(host.mac, other.mac) || equal(host.name, other.name) || equal(ipOf(host), ipOf(other));
  const within = (other: DhcpHost) =>
    (host.mac === undefined || other.mac === undefined || host.mac === other.mac) &&
    (host.name === undefined || host.name === other.name) &&
    (host.address === undefined || ipOf(host) === ipOf(other));
  const words = `mac='${host.mac ?? 'unknown'}'`;
  return replaceDhcp(definition, node, 'host', (hosts) =>
    edited(hosts, change, (other) => (change.command === Command.delete ? within : same)(readHost(other)), {
      exists: `there is an existing dhcp host entry in network '${name}' that matches "<host ${words} name='${host.name ?? '(null)'}' ip='${ipOf(host)}'/>"`,
      missing:
        change.command === Command.delete
          ? `couldn't locate a matching dhcp host entry in network '${name}'`
          : `couldn't locate an existing dhcp host entry with "${words}" "name='${host.name ?? '(null)'}'" "ip='${ipOf(host)}'" in network '${name}'`,
    }),
  );
}

function checkHost(host: DhcpHost, { command, element }: NetworkChange, ip: IpBlock, network: string): void {
  const text = attribute(element, 'ip');
  if (host.mac !== undefined && ip.family === 'ipv6') {
    throw refuse.xml(
      `Invalid to specify MAC address '${host.mac}' in network '${network}' IPv6 static host definition`,
    );
  }
  if (host.mac !== undefined && !/^([\da-f]{1,2}:){5}[\da-f]{1,2}$/.test(host.mac)) {
    throw refuse.xml(`Cannot parse MAC address '${host.mac}' in network '${network}'`);
  }
  if (text !== undefined && host.address === undefined) {
    throw refuse.xml(`Invalid IP address in static host definition for network '${network}'`);
  }
  const named = host.name !== undefined || (ip.family === 'ipv6' ? host.id : host.mac) !== undefined;
  if (command === Command.delete) {
    if (named || host.address !== undefined) return;
    throw refuse.xml(
      `At least one of name, mac, or ip attribute must be specified for static host definition in network '${network}' `,
    );
  }
  if (!named) {
    throw refuse.xml(
      ip.family === 'ipv6'
        ? `Static host definition in IPv6 network '${network}' must have id or name attribute`
        : `Static host definition in IPv4 network '${network}' must have mac or name attribute`,
    );
  }
  if (host.address === undefined) {
    throw refuse.xml(`Missing IP address in static host definition for network '${network}'`);
  }
  if (host.address.family !== ip.family) {
    throw refuse.invalid(
      "the address family of a host entry IP must match the address family of the dhcp element's parent",
    );
  }
}

function changeRanges(definition: NetworkDefinition, change: NetworkChange): XmlNode {
  const { name } = definition;
  const { ip, node } = blockAt(definition, change.parentIndex);
  const range = readRange(change.element, ip, name);
  if (change.command === Command.modify) {
    throw refuse.unsupported('dhcp ranges cannot be modified, only added or deleted');
  }
  const [start, end] = [formatAddress(range.start), formatAddress(range.end)];
  const same = (other: XmlNode) => attribute(other, 'start') === start && attribute(other, 'end') === end;
  return replaceDhcp(definition, node, 'range', (ranges) =>
    edited(ranges, change, same, {
      exists: `there is an existing dhcp range entry in network '${name}' that matches "<range start='${start}' end='${end}'/>"`,
      missing: `couldn't locate a matching dhcp range entry in network '${name}'`,
    }),
  );
}

function changeDnsHosts({ tree, name }: NetworkDefinition, change: NetworkChange): XmlNode {
  if (change.command === Command.modify) {
    throw refuse.unsupported('DNS HOST records cannot be modified, only added or deleted');
  }
  const namesOf = (node: XmlNode) => childrenOf(node, 'hostname').map(({ text }) => text);
  const names = namesOf(change.element);
  const same = (other: XmlNode) =>
    equal(attribute(change.element, 'ip'), attribute(other, 'ip')) ||
    namesOf(other).some((hostname) => names.includes(hostname));
  const dns = child(tree, 'dns') ?? element('dns');
  const hosts = edited(childrenOf(dns, 'host'), change, same, {
    exists: `there is already at least one DNS HOST record with a matching field in network ${name}`,
    missing: `couldn't locate a matching DNS HOST record in network ${name}`,
  });
  const children = [...dns.children.filter(({ tag }) => tag !== 'host'), ...hosts];
  return replaceChild(tree, 'dns', children.length === 0 ? undefined : { ...dns, children });
}

/** The list that a command makes of another; `same` finds what it is about. */
function edited(
  list: readonly XmlNode[],
  { command, element }: NetworkChange,
  same: (other: XmlNode) => boolean,
  words: { readonly exists: string; readonly missing: string },
): XmlNode[] {
  const index = list.findIndex(same);
  if (command === Command.addFirst || command === Command.addLast) {
    if (index >= 0) throw refuse.invalid(words.exists);
    return command === Command.addFirst ? [element, ...list] : [...list, element];
  }
  if (command !== Command.modify && command !== Command.delete) {
    throw refuse.invalidArg(`unrecognized network update command code ${command}`);
  }
  if (index < 0) throw refuse.invalid(words.missing);
  return list.flatMap((node, at) => (at !== index ? [node] : command === Command.modify ? [element] : []));
}

/** The <ip> element that a change is for: the one with DHCP when nobody says which. */
function blockAt({ tree, ips, name }: NetworkDefinition, index: number): { ip: IpBlock; node: XmlNode } {
  const nodes = childrenOf(tree, 'ip');
  const withDhcp = ips.findIndex(({ ranges, hosts }) => ranges.length + hosts.length > 0);
  const found = index >= 0 ? index : Math.max(0, withDhcp);
  const [ip, node] = [ips[found], nodes[found]];
  if (ip !== undefined && node !== undefined) return { ip, node };
  const where = index >= 0 ? ` at index ${index}` : '';
  throw refuse.invalid(
    `couldn't update dhcp host entry - no <ip> element found${where} in network '${name}'`,
  );
}

/** The network with other <range> or <host> elements in one of its <ip>. */
function replaceDhcp(
  { tree }: NetworkDefinition,
  ip: XmlNode,
  tag: 'range' | 'host',
  edit: (list: readonly XmlNode[]) => XmlNode[],
): XmlNode {
  const dhcp = child(ip, 'dhcp') ?? element('dhcp');
  const lists = { range: childrenOf(dhcp, 'range'), host: childrenOf(dhcp, 'host') };
  lists[tag] = edit(lists[tag]);
  const rest = dhcp.children.filter((node) => node.tag !== 'range' && node.tag !== 'host');
  const children = [...lists.range, ...lists.host, ...rest];
  const changed = replaceChild(ip, 'dhcp', children.length === 0 ? undefined : { ...dhcp, children });
  return { ...tree, children: tree.children.map((node) => (node === ip ? changed : node)) };
}

/** An element whose child of this name is another, or gone. A new <dns> stands before <ip>. */
function replaceChild(parent: XmlNode, tag: string, replacement: XmlNode | undefined): XmlNode {
  const index = parent.children.findIndex((node) => node.tag === tag);
  const first = parent.children.findIndex((node) => node.tag === 'ip');
  const at = index >= 0 ? index : first >= 0 ? first : parent.children.length;
  const children = [...parent.children];
  children.splice(at, index >= 0 ? 1 : 0, ...(replacement === undefined ? [] : [replacement]));
  return { ...parent, children };
}

function ipOf({ address }: DhcpHost): string {
  return address === undefined ? 'unknown' : formatAddress(address);
}

function equal(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one !== 'unknown' && one === other;
}
