import { attribute, children, type Element } from './element.js';

/** Where a disk's file, device, folder, export or socket stands; one of them. virsh looks in these. */
const diskNames = ['file', 'dev', 'dir', 'name', 'path'];
/** What an interface is plugged into; a running one on a network names its bridge as well. */
const interfaceNames = ['network', 'bridge', 'dev', 'name', 'path'];

/**
 * What a disk (or what it stands on) is made of, as `virsh domblklist` names it: a file, a device, an export,
 * "nvme://0000:01:00.0/1"; "pool/volume" for a volume; an export without a name by its server. Undefined: an empty drive.
 */
export function diskSourceName(disk: Element): string | undefined {
  const source = children(disk, 'source')[0];
  const pool = attribute(source, 'pool');
  const volume = attribute(source, 'volume');
  if (pool !== undefined && volume !== undefined) return `${pool}/${volume}`;
  const namespace = attribute(source, 'namespace');
  const address = pciAddress(children(source, 'address')[0]);
  if (namespace !== undefined && address !== undefined) return `nvme://${address}/${namespace}`;
  return firstOf(source, diskNames) ?? serverName(source);
}

/**
 * What an interface is plugged into, as `virsh domiflist` names it. Where that says "-": its type, with the device that
 * is handed on or the address of the socket.
 */
export function interfaceSourceName(element: Element): string {
  const source = children(element, 'source')[0];
  const type = attribute(element, 'type') ?? 'unknown';
  const address = attribute(source, 'address');
  const port = attribute(source, 'port');
  const socket = port === undefined ? address : `${address ?? ''}:${port}`;
  const detail = pciAddress(children(source, 'address')[0]) ?? socket ?? attribute(source, 'switchid');
  return firstOf(source, interfaceNames) ?? (detail === undefined ? type : `${type} ${detail}`);
}

/** "0000:01:00.0"; undefined where the element is no address on PCI. */
export function pciAddress(element: Element | undefined): string | undefined {
  const [domain, bus, slot, part] = ['domain', 'bus', 'slot', 'function'].map((name) => {
    const value = attribute(element, name);
    return value === undefined ? undefined : Number(value);
  });
  if (bus === undefined || slot === undefined || ![domain ?? 0, bus, slot, part ?? 0].every(Number.isInteger))
    return undefined;
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  return `${hex(domain ?? 0, 4)}:${hex(bus, 2)}:${hex(slot, 2)}.${part ?? 0}`;
}

function serverName(source: Element | undefined): string | undefined {
  const protocol = attribute(source, 'protocol');
  if (protocol === undefined) return undefined;
  const host = children(source, 'host')[0];
  const port = attribute(host, 'port');
  const name = attribute(host, 'name') ?? attribute(host, 'socket') ?? '';
  return `${protocol}://${name.includes(':') ? `[${name}]` : name}${port === undefined ? '' : `:${port}`}`;
}

function firstOf(element: Element | undefined, names: readonly string[]): string | undefined {
  return names.map((name) => attribute(element, name)).find(Boolean);
}
