import { stat } from 'node:fs/promises';
import { ErrorCode, LibvirtError } from '../libvirt/errors.js';
import type { DomainRef, Hypervisor } from '../libvirt/hypervisor.js';
import type { NetworkRef } from '../libvirt/networks.js';
import type { PoolRef, VolumeRef } from '../libvirt/storage.js';
import { uploadFile } from '../libvirt/transfer.js';
import { defaultNetworkXml } from '../libvirt/xml/default-network-xml.js';
import { poolXml } from '../libvirt/xml/pool-xml.js';
import { describeVolume, volumeXml } from '../libvirt/xml/volume-xml.js';
import { bytes } from '../text/size.js';
import type { Step, StepControl } from './plan.js';

/** Copies take as long as the storage does: a day, in milliseconds. */
const storageTimeout = 86_400_000;
/** libvirt answers a start when the emulator is there: with many disks or a slow host, late. */
const startTimeout = 120_000;

/** A volume that guests stand on, as it is known once it is there. */
export interface BaseVolume {
  readonly path: string;
  /** "file", "block", "network", … */
  readonly type: string;
  readonly format: string | undefined;
  /** Bytes. */
  readonly capacity: number;
  readonly volume: VolumeRef;
}

export function makePool(name: string, path: string): Step {
  return {
    id: 'pool',
    title: `Make the storage pool ${name} at ${path}`,
    run: async ({ hypervisor: { pools }, make }) => {
      let pool: PoolRef;
      try {
        pool = await make({ kind: 'pool', name }, () => pools.define(poolXml({ name, type: 'dir', path })));
      } catch (error) {
        // Another creation may have been faster: it is the pool that was wanted.
        pool = await pools.lookup(name).catch(() => Promise.reject(error));
      }
      await unlessActive(pools.build(pool));
      await unlessActive(pools.start(pool));
      await pools.setAutostart(pool, true);
      return undefined;
    },
  };
}

export function startPool({ name }: PoolRef): Step {
  return {
    id: 'pool',
    title: `Start the storage pool ${name}`,
    run: async ({ hypervisor: { pools }, make }) => {
      const pool = await pools.lookup(name);
      return unlessActive(make({ kind: 'pool-started', name }, () => pools.start(pool)));
    },
  };
}

export function startNetwork(name: string): Step {
  return {
    id: 'network',
    title: `Start the network ${name}`,
    run: async ({ hypervisor: { networks }, make }) => {
      const network = await networks.lookup(name);
      return unlessActive(make({ kind: 'network-started', name }, () => networks.start(network)));
    },
  };
}

/** As key N of the networks does. */
export function makeDefaultNetwork(): Step {
  return {
    id: 'network',
    title: 'Make and start the network default',
    run: async ({ hypervisor: { networks }, make }) => {
      let network: NetworkRef;
      try {
        network = await make({ kind: 'network', name: 'default' }, () => networks.define(defaultNetworkXml));
      } catch (error) {
        // Another creation may have been faster: it is the network that was wanted.
        network = await networks.lookup('default').catch(() => Promise.reject(error));
      }
      await networks.setAutostart(network, true);
      return unlessActive(networks.start(network));
    },
  };
}

/** Another creation may have been faster: what is active already need not be started, nor taken back. */
async function unlessActive(starting: Promise<void>): Promise<string | undefined> {
  try {
    await starting;
    return undefined;
  } catch (error) {
    if ((error as LibvirtError).code !== ErrorCode.operationInvalid) throw error;
    return 'active by now';
  }
}

export async function readBase(hypervisor: Hypervisor, volume: VolumeRef): Promise<BaseVolume> {
  const [path, xml] = await Promise.all([hypervisor.volumes.path(volume), hypervisor.volumes.xml(volume)]);
  const { type, format, capacity } = describeVolume(xml);
  return { path, type, format, capacity, volume };
}

/** The volume of that name, where the pool has one. */
export async function findVolume(
  { volumes }: Pick<Hypervisor, 'volumes'>,
  pool: PoolRef,
  name: string,
): Promise<VolumeRef | undefined> {
  try {
    return await volumes.lookup(pool, name);
  } catch (error) {
    if ((error as LibvirtError).code === ErrorCode.noVolume) return undefined;
    throw error;
  }
}

/** A local file as a volume, by a connection of its own; read back and compared. */
export async function uploadVolume(
  { hypervisor, connect, make, signal, progress }: StepControl,
  kind: 'image' | 'volume',
  pool: string,
  file: {
    readonly path: string;
    readonly name: string;
    readonly format: string;
    /** Bytes. */
    readonly capacity: number;
  },
): Promise<void> {
  const { path, name, format, capacity } = file;
  const ref = await hypervisor.pools.lookup(pool);
  await make({ kind, pool, name }, async () => {
    const own = await connect();
    try {
      // A file of a format may be larger than what is in it; the volume has to hold the file.
      const { size } = await stat(path);
      const xml = volumeXml({ name, capacity: Math.max(capacity, size), allocation: 0, format });
      await uploadFile(own, ref, path, { xml, signal, progress, reopen: connect });
    } finally {
      await own.close();
    }
  });
}

