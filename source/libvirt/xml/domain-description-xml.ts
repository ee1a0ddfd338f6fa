import { diskSourceName, interfaceSourceName } from './device-names.js';
import { attribute, children, type Element, parseRoot, text } from './element.js';
import { type PortForward, readForwards } from './port-forwards-xml.js';

/** Characters that are read of them: a person reads a page at most, and a host may send megabytes. */
const longestTitle = 1024;
const longestDescription = 16_384;

/** What screens need of a domain's XML; everything the XML leaves out is undefined or empty. */
export interface DomainDescription {
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** libosinfo's short id, made from the metadata's: "http://debian.org/debian/12" is "debian12". */
  readonly os: string | undefined;
  readonly interfaces: readonly DomainInterface[];
  readonly disks: readonly DomainDisk[];
  /** Ports of the host that lead to the guest, through user-mode networking. */
  readonly forwards: readonly PortForward[];
  /** It has devices of the host's, which may be network cards that the XML does not tell. */
  readonly hostDevices: boolean;
  /** It has a guest agent's channel that is not known to have nothing at its other end. */
  readonly agent: boolean;
  /** Its agent has opened the channel: told by the XML of a running domain. */
  readonly agentConnected: boolean;
}

export interface DomainInterface {
  readonly mac: string | undefined;
  /** libvirt's type of it: "network", "bridge", "user", … */
  readonly type: string;
  /** Network, bridge or device that it is plugged into; its type where there is none ("user"): `interfaceSourceName`. */
  readonly source: string;
  readonly model: string | undefined;
}

export interface DomainDisk {
  /** As the guest's bus names it, e.g. "vda". */
  readonly target: string;
  /** File, device, pool/volume, …: `diskSourceName`; undefined for an empty drive. */
  readonly source: string | undefined;
  /** What it stands on, the nearest first, as far as the XML says: that of a running domain does. */
  readonly backing: readonly string[];
  /** "disk", "cdrom", "floppy" or "lun" */
  readonly device: string;
}

/** Reads a domain's XML. Throws when it is no XML or no domain. */
export function describeDomain(xml: string): DomainDescription {
  const root = parseRoot(xml, 'domain');
  const devices = children(root, 'devices')[0];
  const states = children(devices, 'channel').flatMap(agentState);
  return {
    title: shortened(text(root, 'title'), longestTitle),
    description: shortened(text(root, 'description'), longestDescription),
    os: operatingSystem(root),
    interfaces: devices === undefined ? [] : children(devices, 'interface').map(readInterface),
    disks: devices === undefined ? [] : children(devices, 'disk').map(readDisk),
    forwards: readForwards(root),
    hostDevices: children(devices, 'hostdev').length > 0,
    agent: states.some((state) => state !== 'disconnected'),
    agentConnected: states.includes('connected'),
  };
}

function readInterface(element: Element): DomainInterface {
  return {
    mac: attribute(children(element, 'mac')[0], 'address'),
    type: attribute(element, 'type') ?? 'unknown',
    source: interfaceSourceName(element),
    model: attribute(children(element, 'model')[0], 'type'),
  };
}

function readDisk(element: Element): DomainDisk {
  return {
    target: attribute(children(element, 'target')[0], 'dev') ?? '',
    source: diskSourceName(element),
    backing: readBacking(element),
    device: attribute(element, 'device') ?? 'disk',
  };
}

function shortened(value: string | undefined, most: number): string | undefined {
  return value === undefined || value.length <= most ? value : `${value.slice(0, most)}…`;
}

/** Each `<backingStore>` holds the next one; the last one is empty. */
function readBacking(disk: Element): readonly string[] {
  const sources: string[] = [];
  // Not by recursion: nobody has bounded how many there are.
  for (let link = children(disk, 'backingStore')[0]; link; link = children(link, 'backingStore')[0]) {
    const source = diskSourceName(link);
    if (source !== undefined) sources.push(source);
  }
  return sources;
}

/** The metadata's prefix is the writer's choice: any element that ends in "libosinfo" and holds an "os". */
function operatingSystem(root: Element): string | undefined {
  const info = children(root, 'metadata')[0]?.children.find(({ name }) => /(^|:)libosinfo$/.test(name));
  const id = attribute(
    info?.children.find(({ name }) => /(^|:)os$/.test(name)),
    'id',
  );
  return id === undefined ? undefined : shortOs(id);
}

/** libosinfo's short ids are its ids' last parts put together, "rolling" left out, nearly without exception. */
function shortOs(id: string): string {
  const parts = id.replace(/^[a-z]+:\/\/[^/]*\//i, '').split('/');
  return parts.filter((part) => part !== '' && part !== 'rolling').join('');
}

/** A running domain's XML tells whether the agent has opened its end; other XML does not ("unknown"). */
function agentState(channel: Element): readonly string[] {
  const target = children(channel, 'target')[0];
  if (attribute(target, 'name') !== 'org.qemu.guest_agent.0') return [];
  return [attribute(target, 'state') ?? 'unknown'];
}
