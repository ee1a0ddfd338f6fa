import { dirname } from 'node:path';
import { inTurns } from '../inventory/in-turns.js';
import { type Place, placesOf } from '../libvirt/source-places.js';
import { dataFilesOf } from './images/data-files.js';
import { filesBehindDevice } from './images/device-files.js';
import { inspectImage } from './images/magic.js';

/** libvirt starts no guest on a deeper chain. */
const deepest = 200;
const readAtOnce = 16;
const mostRead = 2000;

/** What a file stands on. */
export interface Layers {
  /** Where its own data is, as far as it is not in itself: who writes to it writes there. */
  readonly data: readonly Place[];
  /** Images below it, down to what is known, and what holds their data. */
  readonly bases: readonly Place[];
}

/**
 * What files of this machine stand on, by their own headers: libvirt tells it only of volumes and of running guests.
 * Of other files that hold an image's data it tells nothing at all.
 *
 * @param known what libvirt tells of: only their data files are looked for
 * @returns for each file that stands on something
 */
export async function layersBelow(
  files: Iterable<Place>,
  known: ReadonlySet<Place>,
): Promise<ReadonlyMap<Place, Layers>> {
  const found = new Map<Place, Layers>();
  const all = [...new Set([...files, ...known])].filter((place) => place.startsWith('/'));
  const [outside, volumes] = [
    all.filter((place) => !known.has(place)),
    all.filter((place) => known.has(place)),
  ];
  await inTurns(outside.slice(0, mostRead), readAtOnce, async (file) => {
    const own = await dataOf(file);
    const bases = new Set<Place>();
    let top: Place | undefined = file;
    for (let depth = 0; top !== undefined && depth < deepest; depth += 1) {
      const folder = dirname(top);
      const [base, data]: [string | undefined, readonly Place[]] = await Promise.all([
        refersTo(top),
        depth === 0 ? [] : dataOf(top),
      ]);
      const places: readonly Place[] = base === undefined ? [] : placesOf(base, folder);
      const next = places.find((place) => place.startsWith('/') && !bases.has(place) && !known.has(place));
      for (const place of [...places, ...data]) bases.add(place);
      top = places.some((place) => known.has(place)) ? undefined : next;
    }
    if (own.length + bases.size > 0) found.set(file, { data: own, bases: [...bases] });
  });
  await inTurns(volumes.slice(0, mostRead), readAtOnce, async (file) => {
    const data = await dataOf(file);
    if (data.length > 0) found.set(file, { data, bases: [] });
  });
  return found;
}

async function refersTo(file: string): Promise<string | undefined> {
  try {
    return (await inspectImage(file)).refersTo;
  } catch {
    // It is not there, or may not be read: then nobody knows.
    return undefined;
  }
}

async function dataOf(file: string): Promise<readonly Place[]> {
  const [files, devices] = await Promise.all([dataFilesOf(file).catch(() => []), filesBehindDevice(file)]);
  return [...files, ...devices].flatMap((name) => placesOf(name, dirname(file)));
}