export interface DiskWishes {
  readonly pool: string;
  readonly name: string;
  readonly format: string | undefined;
  /** Bytes; at least what the base has. */
  readonly size: number;
  readonly allocation: number | undefined;
}

export function emptyDisk(wishes: DiskWishes): Step {
  const { pool, name, format, size, allocation = 0 } = wishes;
  return {
    id: 'disk',
    title: `Make the disk ${name} (${bytes(size)}) in the pool ${pool}`,
    run: async (control) => {
      await newVolume(control, pool, name, volumeXml({ name, capacity: size, allocation, format }));
      return undefined;
    },
  };
}

/** A thin disk that holds only what differs from the image. */
export function overlayDisk(wishes: DiskWishes, base: () => BaseVolume): Step {
  const { pool, name, size, allocation } = wishes;
  return {
    id: 'disk',
    title: `Make the disk ${name} (${bytes(size)}) on the image, in the pool ${pool}`,
    run: async (control) => {
      const { path, format, capacity } = base();
      checkSize(size, capacity);
      const backing = { path, format };
      const xml = volumeXml({ name, capacity: size, allocation, format: 'qcow2', backing });
      await newVolume(control, pool, name, xml);
      return undefined;
    },
  };
}

export function copiedDisk(wishes: DiskWishes, base: () => BaseVolume): Step {
  const { pool, name, format, size, allocation } = wishes;
  return {
    id: 'disk',
    title: `Copy the image to the disk ${name} (${bytes(size)}) in the pool ${pool}`,
    run: async (control) => {
      const { hypervisor, signal, say } = control;
      const { volume: from, capacity } = base();
      checkSize(size, capacity);
      const ref = await hypervisor.pools.lookup(pool);
      const xml = volumeXml({ name, capacity, allocation, format });
      signal.throwIfAborted();
      const tell = (): void => say('libvirt cannot stop a copy: it is removed once it is whole');
      signal.addEventListener('abort', tell, { once: true });
      // Waited for, whoever cancels: a volume that is still being made cannot be deleted.
      const made = await control
        .make({ kind: 'volume', pool, name }, () =>
          hypervisor.volumes.clone(ref, xml, from, { timeout: storageTimeout }),
        )
        .finally(() => signal.removeEventListener('abort', tell));
      signal.throwIfAborted();
      // A clone has the size of what it is made from, whatever its definition says.
      if (size > capacity) await hypervisor.volumes.resize(made, size, { signal, timeout: storageTimeout });
      return undefined;
    },
  };
}

function checkSize(size: number, capacity: number): void {
  if (size >= capacity) return;
  throw new LibvirtError({
    kind: 'protocol',
    message: `the disk would have ${bytes(size)}, the image has ${bytes(capacity)}`,
    hint: `Give the disk ${bytes(capacity)} or more.`,
  });
}

function newVolume(
  { hypervisor, make }: StepControl,
  pool: string,
  name: string,
  xml: string,
): Promise<VolumeRef> {
  return make({ kind: 'volume', pool, name }, async () =>
    hypervisor.volumes.create(await hypervisor.pools.lookup(pool), xml, { timeout: storageTimeout }),
  );
}

/** @param xml asked for when the step runs: paths of volumes are known for certain by then */
export function defineDomain(
  { name, uuid }: { readonly name: string; readonly uuid: string },
  xml: (control: StepControl) => Promise<string>,
): Step {
  return {
    id: 'define',
    title: `Define the domain ${name}`,
    run: async (control) => {
      const text = await xml(control);
      await control.make({ kind: 'domain', name, uuid }, () => control.hypervisor.defineDomain(text));
      return undefined;
    },
  };
}

export function startDomain({ name, uuid }: { readonly name: string; readonly uuid: string }): Step {
  return {
    id: 'start',
    title: `Start the domain ${name}`,
    run: async ({ hypervisor, make }) => {
      const domain: DomainRef = await hypervisor.lookupDomain(name);
      await make({ kind: 'domain-started', name, uuid }, async () => {
        try {
          await hypervisor.start(domain, { timeout: startTimeout });
        } catch (error) {
          throw startFailure(error as LibvirtError);
        }
      });
      return undefined;
    },
  };
}

/** What QEMU says where KVM is announced and cannot be used, and what to do then. */
function startFailure(error: LibvirtError): LibvirtError {
  if (!/kvm/i.test(error.message) || error.kind !== 'libvirt') return error;
  return error.withHint(
    'KVM does not work on this host: choose the virtualization type qemu (--virt-type qemu), which is slower.',
  );
}
