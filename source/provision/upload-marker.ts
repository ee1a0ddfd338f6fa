import { ErrorCode, type LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { PoolRef, VolumeRef } from '../libvirt/storage.js';
import { volumeXml } from '../libvirt/xml/volume-xml.js';
import { virtdeckLine } from './by-hand.js';
import type { Made, StepControl } from './plan.js';

/** Bytes: nothing is ever written to it. */
const size = 512;
const ending = '.uploading';

/**
 * Half an image looks like a whole one to everybody who has no journal of the upload: another user, another machine.
 * So a volume of this name lies beside it until it is whole.
 */
export function markerOf(name: string): string {
  return `${name}${ending}`;
}

/** The volumes of a pool that are whole: no marks, and nothing that has one. */
export function wholeOnes<T extends { readonly name: string }>(volumes: readonly T[]): readonly T[] {
  const names = new Set(volumes.map(({ name }) => name));
  const isMark = (name: string): boolean => name.endsWith(ending) && names.has(name.slice(0, -ending.length));
  return volumes.filter(({ name }) => !names.has(markerOf(name)) && !isMark(name));
}

/**
 * Uploads an image that has a marker beside it meanwhile.
 *
 * @throws LibvirtError of `volumeExists` where somebody else is at it, or has made it
 */
export async function marked(
  { hypervisor, make, unmake }: StepControl,
  pool: PoolRef,
  name: string,
  upload: () => Promise<void>,
): Promise<void> {
  const marker = markerOf(name);
  const made: Made = { kind: 'volume', pool: pool.name, name: marker };
  const volume = await make(made, () =>
    hypervisor.volumes.create(
      pool,
      volumeXml({ name: marker, capacity: size, allocation: 0, format: 'raw' }),
    ),
  );
  const remove = (): Promise<void> => unmake(made, () => removeVolume(hypervisor, volume));
  try {
    await upload();
  } catch (error) {
    // It is somebody else's image, and whole; after anything else the marker stays until the rest is taken back.
    if ((error as LibvirtError).code === ErrorCode.volumeExists) await remove();
    throw error;
  }
  await remove();
}

/** What is gone already is no failure. @throws LibvirtError */
export async function removeVolume({ volumes }: Hypervisor, volume: VolumeRef): Promise<void> {
  try {
    await volumes.delete(volume);
  } catch (error) {
    if ((error as LibvirtError).code !== ErrorCode.noVolume) throw error;
  }
}

/** Milliseconds without a change after which nobody is thought to be at it: reading an image back changes nothing. */
const patience = 1_800_000;

/** An upload that only its marker tells of: somebody else's, or of another machine. */
export class StrangersUpload {
  #allocation: number | undefined;
  #since = Date.now();

  /** Whether it goes on, as far as that can be seen. @param image undefined where nothing of it is there yet */
  async goesOn({ volumes }: Hypervisor, image: VolumeRef | undefined): Promise<boolean> {
    const allocation = image === undefined ? undefined : (await volumes.info(image)).allocation;
    if (allocation !== this.#allocation) this.#since = Date.now();
    this.#allocation = allocation;
    return Date.now() - this.#since < patience;
  }
}

/** What a person types where nobody is at it. @param connection what opens the host */
export function removalOf(connection: string | undefined, pool: string, name: string): string {
  return virtdeckLine(connection, 'vol', 'delete', pool, name, markerOf(name));
}
