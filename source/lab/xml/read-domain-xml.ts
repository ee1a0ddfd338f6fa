import { refuse } from '../errors.js';
import type { Definition, LabDisk, LabNic, MetadataElement } from '../world/definition.js';
import { macOf } from '../world/generate.js';
import { guestSystems } from '../world/guest-os.js';
import type { Random } from '../world/random.js';
import { emulators } from './capabilities-xml.js';
import { validateDomain } from './domain-schema.js';
import { libosinfo } from './domain-xml.js';
import { bytesOf } from './size.js';
import { child, element, parseXml, printXml, textOf, type XmlNode } from './tree.js';

const gib = 1024 ** 3;
/** Elements that the definition keeps by itself. */
const kept = new Set(['name', 'uuid', 'title', 'description', 'metadata', 'memory', 'currentMemory', 'vcpu']);

/** What this host can run. */
const types = ['kvm', 'qemu'];

/**
 * Reads what somebody wants to define. What they left out, the host adds: UUID, MAC addresses.
 *
 * @param validate checks it by libvirt's schema first
 */
export function readDomainXml(xml: string, random: Random, validate = false): Definition {
  const root = parseXml(xml, 'domain');
  if (validate) validateDomain(root);
  const { type } = root.attributes;
  if (type === undefined) throw refuse.internal('missing domain type attribute');
  if (!types.includes(type)) {
    throw refuse.config(`Emulator '${emulators.x86_64}' does not support virt type '${type}'`);
  }
  const text = (tag: string) => textOf(root, tag);
  const name = text('name');
  if (name === undefined) throw refuse.xml('missing name information');
  const memory = kib(child(root, 'memory'));
  if (memory === undefined) throw refuse.xml("missing element or attribute './memory'");
  const vcpu = child(root, 'vcpu');
  const maxVcpus = Math.max(1, Number(vcpu?.text) || 1);
  const devices = child(root, 'devices')?.children ?? [];
  const nics = devices.filter(({ tag }) => tag === 'interface').map((node) => readNic(node, random));
  const agentChannel = devices.some(
    (node) => node.tag === 'channel' && child(node, 'target')?.attributes.name === 'org.qemu.guest_agent.0',
  );
  const disks = devices.filter(({ tag }) => tag === 'disk').map(readDisk);
  const metadata = readMetadata(child(root, 'metadata'));
  return {
    uuid: text('uuid')?.toLowerCase() ?? random.uuid(),
    name,
    os: systemOf(metadata.get(libosinfo)),
    profile: 'periodic',
    type,
    title: text('title'),
    description: text('description'),
    metadata,
    vcpus: Math.min(maxVcpus, Number(vcpu?.attributes.current ?? maxVcpus) || maxVcpus),
    maxVcpus,
    memory,
    currentMemory: kib(child(root, 'currentMemory')) ?? memory,
    disks,
    nics,
    agentChannel,
    // An agent comes with a system: what has no disk for one has no agent either.
    agentInstalled: agentChannel && disks.some(({ device }) => device === 'disk'),
    balloon: child(child(root, 'devices'), 'memballoon')?.attributes.model !== 'none',
    nvram: hasNvram(child(root, 'os')),
    xml: restOf(root, nics),
  };
}

function kib(node: XmlNode | undefined): number | undefined {
  const bytes = bytesOf(node, 'KiB');
  return bytes === undefined ? undefined : Math.ceil(bytes / 1024);
}

function readDisk(node: XmlNode): LabDisk {
  const source = child(node, 'source')?.attributes;
  const target = child(node, 'target')?.attributes;
  return {
    target: target?.dev ?? 'vda',
    bus: target?.bus ?? 'virtio',
    device: node.attributes.device === 'cdrom' ? 'cdrom' : 'disk',
    format: child(node, 'driver')?.attributes.type === 'raw' ? 'raw' : 'qcow2',
    source: (source?.file ?? source?.dev ?? source?.volume ?? source?.name) || undefined,
    capacity: 10 * gib,
  };
}

function readNic(node: XmlNode, random: Random): LabNic {
  const source = child(node, 'source')?.attributes;
  const kind = node.attributes.type;
  return {
    mac: child(node, 'mac')?.attributes.address?.toLowerCase() ?? macOf(random),
    kind: kind === 'network' || kind === 'user' ? kind : 'bridge',
    source: source?.network ?? source?.bridge ?? source?.dev ?? '',
    model: child(node, 'model')?.attributes.type ?? 'rtl8139',
  };
}

/** libvirt finds the files of UEFI by itself, or is told them. */
function hasNvram(os: XmlNode | undefined): boolean {
  return (
    os?.attributes.firmware === 'efi' ||
    child(os, 'nvram') !== undefined ||
    child(os, 'loader')?.attributes.type === 'pflash'
  );
}

function readMetadata(node: XmlNode | undefined): Map<string, MetadataElement> {
  return new Map(
    (node?.children ?? []).map((element) => {
      const [prefix = ''] = element.tag.split(':');
      const uri = element.attributes[`xmlns:${prefix}`] ?? element.attributes.xmlns ?? prefix;
      return [uri, { key: prefix, xml: asciiXml(printXml([element], 0)) }];
    }),
  );
}

/** As libvirt prints metadata, and nothing else. */
function asciiXml(xml: string): string {
  return xml.replace(
    /[^\0-\x7f]/gu,
    (character) => `&#x${character.codePointAt(0)?.toString(16).toUpperCase()};`,
  );
}

function systemOf(osinfo: MetadataElement | undefined) {
  const id = /\bid=['"]([^'"]*)['"]/.exec(osinfo?.xml ?? '')?.[1];
  return Object.values(guestSystems).find((system) => system.id === id) ?? guestSystems.debian12;
}

/** The other elements, with the MAC addresses that were missing. */
function restOf(root: XmlNode, nics: readonly LabNic[]): string {
  let nic = 0;
  const withMac = (node: XmlNode): XmlNode => {
    if (node.tag === 'devices') return { ...node, children: node.children.map(withMac) };
    if (node.tag !== 'interface') return node;
    const address = nics[nic]?.mac ?? '';
    nic += 1;
    if (child(node, 'mac') !== undefined) return node;
    return { ...node, children: [element('mac', { address }), ...node.children] };
  };
  return printXml(root.children.filter(({ tag }) => !kept.has(tag)).map(withMac), 1);
}
