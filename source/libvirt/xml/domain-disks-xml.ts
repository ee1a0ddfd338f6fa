import type { DiskSpec } from './domain-definition-xml.js';
import { element, type Markup } from './write.js';

/** How a bus calls its disks. */
const prefixes: Readonly<Record<DiskSpec['bus'], string>> = {
  virtio: 'vd',
  scsi: 'sd',
  sata: 'sd',
  ide: 'hd',
};

/** The disks of a domain, with the controller that those on SCSI need. */
export function diskElements(disks: readonly DiskSpec[]): readonly Markup[] {
  const counts = new Map<string, number>();
  const elements = disks.map((disk) => {
    const prefix = prefixes[disk.bus];
    const index = counts.get(prefix) ?? 0;
    counts.set(prefix, index + 1);
    return diskElement(disk, `${prefix}${letters(index)}`);
  });
  const scsi = disks.some(({ bus }) => bus === 'scsi');
  return scsi ? [...elements, element('controller', { type: 'scsi', model: 'virtio-scsi' })] : elements;
}

function diskElement(disk: DiskSpec, target: string): Markup {
  const { device, bus, source, format, bootOrder, readOnly, serial, discard } = disk;
  return element('disk', { type: source?.type ?? 'file', device }, [
    element('driver', { name: 'qemu', type: format, discard: discard ? 'unmap' : undefined }),
    source && sourceElement(source),
    element('target', { dev: target, bus }),
    readOnly ? element('readonly') : undefined,
    bootOrder === undefined ? undefined : element('boot', { order: bootOrder }),
    serial === undefined ? undefined : element('serial', {}, serial),
  ]);
}

function sourceElement(source: NonNullable<DiskSpec['source']>): Markup {
  if (source.type === 'volume') return element('source', { pool: source.pool, volume: source.volume });
  return element('source', source.type === 'file' ? { file: source.path } : { dev: source.path });
}

/** "a" to "z", then "aa": as drives are counted. */
function letters(index: number): string {
  const letter = String.fromCharCode('a'.charCodeAt(0) + (index % 26));
  return index < 26 ? letter : `${letters(Math.floor(index / 26) - 1)}${letter}`;
}
