import { setTimeout as delay } from 'node:timers/promises';
import { ErrorCode, type LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { PoolRef, VolumeRef } from '../libvirt/storage.js';
import type { BaseContext, BaseImage } from './base-image.js';
import { type CreationRecord, isAlive, type NotedMade } from './journal.js';
import { isLocal } from './places.js';
import type { Step, StepControl } from './plan.js';
import { type BaseVolume, findVolume, readBase, uploadVolume } from './steps.js';
import { heldBy } from './undo.js';

/** An image as a file of this machine, and what its volume is to be. */
export interface LocalFile {
  readonly path: string;
  readonly name: string;
  readonly format: string;
  /** Bytes. */
  readonly capacity: number;
  readonly size: number;
}

type Place = Pick<BaseContext, 'journal' | 'connection' | 'uri' | 'pool'>;

const lookEvery = 500;

/**
 * An image as a volume that all creations on the host share, of this program and of others: whoever comes first
 * uploads it, the others wait for it.
 *
 * @param known the volume, where the pool had one of that name when the plan was made
 * @param needs bytes of the file
 * @param capacity bytes that the guest sees, as far as that is known
 */
export function sharedImage(
  context: Place & Pick<BaseContext, 'folder'>,
  known: VolumeRef | undefined,
  name: string,
  file: (control: StepControl) => Promise<LocalFile>,
  needs: number,
  capacity: number | undefined,
): BaseImage {
  const { pool, folder } = context;
  const made: { base: BaseVolume | undefined } = { base: undefined };
  const step: Step = {
    id: 'base',
    title: known === undefined ? `Upload ${name} to the pool ${pool}` : `Use ${name} of the pool ${pool}`,
    run: async (control) => {
      for (;;) {
        made.base = await usable(control, context, name);
        if (made.base !== undefined) return 'in the pool already';
        made.base = await upload(control, pool, await file(control));
        if (made.base !== undefined) return undefined;
      }
    },
  };
  return {
    steps: [step],
    volume: () => {
      if (made.base === undefined) throw new Error(`${name} is not there yet`);
      return made.base;
    },
    type: () => made.base?.type,
    path: folder === undefined ? undefined : `${folder}/${name}`,
    needs: known === undefined ? needs : 0,
    capacity,
  };
}

/** Undefined where somebody else has made it since: theirs is waited for. */
async function upload(control: StepControl, pool: string, file: LocalFile): Promise<BaseVolume | undefined> {
  const { hypervisor } = control;
  try {
    await uploadVolume(control, 'image', pool, file);
  } catch (error) {
    if ((error as LibvirtError).code === ErrorCode.volumeExists) return undefined;
    throw error;
  }
  const ref = await hypervisor.pools.lookup(pool);
  await readAnew(hypervisor, ref);
  return readBase(hypervisor, await hypervisor.volumes.lookup(ref, file.name));
}

/**
 * Lets the host find out what is in the volume. libvirt refuses it while it makes another volume in the pool, and what
 * it was told of this one is right as well.
 */
async function readAnew({ pools }: Hypervisor, pool: PoolRef): Promise<void> {
  try {
    await pools.refresh(pool);
  } catch (error) {
    if ((error as LibvirtError).kind !== 'libvirt') throw error;
  }
}

/**
 * The volume where it is there and whole. Another creation of this machine may be uploading it: it is waited for.
 * One that was cut off has left a part: it is removed, unless somebody stands on it.
 */
async function usable(
  { hypervisor, signal, say }: StepControl,
  place: Place,
  name: string,
): Promise<BaseVolume | undefined> {
  const ref = await hypervisor.pools.lookup(place.pool);
  for (let told = false; ; told = true) {
    // In this order: what is seen here was noted before.
    const volume = await findVolume(hypervisor, ref, name);
    const { working, cutOff } = await othersAt(place, name);
    if (!working) {
      // It is this creation's from now on, or was whole: nobody takes it back because of an old note.
      const incomplete =
        volume !== undefined && cutOff.length > 0 && (await heldBy(hypervisor, volume)) === undefined;
      if (incomplete) {
        say(`${name} is incomplete: it was left by a creation that was cut off, and is made anew`);
        await hypervisor.volumes.delete(volume);
      }
      for (const record of cutOff) await place.journal.write(without(record, place.pool, name));
      return volume === undefined || incomplete ? undefined : readBase(hypervisor, volume);
    }
    if (!told) say(`${name} is being uploaded by another creation: waiting for it`);
    await delay(lookEvery, undefined, { signal });
  }
}

/** Who else has begun to upload it: whether somebody is at it, and who was cut off. */
async function othersAt(
  place: Place,
  name: string,
): Promise<{ readonly working: boolean; readonly cutOff: readonly CreationRecord[] }> {
  const records = (await place.journal.list()).filter(
    (record) =>
      isSameHost(record, place) && record.made.some((noted) => !noted.sure && isOf(noted, place.pool, name)),
  );
  const alive = await Promise.all(records.map(({ process }) => isAlive(process)));
  return { working: alive.includes(true), cutOff: records };
}

/** By what opened the connection; a host that is this machine has several such names. */
function isSameHost(record: CreationRecord, { connection, uri }: Place): boolean {
  if (record.connection === connection) return true;
  return record.uri === uri && isLocal(record.connection) && isLocal(connection);
}

function isOf({ made }: NotedMade, pool: string, name: string): boolean {
  return made.kind === 'image' && made.pool === pool && made.name === name;
}

function without(record: CreationRecord, pool: string, name: string): CreationRecord {
  return { ...record, made: record.made.filter((noted) => !isOf(noted, pool, name)) };
}
