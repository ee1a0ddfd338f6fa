import { XmlFlag } from '../../libvirt/constants.js';
import { checkNames, refuse } from '../errors.js';
import type { Call, HandlerTable } from '../server/handler.js';
import type { LabDomain } from '../world/domain.js';
import { start, tellLifecycle } from '../world/power.js';
import type { World } from '../world/world.js';
import { domainXml } from '../xml/domain-xml.js';
import { readDomainXml } from '../xml/read-domain-xml.js';
import { startOptions } from './domain-power.js';
import { checkFlags } from './flags.js';

/** virDomainDefineFlags */
const DefineFlag = { validate: 1 } as const;
/** virDomainUndefineFlagsValues. Snapshots and checkpoints: no domain has any yet. */
const UndefineFlag = {
  managedSave: 1,
  snapshots: 2,
  nvram: 4,
  keepNvram: 8,
  checkpoints: 16,
  tpm: 32,
  keepTpm: 64,
} as const;
const undefineFlags = Object.values(UndefineFlag).reduce((all, flag) => all | flag, 0);

/** What domains are: XML, definition, autostart. */
export const domainDefinition: HandlerTable = {
  DOMAIN_GET_XML_DESC({ dom, flags }, { world }) {
    const live = (flags & XmlFlag.inactive) === 0;
    const { networks, storage } = world;
    return {
      xml: domainXml(world.domain(dom), live, {
        bridgeOf: (name) => networks.running(name)?.bridge,
        backingOf: (path) => storage.backingChain(path),
      }),
    };
  },
  DOMAIN_DEFINE_XML: ({ xml }, call) => define(xml, 0, call),
  DOMAIN_DEFINE_XML_FLAGS: ({ xml, flags }, call) => define(xml, flags, call),
  DOMAIN_CREATE_XML({ xml_desc, flags }, { world }) {
    const definition = read(xml_desc, world, false);
    const known = sameDomain(world, definition);
    if (known?.active)
      throw refuse.failed(`domain '${known.name}' is already active with uuid ${known.uuid}`);
    const domain = known ?? world.add(definition);
    if (known === undefined) domain.persistent = false;
    start(world, domain, startOptions(flags));
    return { dom: domain.wire };
  },
  DOMAIN_UNDEFINE: ({ dom }, { world }) => undefine(world, world.domain(dom), 0),
  DOMAIN_UNDEFINE_FLAGS: ({ dom, flags }, { world }) => undefine(world, world.domain(dom), flags),
  DOMAIN_GET_AUTOSTART: ({ dom }, { world }) => ({ autostart: Number(world.domain(dom).autostart) }),
  DOMAIN_SET_AUTOSTART({ dom, autostart }, { world }) {
    const domain = world.domain(dom);
    if (!domain.persistent) throw refuse.invalid('cannot set autostart for transient domain');
    domain.autostart = autostart !== 0;
  },
};

function define(xml: string, flags: number, { world }: Call) {
  checkFlags(flags, DefineFlag.validate, 'qemuDomainDefineXMLFlags');
  const definition = read(xml, world, (flags & DefineFlag.validate) !== 0);
  const known = sameDomain(world, definition);
  if (known === undefined) {
    const domain = world.add(definition);
    tellLifecycle(world, domain, 'definedAdded');
    return { dom: domain.wire };
  }
  const wasPersistent = known.persistent;
  known.persistent = true;
  world.redefine(known, definition);
  tellLifecycle(world, known, wasPersistent ? 'definedUpdated' : 'definedAdded');
  return { dom: known.wire };
}

/** What somebody wants to define; disks on volumes are as large as those. */
function read(xml: string, world: World, validate: boolean) {
  const definition = readDomainXml(xml, world.random, validate);
  for (const disk of definition.disks) {
    const found = disk.source === undefined ? undefined : world.storage.volumeAt(disk.source);
    if (found !== undefined) disk.capacity = found.volume.capacity;
  }
  return definition;
}

/** The domain that a definition is for; its UUID and its name must not be those of two. */
function sameDomain(world: World, wanted: { uuid: string; name: string }): LabDomain | undefined {
  const known = world.domains.get(wanted.uuid);
  checkNames('domain', wanted, known, world.domainByName(wanted.name), refuse.failed);
  return known;
}

function undefine(world: World, domain: LabDomain, flags: number): void {
  checkFlags(flags, undefineFlags, 'qemuDomainUndefineFlags');
  const { managedSave, nvram, keepNvram } = UndefineFlag;
  if (flags & nvram && flags & keepNvram) {
    throw refuse.invalidArg(
      "flags 'VIR_DOMAIN_UNDEFINE_NVRAM' and 'VIR_DOMAIN_UNDEFINE_KEEP_NVRAM' in function 'qemuDomainUndefineFlags' are mutually exclusive",
    );
  }
  if (!domain.persistent) throw refuse.invalid('cannot undefine transient domain');
  if (domain.managedSave && (flags & managedSave) === 0) {
    throw refuse.invalid('Refusing to undefine while domain managed save image exists');
  }
  if (domain.hasNvram && (flags & (nvram | keepNvram)) === 0) {
    throw refuse.invalid('cannot undefine domain with nvram');
  }
  if (flags & nvram) domain.hasNvram = false;
  domain.managedSave = false;
  domain.autostart = false;
  domain.persistent = false;
  tellLifecycle(world, domain, 'undefinedRemoved');
  // A running domain lives on as a transient one.
  if (!domain.active) world.remove(domain);
}
