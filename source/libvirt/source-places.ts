import { posix } from 'node:path';
import { words } from '../text/words.js';
import { iscsiPath, iscsiPlace, networkPlace, urlPlace } from './network-place.js';

/**
 * Where a file, a device or an image on the network is, in one spelling: an absolute path, "volume:POOL/NAME", or what
 * a server calls it ("rbd:pool/image"). Two sources that have a place in common mean the same.
 */
export type Place = string;

/** Longer texts are no source: QEMU's own limit for a backing file's name is 1023 bytes. */
const longest = 65_536;
/** Sources that are made of sources (json:, blkverify:): more than this is no image but an attack. */
const mostParts = 256;

/** What QEMU writes before the name of a file or device of the host (protocol_name of its block drivers), or did. */
const filePrefixes: ReadonlySet<string> = new Set(['file', 'host_device', 'host_cdrom', 'host_floppy']);
/** Names of formats: no prefix of QEMU's, but of people who mean one. */
const formatPrefixes: ReadonlySet<string> = new Set(words(`raw qcow2 qcow qed vmdk vdi vhdx vpc`));

/**
 * What a source means, as QEMU and libvirt write it: a path in any spelling, `file:`, `json:` with nested drivers, a
 * URL or the older "nbd:host:port". Mostly one place; a driver that is made of several images has them all. A path
 * with ".." comes twice, as it is and shortened: only the host knows whether a link lies in between.
 *
 * @param folder of the image that names the source: what a relative name is relative to
 */
export function placesOf(source: string, folder?: string): readonly Place[] {
  const places = new Set<Place>();
  const open: (string | object)[] = [source];
  for (let seen = 0; open.length > 0 && seen < mostParts; seen += 1) {
    const part = open.pop() as string | object;
    const { found = [], inner = [] } = typeof part === 'string' ? readName(part, folder) : readNode(part);
    for (const place of found) places.add(place);
    open.push(...inner);
  }
  return places.size === 0 ? [source] : [...places];
}

/** A volume by its own name: every volume has this place, whatever else it is called. */
export function volumePlace({ pool, name }: { readonly pool: string; readonly name: string }): Place {
  return `volume:${pool}/${name}`;
}

interface Read {
  readonly found?: readonly Place[];
  /** Sources that it is made of. */
  readonly inner?: readonly (string | object)[];
}

function readName(name: string, folder: string | undefined): Read {
  if (name.length > longest) return { found: [name] };
  // libvirt's own name of a LUN has colons in it.
  const iscsi = name.startsWith('/') ? undefined : iscsiPath(name);
  if (iscsi !== undefined) return { found: [iscsi] };
  // As QEMU's path_has_protocol() has it: a colon before any slash.
  const prefix = /^([^/:]*):/.exec(name)?.[1];
  if (prefix === undefined) return { found: pathPlaces(name, folder) };
  const rest = name.slice(prefix.length + 1);
  if (filePrefixes.has(prefix)) return { found: pathPlaces(rest, folder) };
  if (formatPrefixes.has(prefix)) return { inner: [rest] };
  return protocols[prefix]?.(rest, name) ?? { found: [name] };
}

function pathPlaces(path: string, folder: string | undefined): readonly Place[] {
  const whole = path.startsWith('/') || folder === undefined ? path : `${folder}/${path}`;
  if (!whole.startsWith('/')) return [whole];
  const short = posix
    .normalize(whole)
    .replace(/^\/+/, '/')
    .replace(/(?<=.)\/$/, '');
  const iscsi = iscsiPath(short);
  if (iscsi !== undefined) return [short, iscsi];
  return /(^|\/)\.\.(\/|$)/.test(whole) ? [whole, short] : [short];
}

type Protocol = (rest: string, whole: string) => Read;

const url: Protocol = (_rest, whole) => ({ found: [urlPlace(whole)] });

