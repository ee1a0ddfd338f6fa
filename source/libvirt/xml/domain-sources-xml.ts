import { networkPlace } from '../network-place.js';
import { type Place, placesOf, volumePlace } from '../source-places.js';
import { attribute, children, type Element, parseRoot, text } from './element.js';

/** Something of the host that a domain holds: a disk's source, what that stands on, firmware, a share. */
export interface DomainSource {
  /** A disk's target ("vda"), or what it is to the domain: "kernel", "nvram", "filesystem". */
  readonly as: string;
  readonly places: readonly Place[];
  /** What lies in it is held as well. */
  readonly folder: boolean;
  /** The domain may change it. */
  readonly writes: boolean;
}

/**
 * Everything of the host that a domain's XML names, that of a snapshot or a backup as well: sources of disks, what these stand on
 * and are copied to, and every other path wherever it stands (firmware, a kernel, shares, the emulator's own arguments).
 *
 * @throws where it is no XML
 */
export function domainSources(xml: string): readonly DomainSource[] {
  const kind = /^\s*(?:<\?[^>]*\?>\s*|<!--[\s\S]*?-->\s*)*<(domainsnapshot|domainbackup)[\s>]/.exec(xml)?.[1];
  const root = parseRoot(xml, kind ?? 'domain');
  const domains =
    kind === undefined ? [root] : ['domain', 'inactiveDomain'].flatMap((name) => children(root, name));
  const disks = domains.flatMap((domain) => children(children(domain, 'devices')[0], 'disk'));
  // A snapshot names its new files in a list of its own.
  const layers = children(children(root, 'disks')[0], 'disk');
  const found = [...disks, ...layers].flatMap(diskSources);
  const known = new Set(found.flatMap(({ places }) => places));
  const rest = pathsIn(root).filter(({ places }) => !places.every((place) => known.has(place)));
  const all = [...found, ...rest];
  // What is kept of an earlier state is not written to.
  return kind === 'domainsnapshot' ? all.map((source) => ({ ...source, writes: false })) : all;
}

/** A disk of a domain, and where its source is. */
export interface DiskPlace {
  /** As the guest's bus names it, e.g. "vda". */
  readonly target: string;
  /** "disk", "cdrom", "floppy" or "lun" */
  readonly device: string;
  /** For people; "" for an empty drive. */
  readonly source: string;
  /** Empty for an empty drive. */
  readonly places: readonly Place[];
}

/** The disks of a domain. Throws when it is no XML or no domain. */
export function diskPlaces(xml: string): readonly DiskPlace[] {
  const devices = children(parseRoot(xml, 'domain'), 'devices')[0];
  return children(devices, 'disk').map((disk) => {
    const places = sourcePlaces(disk);
    return {
      target: attribute(children(disk, 'target')[0], 'dev') ?? '',
      device: attribute(disk, 'device') ?? 'disk',
      source: (places[0] ?? '').replace(/^volume:/, ''),
      places,
    };
  });
}

/** The file of a domain's UEFI variables, as its XML names it. */
export function nvramOf(xml: string): string | undefined {
  const os = children(parseRoot(xml, 'domain'), 'os')[0];
  return text(os, 'nvram') ?? attribute(children(children(os, 'nvram')[0], 'source')[0], 'file');
}

/** Where the `<source>` of a disk, a mirror or a backing store leads. */
function sourcePlaces(holder: Element): readonly Place[] {
  const source = children(holder, 'source')[0];
  const of = (name: string): string | undefined => attribute(source, name) || undefined;
  const pool = of('pool');
  const volume = of('volume');
  if (pool !== undefined && volume !== undefined) return [volumePlace({ pool, name: volume })];
  const protocol = of('protocol');
  const name = of('name');
  if (protocol !== undefined && name !== undefined) {
    const host = children(source, 'host')[0];
    const server = attribute(host, 'name') ?? attribute(host, 'socket') ?? '';
    return [networkPlace(protocol, server, attribute(host, 'port') ?? '', name)];
  }
  // A mirror of older libvirts has the path on itself.
  const path = of('file') ?? of('dev') ?? of('dir') ?? name ?? attribute(holder, 'file');
  return path === undefined || path === '' ? [] : placesOf(path);
}

/** A disk with all that it stands on and is copied to. Iterative: nobody knows how deep it is. */
function diskSources(disk: Element): readonly DomainSource[] {
  const as = attribute(children(disk, 'target')[0], 'dev') ?? attribute(disk, 'name') ?? 'disk';
  const medium = attribute(disk, 'device') === 'cdrom' || children(disk, 'readonly').length > 0;
  const found: DomainSource[] = [];
  const open = [{ holder: disk, writes: !medium }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { holder, writes } = next;
    const places = sourcePlaces(holder);
    // QEMU shows a folder as a disk.
    const folder = attribute(holder, 'type') === 'dir';
    if (places.length > 0) found.push({ as, places, folder, writes });
    const source = children(holder, 'source')[0];
    // What another image holds the data of (data-file), libvirt 10.10.
    const data = children(source, 'dataStore').map((one) => ({ holder: one, writes }));
    const below = children(holder, 'backingStore').map((one) => ({ holder: one, writes: false }));
    const copies = children(holder, 'mirror').map((one) => ({ holder: one, writes: true }));
    open.push(...below, ...copies, ...data);
  }
  return found;
}

/** What people write about a domain, and what is no file of it. */
const proseElements: ReadonlySet<string> = new Set(['metadata', 'title', 'description', 'name', 'emulator']);
/** Elements that only group others: what is in them is called after itself. */
const groups: ReadonlySet<string> = new Set(['domain', 'inactiveDomain', 'devices', 'os', 'disks']);

/** Every absolute path in a document. */
function pathsIn(root: Element): readonly DomainSource[] {
  const found = new Map<string, DomainSource>();
  const open: { readonly element: Element; readonly as: string }[] = [{ element: root, as: 'domain' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { element, as } = next;
    const values = [...element.attributes, ['#text', element.text] as const];
    for (const [name, value] of values)
      for (const path of pathsOf(value)) {
        const folder = as === 'filesystem' && path !== '/';
        const writes = as === 'nvram' && name !== 'template';
        if (!found.has(`${as} ${path}`))
          found.set(`${as} ${path}`, { as, places: placesOf(path), folder, writes });
      }
    for (const child of element.children) {
      if (proseElements.has(child.name) || (as === 'filesystem' && child.name === 'target')) continue;
      open.push({ element: child, as: groups.has(as) ? child.name : as });
    }
  }
  return [...found.values()];
}

/** A text that is a path, or an argument of QEMU that holds some: "file=/x,if=virtio", {"filename":"/x"}. */
function pathsOf(text: string): readonly string[] {
  if (text.startsWith('/')) return [text.trim()];
  if (!text.includes('/')) return [];
  // A path has spaces and all else in it; its commas are doubled (QEMU's qemu-option.c).
  const options = text
    .split(/(?<!,),(?=(?:,,)*[^,])/)
    .map((option) => option.replace(/^[\w.-]*=/, '').replaceAll(',,', ','));
  const quoted = [...text.matchAll(/"((?:\\.|[^"\\])*)"/gs)].map(([string, inner = '']) => {
    try {
      return String(JSON.parse(string));
    } catch {
      return inner;
    }
  });
  const parts = new Set([...options, ...quoted, ...text.split(/[\s,="'{}]+/)]);
  return [...parts].flatMap((part) => {
    const path = /^(?:file:)?(\/.*)$/s.exec(part)?.[1];
    return path === undefined ? [] : [path];
  });
}
