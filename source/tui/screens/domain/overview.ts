import { reachOf, reachText } from '../../../inventory/domain-reach.js';
import type { Connection, Domain } from '../../../inventory/types.js';
import { stateWithReason } from '../../../libvirt/domain-state.js';
import { duration, kib, kibOf, percent } from '../../../text/units.js';
import type { Fact } from '../../kit/facts.js';

/** What a person wants to know of a domain first, in virt-manager's order. */
export function domainFacts(domain: Domain, connection: Connection, now: number): Fact[] {
  const { details } = domain;
  const facts: Fact[] = [
    ['Name', [domain.name]],
    ['Title', one(details?.title)],
    ['Description', one(details?.description)],
    ['State', [stateText(domain, now)]],
    ['UUID', [domain.uuid]],
    ['Host', [`${connection.name}  ${connection.uri}`]],
    ['OS', one(details?.os)],
    ['vCPUs', one(domain.vcpus === undefined ? undefined : vcpuText(domain))],
    ['Memory', one(memoryText(domain))],
    ['Autostart', [domain.autostart ? 'on' : 'off']],
    ['Kind', one(kindText(domain))],
    ['Addresses', addressTexts(domain)],
    ['Interfaces', (details?.interfaces ?? []).map(interfaceText)],
    ['Disks', (details?.disks ?? []).map(diskText)],
    ['Not read', one(domain.detailsError)],
  ];
  return facts.filter(([, values]) => values.length > 0);
}

function stateText(domain: Domain, now: number): string {
  const pending = domain.pending === undefined ? '' : ` (${domain.pending})`;
  const up = domain.startedAt === undefined ? '' : `, up ${duration(now - domain.startedAt)}`;
  const saved = domain.managedSave ? ', with a saved state that the next start restores' : '';
  return `${stateWithReason(domain.state, domain.reason)}${pending}${up}${saved}`;
}

function vcpuText({ vcpus, cpuGuest, cpuHost }: Domain): string {
  if (cpuGuest === undefined) return String(vcpus);
  const host = cpuHost === undefined ? '' : `, ${percent(cpuHost)} % of the host`;
  return `${vcpus}, ${percent(cpuGuest)} % busy${host}`;
}

function memoryText({ memoryUsed, memoryCurrent, memoryMaximum }: Domain): string | undefined {
  if (memoryMaximum === undefined) return undefined;
  if (memoryUsed !== undefined) return `${kibOf(memoryUsed, memoryCurrent ?? memoryMaximum).trim()} used`;
  return kib(memoryMaximum);
}

function kindText({ persistent }: Domain): string {
  return persistent ? 'persistent' : 'transient: it is gone once it stops';
}

/** All that are known; those that nobody reaches it by are marked. */
function addressTexts({ details }: Domain): string[] {
  if (details === undefined) return [];
  const texts = details.addresses.map(({ address, prefix, source, interface: name, beyond }) => {
    const from = source === 'agent' ? 'guest agent' : source === 'lease' ? 'DHCP lease' : 'ARP';
    return `${address}/${prefix}  ${name}  ${from}${beyond === undefined ? '' : `, ${beyondTexts[beyond]}`}`;
  });
  const reach = reachOf(details);
  if (reach?.kind === 'forward')
    return [`${reachText(reach)} of the host leads to its port ${reach.to}`, ...texts];
  if (reach?.kind === 'user-net') return ['none that leads to it: user-mode networking', ...texts];
  return texts;
}

const beyondTexts = {
  inner: 'within the guest only',
  'user-net': 'within user-mode networking only',
} as const;

function interfaceText({
  mac,
  source,
  model,
}: {
  mac: string | undefined;
  source: string;
  model: string | undefined;
}): string {
  return [source, mac, model].filter((part) => part !== undefined).join('  ');
}

function diskText({
  target,
  source,
  device,
}: {
  target: string;
  source: string | undefined;
  device: string;
}): string {
  return [target, device === 'disk' ? undefined : device, source ?? 'empty']
    .filter((part) => part !== undefined)
    .join('  ');
}

function one(value: string | undefined): string[] {
  return value === undefined ? [] : [value];
}