const protocols: Readonly<Record<string, Protocol>> = {
  json: (rest) => {
    try {
      const node: unknown = JSON.parse(plainJson(rest));
      return typeof node === 'object' && node !== null ? { inner: [unfolded(node)] } : {};
    } catch {
      return {};
    }
  },
  blkdebug: (rest) => ({ inner: [rest.slice(rest.indexOf(':') + 1)] }),
  blklogwrites: (rest) => ({ inner: [rest] }),
  blkverify: (rest) => {
    const at = rest.indexOf(':');
    return { inner: [rest.slice(0, at), rest.slice(at + 1)] };
  },
  // A folder of the host that is shown as a disk; options stand before it.
  fat: (rest) => ({ found: pathPlaces(rest.slice(rest.lastIndexOf(':') + 1), undefined) }),
  // Options follow the name, a snapshot its "@"; what is special is escaped.
  rbd: (rest) => {
    const name = /^(?:\\.|[^:@\\])*/.exec(rest)?.[0] ?? rest;
    return { found: [`rbd:${name.replace(/\\(.)/g, '$1')}`] };
  },
  nbd: (rest, whole) => {
    if (rest.startsWith('//')) return url(rest, whole);
    const name = /:exportname=(.*)$/.exec(rest)?.[1] ?? '';
    const socket = /^unix:([^:]*)/.exec(rest)?.[1];
    if (socket !== undefined) return { found: [`nbd:${socket}/${name}`] };
    const [host = '', port = ''] = rest.split(':');
    return { found: [`nbd:${host}:${port || '10809'}/${name}`] };
  },
};
for (const scheme of words(`
  gluster gluster+tcp gluster+unix gluster+rdma iscsi iser nbd+tcp nbd+unix nfs ssh http https ftp ftps
  sheepdog vxhs`))
  (protocols as Record<string, Protocol>)[scheme] = url;

/** QEMU's JSON (json-lexer.c) has strings in single quotes too, and escapes of these. */
function plainJson(text: string): string {
  return text.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/gs, (quoted) => {
    const inner = quoted.slice(1, -1).replace(/\\.|"/gs, (part) => {
      if (part === '"') return '\\"';
      return part === "\\'" ? "'" : part;
    });
    return `"${inner}"`;
  });
}

type Node = { readonly [key: string]: unknown };

/** "file.filename" is the filename of the file. */
function unfolded(node: object): Node {
  const whole: Record<string, unknown> = Object.create(null);
  for (const [key, value] of Object.entries(node)) {
    const names = key.split('.').slice(0, mostParts);
    const last = names.pop() ?? '';
    let at = whole;
    for (const name of names) {
      const next = at[name];
      const inner = typeof next === 'object' && next !== null ? { ...next } : {};
      at[name] = inner;
      at = inner as Record<string, unknown>;
    }
    at[last] = value;
  }
  return whole;
}

/** A node of QEMU's block graph: what it names itself, and the nodes that it stands on. */
function readNode(given: object): Read {
  const node: Node = unfolded(given);
  const inner = Object.values(node).filter(
    (value): value is object => typeof value === 'object' && value !== null,
  );
  const {
    driver,
    filename,
    export: name,
    path,
    volume,
    pool,
    image,
    namespace,
    target,
    lun,
    portal,
    url: link,
  } = node;
  const server = Array.isArray(node.server) ? node.server[0] : (node.server ?? node);
  const { host = '', port = '', path: socket = '' } = (server ?? {}) as Node;
  const remote = (kind: string, of: readonly unknown[]): Read => ({
    found: [
      networkPlace(kind, String(host || socket), String(port), of.filter(Boolean).map(String).join('/')),
    ],
  });
  if (typeof filename === 'string')
    return { inner: [...inner, driver === 'file' ? `file:${filename}` : filename] };
  if (typeof link === 'string') return { inner: [link] };
  if (driver === 'rbd')
    return { found: [networkPlace('rbd', '', '', [pool, namespace, image].filter(Boolean).join('/'))] };
  if (driver === 'nbd') return remote('nbd', [name]);
  if (driver === 'gluster') return remote('gluster', [volume, path]);
  if (driver === 'iscsi') return { found: [iscsiPlace(String(portal), String(target), String(lun ?? ''))] };
  if (driver === 'nfs' || driver === 'ssh') return remote(driver, [path]);
  return { inner };
}
