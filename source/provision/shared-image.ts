import { setTimeout as delay } from 'node:timers/promises';
import { ErrorCode, LibvirtError } from '../libvirt/errors.js';
import type { VolumeRef } from '../libvirt/storage.js';
import { lockFile } from '../state/file-lock.js';
import { isAlive } from '../state/process-mark.js';
import type { BaseContext, BaseImage } from './base-image.js';
import { holdsFiles } from './host-facts.js';
import { type CreationRecord, isSameHost, type NotedMade } from './journal.js';
import type { Step, StepControl } from './plan.js';
import { type BaseVolume, findVolume, readBase, uploadVolume } from './steps.js';
import { heldBy } from './undo.js';
import { marked, markerOf, removalOf, removeVolume, StrangersUpload } from './upload-marker.js';
import { refreshPool } from './volume-holders.js';

/** An image as a file of this machine, and what its volume is to be. */
export interface LocalFile {
  readonly path: string;
  readonly name: string;
  readonly format: string;
  /** Bytes. */
  readonly capacity: number;
  readonly size: number;
}

/** What is known of an image when the plan is made. */
interface SharedImage {
  /** The volume, where the pool had one of that name by then. */
  readonly known: VolumeRef | undefined;
  readonly name: string;
  /** False where only the file tells the name of the volume. */
  readonly settled?: boolean;
  readonly file: (control: StepControl) => Promise<LocalFile>;
  /** Bytes of the file. */
  readonly needs: number;
  /** Bytes that the guest sees, as far as that is known. */
  readonly capacity: number | undefined;
}

type Place = Pick<BaseContext, 'journal' | 'connection' | 'uri' | 'pool' | 'facts'>;

const lookEvery = 500;

/**
 * An image as a volume that all creations on the host share, of this program and of others: whoever comes first
 * uploads it, the others wait for it.
 *
 */
