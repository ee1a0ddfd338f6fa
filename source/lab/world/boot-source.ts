import type { Definition, LabDisk } from './definition.js';
import { emptyImageLength } from './storage/qcow2.js';
import type { Storage } from './storage/storage.js';
import type { LabVolume } from './storage/volume.js';

/** What a machine finds to boot: a system on its disk, one on a medium or the network, or nothing at all. */
export type BootSource = 'installed' | 'medium' | 'network' | 'nothing';

const sector = 512;
const isoSector = 2048;
const cluster = 65_536;

/**
 * Looks at the disks that somebody has defined. The lab's own domains have their systems; so have disks that no
 * pool knows of.
 */
export function bootSource(storage: Storage, { xml, disks }: Definition): BootSource {
  if (xml === undefined) return 'installed';
  const boots = (disk: LabDisk): boolean => {
    if (disk.source === undefined) return false;
    const volume = storage.volumeAt(disk.source)?.volume;
    return volume === undefined || (disk.device === 'cdrom' ? isBootableIso(volume) : holdsSystem(volume));
  };
  const found = (device: LabDisk['device']) => disks.some((disk) => disk.device === device && boots(disk));
  if (found('disk')) return 'installed';
  if (found('cdrom')) return 'medium';
  return disks.some(({ device }) => device === 'disk') ? 'nothing' : 'network';
}

/** What stands on another image has that one's system; others must hold more than an empty image does. */
function holdsSystem({ backing, format, contents, capacity }: LabVolume): boolean {
  if (backing !== undefined) return true;
  if (format === 'qcow2') return contents.length > emptyImageLength(capacity) + cluster;
  if (format !== 'raw') return true;
  const boot = contents.read(0, sector);
  return boot[sector - 2] === 0x55 && boot[sector - 1] === 0xaa;
}

/** El Torito's boot record is the second of a volume's descriptors: a seed of cloud-init has none. */
function isBootableIso({ contents }: LabVolume): boolean {
  return contents.read(17 * isoSector, isoSector).includes('EL TORITO SPECIFICATION');
}
