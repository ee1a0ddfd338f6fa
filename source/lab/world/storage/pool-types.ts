import type { VolumeType } from './volume.js';

/** What libvirt's storage drivers differ in. */
export interface PoolType {
  /** virConnectListAllStoragePoolsFlags */
  readonly bit: number;
  /** Elements of <source> that it cannot be defined without. */
  readonly needs: readonly ('host' | 'dir' | 'device')[];
  /** Elements of <source> that are printed, in libvirt's order; others are dropped. */
  readonly source: readonly string[];
  /** The format of a source that names none; absent: sources have no format. */
  readonly sourceFormat?: string;
  /** The target's path must be named; otherwise it follows from the source, where there is one. */
  readonly target: 'needed' | 'derived' | 'none';
  readonly volumes: VolumeType;
  /** Its volumes have formats of their own; otherwise they are what the storage gives. */
  readonly hasFormats: boolean;
  /** Volumes can be made and removed. */
  readonly creates: boolean;
}

const none = { needs: [], source: [] } as const;
const files = { ...none, volumes: 'file', hasFormats: true, creates: true, target: 'needed' } as const;
const blocks = { ...none, volumes: 'block', hasFormats: false, creates: true, target: 'needed' } as const;
const network = { ...none, volumes: 'network', hasFormats: false, creates: true, target: 'none' } as const;

/** Every type of pool that libvirt knows. */
export const poolTypes: Readonly<Record<string, PoolType>> = {
  dir: { ...files, bit: 1 << 6 },
  fs: { ...files, bit: 1 << 7, needs: ['device'], source: ['device'], sourceFormat: 'auto' },
  netfs: { ...files, bit: 1 << 8, needs: ['host', 'dir'], source: ['host', 'dir'], sourceFormat: 'auto' },
  logical: { ...blocks, bit: 1 << 9, source: ['device', 'name'], sourceFormat: 'lvm2', target: 'derived' },
  disk: { ...blocks, bit: 1 << 10, needs: ['device'], source: ['device'], sourceFormat: 'unknown' },
  iscsi: {
    ...blocks,
    bit: 1 << 11,
    needs: ['host', 'device'],
    source: ['host', 'device', 'initiator', 'auth'],
    creates: false,
  },
  scsi: { ...blocks, bit: 1 << 12, source: ['adapter'], creates: false },
  mpath: { ...blocks, bit: 1 << 13, creates: false },
  rbd: { ...network, bit: 1 << 14, source: ['host', 'name', 'auth'] },
  sheepdog: { ...network, bit: 1 << 15, source: ['host', 'name'] },
  gluster: { ...network, bit: 1 << 16, source: ['host', 'dir', 'name'], hasFormats: true },
  zfs: { ...blocks, bit: 1 << 17, source: ['device', 'name'], target: 'derived' },
  vstorage: { ...files, bit: 1 << 18, source: ['name'] },
  'iscsi-direct': {
    ...network,
    bit: 1 << 19,
    needs: ['host', 'device'],
    source: ['host', 'device', 'initiator', 'auth'],
    creates: false,
  },
};