export function sharedImage(
  context: Place & Pick<BaseContext, 'folder'>,
  { known, name, settled = true, file, needs, capacity }: SharedImage,
): BaseImage {
  const { pool, folder } = context;
  const made: { base: BaseVolume | undefined } = { base: undefined };
  const step: Step = {
    id: 'base',
    title: known === undefined ? `Upload ${name} to the pool ${pool}` : `Use ${name} of the pool ${pool}`,
    run: async (control) => {
      const volume = settled ? name : (await file(control)).name;
      for (;;) {
        made.base = await usable(control, context, volume);
        if (made.base !== undefined) return 'in the pool already';
        made.base = await upload(control, context, await file(control));
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
    path: folder === undefined || !settled ? undefined : `${folder}/${name}`,
    existing: known,
    needs: known === undefined ? needs : 0,
    capacity,
  };
}

/** Undefined where somebody else is at it, or has made it since: theirs is waited for. */
async function upload(control: StepControl, place: Place, file: LocalFile): Promise<BaseVolume | undefined> {
  const { hypervisor } = control;
  const ref = await hypervisor.pools.lookup(place.pool);
  try {
    const work = (): Promise<void> => uploadVolume(control, 'image', place.pool, file);
    // Pools of devices have no room for a volume that is only a sign.
    await (place.facts === undefined || holdsFiles(place.facts)
      ? marked(control, ref, file.name, work)
      : work());
  } catch (error) {
    if ((error as LibvirtError).code === ErrorCode.volumeExists) return undefined;
    throw error;
  }
  // So that the host knows what is in it; without that, what it was told is right as well.
  await refreshPool(hypervisor.pools, ref);
  return readBase(hypervisor, await hypervisor.volumes.lookup(ref, file.name));
}

/**
 * The volume where it is there and whole. Another creation may be uploading it: it is waited for. One of this user
 * that was cut off has left a part: it is removed, unless somebody stands on it.
 *
 * @throws LibvirtError, also where somebody else's upload does not go on
 */
async function usable(control: StepControl, place: Place, name: string): Promise<BaseVolume | undefined> {
  const { hypervisor, signal, say } = control;
  let stranger: StrangersUpload | undefined;
  let told = false;
  const tellOnce = (who: string): void => {
    if (!told) say(`${name} is being uploaded by ${who}: waiting for it`);
    told = true;
  };
  for (;;) {
    const { volume, marker, working, cutOff } = await look(control, place, name);
    if (!working && cutOff.length > 0) {
      await takeOver(control, place, name);
      continue;
    }
    if (!working && marker === undefined) return volume && readBase(hypervisor, volume);
    if (working) {
      tellOnce('another creation');
    } else if (stranger === undefined) {
      // Whoever has just ended it is not looked at twice.
      stranger = new StrangersUpload();
    } else {
      tellOnce('somebody else');
      if (!(await stranger.goesOn(hypervisor, volume))) throw abandoned(place, name);
    }
    await delay(lookEvery, undefined, { signal });
  }
}

function abandoned({ connection, pool }: Place, name: string): LibvirtError {
  return new LibvirtError({
    kind: 'libvirt',
    message: `somebody else has begun to upload ${name} to the pool ${pool} and does not go on`,
    hint: `Where nobody is at it, delete what is there of it: ${removalOf(connection, pool, name)}`,
  });
}

interface Seen {
  readonly volume: VolumeRef | undefined;
  readonly marker: VolumeRef | undefined;
  /** A creation of this user is at it. */
  readonly working: boolean;
  /** Those of this user that were cut off while they were at it. */
  readonly cutOff: readonly CreationRecord[];
}

async function look({ hypervisor }: StepControl, place: Place, name: string): Promise<Seen> {
  const pool = await hypervisor.pools.lookup(place.pool);
  // In this order: what is seen here was marked, and noted, before.
  const volume = await findVolume(hypervisor, pool, name);
  const marker = await findVolume(hypervisor, pool, markerOf(name));
  return { volume, marker, ...(await othersAt(place, name)) };
}

/**
 * Removes what creations that were cut off have left in part. It is this creation's from now on, or was whole: nobody
 * takes it back because of an old note. One at a time: another one would remove what the first one makes anew.
 */
async function takeOver(control: StepControl, place: Place, name: string): Promise<void> {
  const { hypervisor, signal, say } = control;
  const { journal, pool } = place;
  const lock = journal.lockFile && (await lockFile(journal.lockFile, { signal }));
  try {
    const { volume, marker, working, cutOff } = await look(control, place, name);
    if (working) return;
    const doubtful = cutOff.some(({ made }) => made.some((noted) => !noted.sure && isOf(noted, pool, name)));
    if (volume !== undefined && doubtful && (await heldBy(hypervisor, volume)) === undefined) {
      say(`${name} is incomplete: it was left by a creation that was cut off, and is made anew`);
      await removeVolume(hypervisor, volume);
    }
    if (marker !== undefined && cutOff.length > 0) await removeVolume(hypervisor, marker);
    for (const { id } of cutOff) await journal.changeCutOff(id, (record) => without(record, pool, name));
  } finally {
    if (lock) await lock.release();
  }
}

/** Who else has begun to upload it: whether somebody is at it, and who was cut off. */
async function othersAt(place: Place, name: string): Promise<Pick<Seen, 'working' | 'cutOff'>> {
  const marker = markerOf(name);
  const records = (await place.journal.list()).filter(
    (record) =>
      isSameHost(record, place) &&
      record.made.some(
        (noted) =>
          ((!noted.sure || noted.unwanted) && isOf(noted, place.pool, name)) ||
          isOf(noted, place.pool, marker),
      ),
  );
  const alive = await Promise.all(records.map(({ process }) => isAlive(process)));
  return { working: alive.includes(true), cutOff: records.filter((_, index) => !alive[index]) };
}

function isOf({ made }: NotedMade, pool: string, name: string): boolean {
  return 'pool' in made && made.pool === pool && made.name === name;
}

function without(record: CreationRecord, pool: string, name: string): CreationRecord {
  const names = [name, markerOf(name)];
  return { ...record, made: record.made.filter((noted) => !names.some((one) => isOf(noted, pool, one))) };
}
