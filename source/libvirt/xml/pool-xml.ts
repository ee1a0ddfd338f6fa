import { pciAddress } from './device-names.js';
import { attribute, children, type Element, parseRoot, text } from './element.js';
import { document, element, type Markup, optional } from './write.js';

/** Types of pools that this program makes. */
export const poolTypes = ['dir', 'fs', 'netfs', 'logical', 'disk', 'iscsi', 'rbd', 'zfs', 'gluster'] as const;
export type PoolType = (typeof poolTypes)[number];

/** What screens need of a pool's XML. */
export interface PoolDescription {
  readonly name: string;
  /** libvirt's word; any of its types, not only those above. */
  readonly type: string;
  /** Where its volumes lie on the host. */
  readonly path: string | undefined;
  readonly source: PoolSource;
}

export interface PoolSource {
  /** Names or addresses of servers. */
  readonly hosts: readonly string[];
  /** Directory or export of a server. */
  readonly dir?: string | undefined;
  /** Devices, an iSCSI target's name, or a host adapter's. */
  readonly devices: readonly string[];
  /** Name of a volume group, a Ceph pool, a ZFS pool or a Gluster volume. */
  readonly name?: string | undefined;
  /** Of a file system or a partition table. */
  readonly format?: string | undefined;
}

/** Reads a pool's XML. Throws when it is no XML or no pool. */
export function describePool(xml: string): PoolDescription {
  const root = parseRoot(xml, 'pool');
  return {
    name: text(root, 'name') ?? '',
    type: attribute(root, 'type') ?? '',
    path: text(children(root, 'target')[0], 'path'),
    source: readSource(children(root, 'source')[0]),
  };
}

function readSource(source: Element | undefined): PoolSource {
  const known = (values: (string | undefined)[]): string[] => values.filter((value) => value !== undefined);
  return {
    hosts: known(children(source, 'host').map((host) => attribute(host, 'name'))),
    dir: attribute(children(source, 'dir')[0], 'path'),
    devices: known([
      ...children(source, 'device').map((device) => attribute(device, 'path')),
      ...children(source, 'adapter').map(adapterName),
    ]),
    name: text(source, 'name'),
    format: attribute(children(source, 'format')[0], 'type'),
  };
}

/** "host3", "fc_host 20000000c9831b4b:10000000c9831b4b", or the device on PCI that a SCSI host belongs to. */
function adapterName(adapter: Element): string | undefined {
  const port = [attribute(adapter, 'wwnn'), attribute(adapter, 'wwpn')].filter(Boolean).join(':');
  const parent = children(adapter, 'parentaddr')[0];
  const name = attribute(adapter, 'name') ?? (port || pciAddress(children(parent, 'address')[0]));
  const type = attribute(adapter, 'type');
  return attribute(adapter, 'name') ?? [type, name].filter(Boolean).join(' ');
}

/** What a person decides of a new pool; which parts a type needs is told by `poolFields`. */
export interface PoolSpec {
  readonly name: string;
  readonly type: PoolType;
  readonly path?: string | undefined;
  readonly host?: string | undefined;
  readonly dir?: string | undefined;
  readonly device?: string | undefined;
  readonly sourceName?: string | undefined;
  readonly format?: string | undefined;
}

export type PoolField = Exclude<keyof PoolSpec, 'name' | 'type'>;

/** Which parts a pool of a type needs, and which it may have, by libvirt's documents (storage.rst). */
export const poolFields: Readonly<
  Record<PoolType, { readonly needs: readonly PoolField[]; readonly may: readonly PoolField[] }>
> = {
  dir: { needs: ['path'], may: [] },
  fs: { needs: ['device', 'path'], may: ['format'] },
  netfs: { needs: ['host', 'dir', 'path'], may: ['format'] },
  logical: { needs: ['sourceName'], may: ['device'] },
  disk: { needs: ['device'], may: ['format', 'path'] },
  iscsi: { needs: ['host', 'device'], may: ['path'] },
  rbd: { needs: ['host', 'sourceName'], may: [] },
  zfs: { needs: ['sourceName'], may: ['device'] },
  gluster: { needs: ['host', 'sourceName'], may: ['dir'] },
};

/** Where volumes appear for types that have a place of their own. */
const usualPaths: Readonly<Partial<Record<PoolType, (spec: PoolSpec) => string>>> = {
  logical: ({ sourceName = '' }) => `/dev/${sourceName}`,
  disk: () => '/dev',
  iscsi: () => '/dev/disk/by-path',
};

/** The definition of a new pool. */
export function poolXml(spec: PoolSpec): string {
  const { name, type, host, dir, device, sourceName, format } = spec;
  const path = spec.path || usualPaths[type]?.(spec);
  const parts: (Markup | undefined)[] = [
    host ? element('host', { name: host }) : undefined,
    device ? element('device', { path: device }) : undefined,
    dir ? element('dir', { path: dir }) : undefined,
    optional('name', sourceName),
    format ? element('format', { type: format }) : undefined,
  ];
  const source = parts.some((part) => part !== undefined) ? element('source', {}, parts) : undefined;
  return document(
    element('pool', { type }, [
      optional('name', name),
      source,
      path ? element('target', {}, [optional('path', path)]) : undefined,
    ]),
  );
}

/** A source that the host has found for a pool of a type; every part may fill a field of the same name. */
export interface FoundSource {
  readonly host?: string | undefined;
  readonly dir?: string | undefined;
  readonly device?: string | undefined;
  readonly sourceName?: string | undefined;
  readonly format?: string | undefined;
}

/** Reads libvirt's `<sources>`. Throws when it is none. */
export function readSources(xml: string): readonly FoundSource[] {
  return children(parseRoot(xml, 'sources'), 'source').map((source) => {
    const { hosts, devices, dir, name, format } = readSource(source);
    return { host: hosts[0], device: devices[0], dir, sourceName: name, format };
  });
}
