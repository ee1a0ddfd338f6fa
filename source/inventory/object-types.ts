import type { LibvirtError } from '../libvirt/errors.js';
import type { DhcpLease, NetworkListing } from '../libvirt/networks.js';
import type { PoolInfo, PoolListing, VolumeRef } from '../libvirt/storage.js';

/** A list that is read while somebody looks at it. */
export interface Listing<T> {
  /** `unsupported`: the driver has no such objects. A list that failed keeps what was known. */
  readonly state: 'unread' | 'ready' | 'unsupported' | 'failed';
  readonly items: readonly T[];
  readonly error: LibvirtError | undefined;
}

export const unread: Listing<never> = { state: 'unread', items: [], error: undefined };

/** A virtual network as screens see it; replaced (not changed) whenever something of it changes. */
export interface Network extends NetworkListing {
  readonly connectionId: string;
  /** The definition it runs by, else the one for its next start; undefined until it is read. */
  readonly xml: string | undefined;
  /** Of an active network; undefined until they are read, or where the driver has none. */
  readonly leases: readonly DhcpLease[] | undefined;
  /** Why something of it could not be read at the last look. */
  readonly error?: LibvirtError | undefined;
  /** What is being done to it, e.g. "starting". */
  readonly pending: string | undefined;
}

/** A storage pool as screens see it. */
export interface Pool extends PoolListing {
  readonly connectionId: string;
  readonly xml: string | undefined;
  readonly info: PoolInfo | undefined;
  /** Why something of it could not be read at the last look. */
  readonly error?: LibvirtError | undefined;
  readonly pending: string | undefined;
  /** Read while somebody looks into the pool. */
  readonly volumes: Listing<Volume>;
}

/** A volume as screens see it. */
export interface Volume extends VolumeRef {
  /** Everything there is to know; read for the volumes that somebody looks at. */
  readonly xml: string | undefined;
  /** Why it could not be read, e.g. a volume that was removed behind libvirt's back. */
  readonly error: LibvirtError | undefined;
}
