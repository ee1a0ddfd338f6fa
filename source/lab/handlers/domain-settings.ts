import { domainEvents } from '../../wire/events.js';
import { type LabError, refuse } from '../errors.js';
import type { HandlerTable } from '../server/handler.js';
import type { Definition } from '../world/definition.js';
import type { LabDomain } from '../world/domain.js';
import { soon } from '../world/plans.js';
import type { World } from '../world/world.js';

/** virDomainModificationImpact, and the flag of memory and vCPU calls for the maximum. */
const Impact = { live: 1, config: 2, maximum: 4 } as const;
/** virDomainMetadataType */
const Metadata = { description: 0, title: 1, element: 2 } as const;
/** Seconds until a guest has given back what its balloon takes. */
const balloonTakes = 1;

/** Memory, vCPUs, titles: what may be changed of a domain in place. */
export const domainSettings: HandlerTable = {
  DOMAIN_SET_MEMORY: ({ dom, memory }, { world }) => setMemory(world, world.domain(dom), memory, Impact.live),
  DOMAIN_SET_MEMORY_FLAGS: ({ dom, memory, flags }, { world }) =>
    setMemory(world, world.domain(dom), memory, flags),
  /** Interfaces only, and nothing of them changes: where they are plugged in is not played. */
  DOMAIN_UPDATE_DEVICE_FLAGS({ dom, xml, flags }, { world }) {
    const { active } = world.domain(dom);
    if (flags & Impact.live && !active) throw refuse.invalid('domain is not running');
    if (!/^\s*<interface[\s>]/.test(xml))
      throw refuse.invalidArg('live update of this device is not supported');
  },
  DOMAIN_GET_VCPUS_FLAGS({ dom, flags }, { world }) {
    const { active, definition } = world.domain(dom);
    if (flags & Impact.live && !active) throw refuse.invalid('domain is not running');
    return { num: flags & Impact.maximum ? definition.maxVcpus : definition.vcpus };
  },
  DOMAIN_SET_VCPUS_FLAGS({ dom, nvcpus }, { world }) {
    const domain = world.domain(dom);
    const { maxVcpus } = domain.definition;
    if (nvcpus > maxVcpus) {
      throw refuse.invalidArg(
        `requested vcpus is greater than max allowable vcpus for the live domain: ${nvcpus} > ${maxVcpus}`,
      );
    }
    world.change(domain, () => {
      domain.definition.vcpus = nvcpus;
    });
  },
  DOMAIN_SET_MEMORY_STATS_PERIOD: () => ({}),
  DOMAIN_GET_METADATA({ dom, type, uri }, { world }) {
    const text = metadataText(world.domain(dom).definition, type, uri);
    if (text === undefined) throw missing(type);
    return { metadata: text };
  },
  DOMAIN_SET_METADATA({ dom, type, metadata, key, uri }, { world }) {
    const domain = world.domain(dom);
    setMetadata(domain.definition, type, metadata, key, uri);
    world.tell(domainEvents.METADATA_CHANGE, domain, { type, nsuri: uri });
  },
};

function setMemory(world: World, domain: LabDomain, memory: number, flags: number): void {
  const live = (flags & Impact.live) !== 0 || ((flags & Impact.config) === 0 && domain.active);
  if (live && !domain.active) throw refuse.invalid('domain is not running');
  const { definition } = domain;
  if (flags & Impact.maximum) {
    if (live) throw refuse.invalid('cannot resize the maximum memory on an active domain');
    definition.memory = memory;
    definition.currentMemory = Math.min(definition.currentMemory, memory);
    return;
  }
  if (memory > definition.memory) throw refuse.invalidArg('cannot set memory higher than max memory');
  if (!live || flags & Impact.config) definition.currentMemory = memory;
  if (!live) return;
  soon(world, domain, balloonTakes, () => {
    world.change(domain, () => {
      domain.balloon = memory;
    });
    world.tell(domainEvents.BALLOON_CHANGE, domain, { actual: memory });
  });
}

function metadataText(definition: Definition, type: number, uri: string | undefined): string | undefined {
  if (type === Metadata.title) return definition.title;
  if (type === Metadata.description) return definition.description;
  return definition.metadata.get(uri ?? '')?.xml;
}

function setMetadata(
  definition: Definition,
  type: number,
  text: string | undefined,
  key: string | undefined,
  uri: string | undefined,
): void {
  // An empty text takes a title or description away.
  if (type === Metadata.title) definition.title = text || undefined;
  else if (type === Metadata.description) definition.description = text || undefined;
  else if (text === undefined) definition.metadata.delete(uri ?? '');
  else definition.metadata.set(uri ?? '', { key: key ?? '', xml: withNamespace(text, key ?? '', uri ?? '') });
}

/** libvirt puts the caller's prefix and namespace on the element. */
function withNamespace(xml: string, key: string, uri: string): string {
  if (xml.includes(`xmlns:${key}=`)) return xml;
  return xml
    .replace(/^\s*<([\w.-]+)/, `<${key}:$1 xmlns:${key}="${uri}"`)
    .replace(/<\/([\w.-]+)>\s*$/, `</${key}:$1>`);
}

function missing(type: number): LabError {
  const what =
    { [Metadata.title]: 'title', [Metadata.description]: 'description' }[type] ?? 'metadata element';
  return refuse.noMetadata(`Requested ${what} is not present`);
}
