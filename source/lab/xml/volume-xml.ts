import { words } from '../../text/words.js';
import { refuseStorage as refuse } from '../errors.js';
import type { LabPool } from '../world/storage/pool.js';
import type { Backing } from '../world/storage/qcow2.js';
import type { Storage } from '../world/storage/storage.js';
import type { LabVolume } from '../world/storage/volume.js';
import type { VolumeRequest } from '../world/storage/volume-changes.js';
import { bytesOf } from './size.js';
import { attribute, child, element, parseXml, printXml, textOf, type XmlNode } from './tree.js';

/** virStorageFileFormat, as far as a volume can be one. */
const formats: ReadonlySet<string> = new Set(
  words(`
  raw dir bochs cloop dmg iso vpc vdi fat vhd ploop cow qcow qcow2 qed vmdk`),
);

/**
 * Reads what somebody wants to create. Throws as libvirt does.
 *
 * @param clone the capacity may be left out: the original's counts
 */
export function readVolumeXml(xml: string, pool: LabPool, clone = false): VolumeRequest {
  const root = parseXml(xml, 'volume', refuse.xml);
  const name = textOf(root, 'name');
  if (name === undefined) throw refuse.xml('missing volume name element');
  const capacity = bytesOf(child(root, 'capacity'), 'bytes', refuse.xml);
  const backing = backingOf(child(root, 'backingStore'));
  if (capacity === undefined && !clone && backing === undefined) throw refuse.xml('missing capacity element');
  return {
    name,
    capacity,
    allocation: bytesOf(child(root, 'allocation'), 'bytes', refuse.xml),
    format: pool.type.hasFormats ? formatOf(child(root, 'target'), 'raw') : 'raw',
    backing,
    details: child(root, 'target')?.children.filter(({ tag }) => details.has(tag)) ?? [],
  };
}

/** What of a target is kept as it was given, and told again. */
const details: ReadonlySet<string> = new Set(words(`permissions compat clusterSize features encryption`));

function backingOf(node: XmlNode | undefined): Backing | undefined {
  const path = textOf(node, 'path');
  return path === undefined ? undefined : { path, format: formatOf(node, 'raw') };
}

function formatOf(node: XmlNode | undefined, otherwise: string): string {
  const format = attribute(child(node, 'format'), 'type') ?? otherwise;
  if (!formats.has(format)) throw refuse.config(`unknown volume format type ${format}`);
  return format;
}

/** A volume's XML as libvirt prints it. */
export function volumeXml(volume: LabVolume, pool: LabPool, storage: Storage): string {
  const { type, name, key, capacity, allocation, physical, path, format, backing, details } = volume;
  const given = details.filter(({ tag }) => tag !== 'permissions');
  const sized = (tag: string, bytes: number) => element(tag, { unit: 'bytes' }, String(bytes));
  const formatElement = pool.type.hasFormats ? [element('format', { type: format })] : [];
  const tree = element('volume', { type }, [
    element('name', {}, name),
    element('key', {}, key),
    sized('capacity', capacity),
    sized('allocation', allocation),
    sized('physical', physical),
    element('target', {}, [
      element('path', {}, path),
      ...formatElement,
      details.find(({ tag }) => tag === 'permissions') ?? permissions(),
      timestamps(volume.modified),
      ...given,
    ]),
    ...(backing === undefined ? [] : [backingStore(backing, storage)]),
  ]);
  return `${printXml([tree], 0)}\n`;
}

/** What a volume stands on; a file that is missing has no owner and no times. */
function backingStore({ path, format }: Backing, storage: Storage): XmlNode {
  const known = storage.hasFile(path);
  const found = known ? (storage.volumeAt(path)?.volume.modified ?? 0) : undefined;
  return element('backingStore', {}, [
    element('path', {}, path),
    element('format', { type: format }),
    ...(found === undefined ? [] : [permissions(), timestamps(found)]),
  ]);
}

function permissions(): XmlNode {
  return element('permissions', {}, [
    element('mode', {}, '0600'),
    element('owner', {}, '0'),
    element('group', {}, '0'),
  ]);
}

function timestamps(milliseconds: number): XmlNode {
  const seconds = `${Math.floor(milliseconds / 1000)}.${String(Math.floor(milliseconds % 1000)).padStart(3, '0')}000000`;
  const time = (tag: string) => element(tag, {}, seconds);
  return element('timestamps', {}, [time('atime'), time('mtime'), time('ctime'), element('btime', {}, '0')]);
}
