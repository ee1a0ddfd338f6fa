import { unitFactor } from '../../text/size.js';
import { attribute, children, type Element, parseRoot, text } from './element.js';
import { document, element, type Markup, optional } from './write.js';

/** Formats that libvirt makes files in; pools of devices have none. */
export const volumeFormats = ['qcow2', 'raw', 'qed', 'vmdk', 'vdi', 'vhdx'] as const;

/** What screens need of a volume's XML. Sizes in bytes. */
export interface VolumeDescription {
  readonly name: string;
  /** "file", "block", … */
  readonly type: string;
  readonly format: string | undefined;
  readonly capacity: number;
  readonly allocation: number;
  /** Of the file itself, holes included: what a download receives. */
  readonly physical: number | undefined;
  readonly path: string | undefined;
  /** What it stands on. */
  readonly backing: { readonly path: string; readonly format: string | undefined } | undefined;
  /**
   * The host could look at what it stands on. libvirt leaves out owner and mode of a base that it could not
   * open (storageBackendRefreshVolTargetUpdate): that base is missing. At `json:`, `file:` and servers it never looks.
   */
  readonly baseSeen: boolean;
}

/** Reads a volume's XML. Throws when it is no XML or no volume. */
export function describeVolume(xml: string): VolumeDescription {
  const root = parseRoot(xml, 'volume');
  const target = children(root, 'target')[0];
  const backing = children(root, 'backingStore')[0];
  const base = text(backing, 'path');
  return {
    name: text(root, 'name') ?? '',
    type: attribute(root, 'type') ?? 'file',
    format: attribute(children(target, 'format')[0], 'type'),
    capacity: sizeOf(children(root, 'capacity')[0], text(root, 'capacity')),
    allocation: sizeOf(children(root, 'allocation')[0], text(root, 'allocation')),
    physical:
      text(root, 'physical') === undefined
        ? undefined
        : sizeOf(children(root, 'physical')[0], text(root, 'physical')),
    path: text(target, 'path'),
    backing:
      base === undefined
        ? undefined
        : { path: base, format: attribute(children(backing, 'format')[0], 'type') },
    baseSeen:
      base?.startsWith('/') !== true ||
      ['permissions', 'timestamps'].some((name) => children(backing, name).length > 0),
  };
}

/** libvirt writes bytes; other writers may use another unit. */
function sizeOf(size: Element | undefined, value: string | undefined): number {
  return Number(value ?? 0) * (unitFactor(attribute(size, 'unit') ?? '') ?? 1);
}

/** What a person decides of a new volume: all that `virsh vol-create-as` takes. Sizes in bytes. */
export interface VolumeSpec {
  readonly name: string;
  readonly capacity: number;
  /** How much of it is taken at once; left out: what the format needs. */
  readonly allocation?: number | undefined;
  /** Left out for pools of devices. */
  readonly format?: string | undefined;
  /** The path of the volume it stands on. */
  readonly backing?: { readonly path: string; readonly format?: string | undefined } | undefined;
}

/**
 * What a new image is, for the target of a volume: none of a pool of devices. Without its compat libvirt makes a
 * qcow2 of 2010, which ignores discard as an overlay and has no room for checkpoints.
 */
export function newImageElements(format: string | undefined): readonly Markup[] {
  if (format === undefined) return [];
  const compat = format === 'qcow2' ? [element('compat', {}, '1.1')] : [];
  return [element('format', { type: format }), ...compat];
}

/** The definition of a new volume; that of a copy is made of its original's, by `cloneXml`. */
export function volumeXml({ name, capacity, allocation, format, backing }: VolumeSpec): string {
  return document(
    element('volume', {}, [
      optional('name', name),
      element('capacity', { unit: 'bytes' }, String(capacity)),
      allocation === undefined ? undefined : element('allocation', { unit: 'bytes' }, String(allocation)),
      format ? element('target', {}, newImageElements(format)) : undefined,
      backing &&
        element('backingStore', {}, [
          optional('path', backing.path),
          backing.format ? element('format', { type: backing.format }) : undefined,
        ]),
    ]),
  );
}
