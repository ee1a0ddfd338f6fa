import type { GuestOs } from './guest-os.js';
import type { Profile } from './load.js';

export interface LabDisk {
  /** "vda" */
  readonly target: string;
  readonly bus: string;
  readonly device: 'disk' | 'cdrom';
  readonly format: 'qcow2' | 'raw';
  /** Absent: an empty drive. */
  readonly source: string | undefined;
  /** Bytes. */
  capacity: number;
}

export interface LabNic {
  readonly mac: string;
  /** A virtual network gives leases; a bridge of the host leads to a network that is not the host's. */
  readonly kind: 'network' | 'bridge' | 'user';
  /** Name of the network or bridge. */
  readonly source: string;
  readonly model: string;
}

/** A custom element under <metadata>. */
export interface MetadataElement {
  /** Namespace prefix that the element's setter chose. */
  readonly key: string;
  readonly xml: string;
}

/** What a domain is, as opposed to what it does at the moment. */
export interface Definition {
  readonly uuid: string;
  name: string;
  readonly os: GuestOs;
  readonly profile: Profile;
  /** "kvm" or "qemu" */
  readonly type: string;
  title: string | undefined;
  description: string | undefined;
  /** By namespace URI; libosinfo's own element is made from `os` unless the XML was given. */
  readonly metadata: Map<string, MetadataElement>;
  vcpus: number;
  readonly maxVcpus: number;
  /** KiB */
  memory: number;
  /** KiB; less than `memory` when the balloon takes some. */
  currentMemory: number;
  readonly disks: readonly LabDisk[];
  readonly nics: readonly LabNic[];
  /** There is a virtio channel for the guest agent. */
  readonly agentChannel: boolean;
  /** The guest runs an agent on that channel. */
  readonly agentInstalled: boolean;
  readonly balloon: boolean;
  /** Its firmware is UEFI, which keeps its settings in a file of the domain's own. */
  readonly nvram: boolean;
  /** What somebody defined, without the elements that are kept above; absent for the lab's own domains. */
  readonly xml: string | undefined;
}
