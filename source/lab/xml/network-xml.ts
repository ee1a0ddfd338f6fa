import { words } from '../../text/words.js';
import { refuseNetwork as refuse } from '../errors.js';
import { macOf } from '../world/generate.js';
import {
  definitionOf,
  forwardMode,
  type NetworkDefinition,
  ownBridge,
} from '../world/networks/definition.js';
import type { Random } from '../world/random.js';
import { attribute, child, childrenOf, element, parseXml, printXml, textOf, type XmlNode } from './tree.js';

/** The elements of a network in libvirt's order; it drops all others. */
const order = words(`
  name uuid metadata forward bridge mtu mac domain dns vlan bandwidth port ip route virtualport portgroup`);

/** What libvirt fills in where a definition leaves it out. */
export interface NetworkDefaults {
  readonly random: Random;
  /** A name that no other network's bridge has. */
  freeBridge(): string;
}

/** Reads what somebody wants to define. Throws as libvirt does for what it would not take. */
export function readNetworkXml(xml: string, defaults: NetworkDefaults): NetworkDefinition {
  const root = parseXml(xml, 'network', refuse.xml);
  const name = textOf(root, 'name');
  if (name === undefined) throw refuse.xml('missing name information');
  if (/[/\n]/.test(name)) throw refuse.xml(`invalid char in name: ${name.includes('/') ? '/' : '\\n'}`);
  const uuid = textOf(root, 'uuid');
  if (uuid !== undefined && !/^[\da-f]{8}(-?[\da-f]{4}){3}-?[\da-f]{12}$/i.test(uuid)) {
    throw refuse.xml(`malformed uuid element '${uuid}'`);
  }
  return definitionOf(completeNetwork(root, defaults));
}

/** A network's element as libvirt keeps it: with UUID, bridge and MAC address, in its order. */
export function completeNetwork(root: XmlNode, { random, freeBridge }: NetworkDefaults): XmlNode {
  const given = new Map(order.map((tag) => [tag, childrenOf(root, tag)]));
  given.set('uuid', [element('uuid', {}, textOf(root, 'uuid')?.toLowerCase() ?? random.uuid())]);
  if (ownBridge.has(forwardMode(root))) {
    const bridge = child(root, 'bridge')?.attributes;
    const { name = freeBridge(), stp = 'on', delay = '0', ...rest } = bridge ?? {};
    given.set('bridge', [element('bridge', { name, ...rest, stp, delay })]);
    if (child(root, 'mac') === undefined) given.set('mac', [element('mac', { address: macOf(random) })]);
  }
  return { ...root, children: order.flatMap((tag) => given.get(tag) ?? []) };
}

/**
 * A network's XML as libvirt prints it.
 *
 * @param connections how many guests' interfaces are on it; told of a running network
 */
export function networkXml({ tree }: NetworkDefinition, connections = 0): string {
  const attributes =
    connections > 0 ? { connections: String(connections), ...tree.attributes } : tree.attributes;
  return `${printXml([{ ...tree, attributes }], 0)}\n`;
}

/** The definition that a start makes of one: NAT gets its range of ports. */
export function startedNetwork(definition: NetworkDefinition): NetworkDefinition {
  const forward = child(definition.tree, 'forward');
  if (definition.mode !== 'nat' || forward === undefined || child(forward, 'nat') !== undefined)
    return definition;
  const nat = element('nat', {}, [element('port', { start: 1024, end: 65_535 })]);
  const mode = attribute(forward, 'mode') ?? 'nat';
  const started = {
    ...forward,
    attributes: { ...forward.attributes, mode },
    children: [...forward.children, nat],
  };
  const children = definition.tree.children.map((node) => (node === forward ? started : node));
  return definitionOf({ ...definition.tree, children });
}
