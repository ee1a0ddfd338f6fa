import { posix } from 'node:path';
import { refuseStorage as refuse } from '../errors.js';
import type { Random } from '../world/random.js';
import type { LabPool, PoolDefinition } from '../world/storage/pool.js';
import { type PoolType, poolTypes } from '../world/storage/pool-types.js';
import { attribute, child, childrenOf, element, parseXml, printXml, textOf, type XmlNode } from './tree.js';

/** The attribute of each element of <source> that a definition may not leave out. */
const needed = {
  host: { attribute: 'name', missing: 'missing storage pool source host name' },
  dir: { attribute: 'path', missing: 'missing storage pool source path' },
  device: { attribute: 'path', missing: 'missing storage pool source device name' },
} as const;

/** Reads what somebody wants to define. Throws as libvirt does for what it would not take. */
export function readPoolXml(xml: string, random: Random): PoolDefinition {
  return poolDefinition(parseXml(xml, 'pool', refuse.xml), random);
}

/** A pool's definition out of its element, completed as libvirt does it. */
export function poolDefinition(root: XmlNode, random: Random): PoolDefinition {
  const typeName = attribute(root, 'type') ?? '';
  const type = Object.hasOwn(poolTypes, typeName) ? poolTypes[typeName] : undefined;
  if (type === undefined) {
    throw refuse.xml(`Invalid value for attribute 'type' in element 'pool': '${typeName}'.`);
  }
  const source = child(root, 'source');
  const name = textOf(root, 'name') ?? textOf(source, 'name');
  if (name === undefined) throw refuse.xml('missing pool source name element');
  if (name.includes('/')) throw refuse.xml(`name ${name} cannot contain '/'`);
  for (const need of type.needs) {
    const { attribute: key, missing } = needed[need];
    if (attribute(child(source, need), key) === undefined) throw refuse.xml(missing);
  }
  const uuid = textOf(root, 'uuid')?.toLowerCase() ?? random.uuid();
  if (!/^[\da-f-]{32,36}$/.test(uuid)) throw refuse.xml('malformed uuid element');
  const printed = sourceOf(source, type, name);
  const path = targetPath(root, typeName, type, textOf(printed, 'name') ?? name);
  const target = path === undefined ? [] : [targetOf(child(root, 'target'), path)];
  const children = [element('name', {}, name), element('uuid', {}, uuid), printed, ...target];
  const tree = element('pool', { type: typeName }, children);
  return { tree, name, uuid, type: typeName, path, source: originOf(typeName, printed, path) };
}

/** A pool's XML as libvirt prints it. */
export function poolXml(pool: LabPool, inactive: boolean): string {
  const { space, definition, next } = pool;
  const { tree } = inactive ? (next ?? definition) : definition;
  const sizes = (['capacity', 'allocation', 'available'] as const).map((name) =>
    element(name, { unit: 'bytes' }, String(space[name])),
  );
  const [name, uuid, ...rest] = tree.children as [XmlNode, XmlNode, ...XmlNode[]];
  return `${printXml([{ ...tree, children: [name, uuid, ...sizes, ...rest] }], 0)}\n`;
}

/** The elements of <source> that this type has, in libvirt's order. */
function sourceOf(source: XmlNode | undefined, type: PoolType, name: string): XmlNode {
  const parts = type.source.flatMap((tag) => {
    const given = childrenOf(source, tag);
    // A volume group is named as its pool unless told.
    return given.length === 0 && tag === 'name' ? [element('name', {}, name)] : given;
  });
  if (type.sourceFormat !== undefined) {
    parts.push(element('format', { type: attribute(child(source, 'format'), 'type') ?? type.sourceFormat }));
  }
  return element('source', {}, parts);
}

function targetPath(root: XmlNode, typeName: string, type: PoolType, group: string): string | undefined {
  if (type.target === 'none') return undefined;
  const folder = typeName === 'zfs' ? '/dev/zvol' : '/dev';
  if (type.target === 'derived') return `${folder}/${group}`;
  const path = textOf(child(root, 'target'), 'path');
  if (path === undefined) throw refuse.xml('missing storage pool target path');
  return posix.normalize(path).replace(/(.)\/$/, '$1');
}

function targetOf(target: XmlNode | undefined, path: string): XmlNode {
  const permissions = child(target, 'permissions');
  return element('target', {}, [element('path', {}, path), ...(permissions ? [permissions] : [])]);
}

/** What two pools must not both have. */
function originOf(typeName: string, source: XmlNode, path: string | undefined): string | undefined {
  const host = attribute(child(source, 'host'), 'name');
  const dir = attribute(child(source, 'dir'), 'path');
  const device = attribute(child(source, 'device'), 'path');
  if (typeName === 'dir') return path;
  if (typeName === 'logical') return textOf(source, 'name');
  const parts = [host, dir ?? device ?? textOf(source, 'name')].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(':');
}
