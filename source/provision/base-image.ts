import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { ErrorCode, isUnsupported, type LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { VolumeRef } from '../libvirt/storage.js';
import { describePool } from '../libvirt/xml/pool-xml.js';
import { notRegular } from '../state/read-small-file.js';
import { readFailure } from '../text/read-failure.js';
import { bytes } from '../text/size.js';
import { virtdeckLine } from './by-hand.js';
import type { PoolFacts } from './host-facts.js';
import { DownloadError } from './http/download-error.js';
import { ImageCache } from './images/image-cache.js';
import { type ImageProblem, imageDoubt, imageProblem, mediumProblem } from './images/image-problem.js';
import type { ImageSource } from './images/image-source.js';
import { inspectVolume } from './images/inspect-volume.js';
import { type Inspection, inspectImage } from './images/magic.js';
import type { CreationJournal } from './journal.js';
import type { Finding, Step, StepControl } from './plan.js';
import { type LocalFile, sharedImage } from './shared-image.js';
import { type BaseVolume, findVolume, readBase } from './steps.js';
import { markerOf, removalOf } from './upload-marker.js';
import { refreshPool } from './volume-holders.js';

type Env = Readonly<Record<string, string | undefined>>;

/** How an image comes to be a volume of the host. */
export interface BaseImage {
  readonly steps: readonly Step[];
  /** The volume; certain once the steps are done. */
  readonly volume: () => BaseVolume;
  /** "file", "block", …; undefined until it is there: it is uploaded as a file. */
  readonly type: () => string | undefined;
  /** Its path on the host, as far as it can be told before. */
  readonly path: string | undefined;
  /** The volume, where it was there when the plan was made. */
  readonly existing: VolumeRef | undefined;
  /** Bytes that the pool must hold for it; 0 where it is there. */
  readonly needs: number;
  /** Bytes of what the guest sees; undefined where nobody knows yet. */
  readonly capacity: number | undefined;
}

export interface BaseContext {
  readonly hypervisor: Hypervisor;
  /** What opens the connection again. */
  readonly connection: string | undefined;
  /** Of the host, as its daemon says it. */
  readonly uri: string;
  /** Whether the host is this machine. */
  readonly local: boolean;
  /** Where it goes; undefined while the pool is not there or not active. */
  readonly facts: PoolFacts | undefined;
  readonly pool: string;
  /** What it is for: a disk, or an installer's CD-ROM drive. */
  readonly use: ImageUse;
  /** Where the pool's volumes lie. */
  readonly folder: string | undefined;
  readonly env: Env;
  readonly journal: CreationJournal;
  readonly signal: AbortSignal;
}

export type ImageUse = 'disk' | 'cdrom';

/** What a volume of a pool is found by. */
export type VolumeContext = Pick<BaseContext, 'hypervisor' | 'connection' | 'pool' | 'facts' | 'use'>;

const problemOf: Readonly<Record<ImageUse, typeof imageProblem>> = {
  disk: imageProblem,
  cdrom: mediumProblem,
};

/** What libvirt calls the format of a volume that may be a CD-ROM's: it looks for the others only. */
const mediumFormats: readonly (string | undefined)[] = [undefined, 'raw', 'iso'];

/** What a person should know of a file that is taken nevertheless. */
function doubts(use: ImageUse, what: string, inspected: Inspection): readonly Finding[] {
  const doubt = use === 'disk' ? imageDoubt(inspected) : undefined;
  if (doubt === undefined) return [];
  return [{ level: 'warning', field: 'source', message: `${what}: ${doubt.message}`, fix: doubt.hint }];
}

type Found = { readonly base: BaseImage | undefined; readonly findings: readonly Finding[] };

const failed = (message: string, fix?: string, options?: string): Found => ({
  base: undefined,
  findings: [{ level: 'error', field: 'source', message, fix, ...(options && { options }) }],
});

/** Finds out what has to be done for an image to be a volume of the pool. @throws LibvirtError */
export function resolveImage(source: ImageSource, context: BaseContext): Promise<Found> {
  if (source.kind === 'volume') return volumeImage(source, context);
  return source.kind === 'file' ? fromFile(source.path, context) : fromSite(source, context);
}

/** A volume of a pool, used as it is. @throws LibvirtError */
export async function volumeImage(
  { pool: wanted, name }: { readonly pool?: string | undefined; readonly name: string },
  { hypervisor, connection, pool: usual, facts, use }: VolumeContext,
): Promise<Found> {
  const listed = await hypervisor.pools.list();
  if (isUnsupported(listed)) return failed('this connection has no storage pools');
  const pool = listed.find((one) => one.name === (wanted ?? usual));
  if (pool === undefined) return failed(`there is no storage pool ${wanted ?? usual}`);
  if (!pool.active)
    return failed(
      `the storage pool ${pool.name} is not active`,
      `Start it: ${virtdeckLine(connection, 'pool', 'start', pool.name)}`,
    );
  // The pool of the new disks has been refreshed for the plan.
  if (pool.name !== facts?.listing.name) await refreshPool(hypervisor.pools, pool);
  const volume = await findVolume(hypervisor, pool, name);
  if (volume === undefined) {
    const there = facts?.listing.name === pool.name ? facts.volumes.map((one) => one.name) : [];
    const fix = there.length === 0 ? undefined : `It has: ${there.slice(0, 8).join(', ')}.`;
    return failed(`the pool ${pool.name} has no volume ${name}`, fix);
  }
  return thereFor(use, hypervisor, volume, connection);
}

async function thereFor(
  use: ImageUse,
  hypervisor: Hypervisor,
  volume: VolumeRef,
  connection: string | undefined,
  seen?: { readonly what: string; readonly inspected: Inspection | undefined },
): Promise<Found> {
  const { name, pool } = volume;
  const mark = await findVolume(hypervisor, await hypervisor.pools.lookup(pool), markerOf(name));
  if (mark !== undefined)
    return failed(
      `the volume ${name} of the pool ${pool} is not whole: it is being uploaded (${mark.name} lies beside it)`,
      `Wait until that is done. Where nobody is at it: ${removalOf(connection, pool, name)}`,
    );
  const base = await there(hypervisor, volume);
  const { format } = base.volume();
  if (use === 'cdrom' && !mediumFormats.includes(format))
    return failed(
      `the volume ${name} of the pool ${pool} is no ISO image but a disk (${format})`,
      'An installer is an ISO. A disk is taken as an image, or imported as it is.',
      '--image, --import',
    );
  // E.g. of Ceph: reached over the network, by secrets of the pool.
  if (base.type() === 'network')
    return failed(`the volume ${name} of the pool ${pool} is reached over the network: not offered here`);
  const what = seen?.what ?? `the volume ${name} of the pool ${pool}`;
  const inspected = seen?.inspected ?? (await inspectVolume(hypervisor, volume, base.volume().path));
  if (inspected === undefined) return { base, findings: [] };
  // What it stands on is the host's own.
  const wrong = problemOf[use]({ ...inspected, refersTo: undefined }) ?? misread(format, inspected);
  if (wrong !== undefined) return failed(`${what}: ${wrong.message}`, wrong.hint, wrong.options);
  return { base, findings: doubts(use, what, inspected) };
}

/** libvirt takes formats that it does not know for raw: a guest would see the format, and not what is in it. */
function misread(format: string | undefined, { format: own }: Inspection): ImageProblem | undefined {
  if (own === format || format !== 'raw' || own === 'raw' || own === 'iso') return undefined;
  return {
    message: `it is ${own}, which libvirt takes for raw`,
    hint: 'Make a new file of it: qemu-img convert -O qcow2 FILE NEWFILE',
  };
}

async function there(hypervisor: Hypervisor, volume: VolumeRef): Promise<BaseImage> {
  const base = await readBase(hypervisor, volume);
  return {
    steps: [],
    volume: () => base,
    type: () => base.type,
    path: base.path,
    existing: volume,
    needs: 0,
    capacity: base.capacity,
  };
}

/** A file of this machine: uploaded, unless the host is this machine and the file a volume of a pool. */
async function fromFile(path: string, context: BaseContext): Promise<Found> {
  const { hypervisor, local, facts, use } = context;
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) return failed(readFailure(path, found));
  if (found.isDirectory()) return failed(`${path} is a directory`, 'Name the image in it.');
  if (!found.isFile()) return failed(readFailure(path, notRegular(found)));
  const real = await realpath(path);
  const volume = local ? await volumeAt(hypervisor, real, path) : undefined;
  // A volume may be for the daemon's eyes only, and may stand on another one.
  const inspected = await inspectImage(path).catch((error: Error) => error);
  if (volume !== undefined) {
    const seen = inspected instanceof Error ? undefined : inspected;
    return thereFor(use, hypervisor, volume, context.connection, { what: path, inspected: seen });
  }
  if (inspected instanceof Error) return failed(readFailure(path, inspected));
  const problem = problemOf[use](inspected);
  if (problem !== undefined) return failed(`${path}: ${problem.message}`, problem.hint, problem.options);
  // The same file is the same volume; a file that has changed is another one.
  const { size, mtimeMs, ctimeMs, ino } = found;
  const mark = createHash('sha256').update([real, size, mtimeMs, ctimeMs, ino].join('\n')).digest('hex');
  const ending = extname(path);
  const name = `${basename(path, ending)}-${mark.slice(0, 8)}${ending}`;
  const { format, virtualSize = found.size } = inspected;
  const known = facts?.listing.active ? await findVolume(hypervisor, facts.listing, name) : undefined;
  const file = { path, name, format: volumeFormat(format), capacity: virtualSize, size: found.size };
  const image = { known, name, file: async () => file, needs: found.size, capacity: virtualSize };
  return { base: sharedImage(context, image), findings: doubts(use, path, inspected) };
}

/**
 * The volume that a file of this machine is. libvirt finds it by the pool's own spelling only, where it has seen the
 * file: pools whose folder holds it are refreshed, and asked by their name for that.
 */
async function volumeAt(
  { pools, volumes }: Hypervisor,
  real: string,
  path: string,
): Promise<VolumeRef | undefined> {
  const listed = await pools.list();
  for (const pool of isUnsupported(listed) ? [] : listed.filter(({ active }) => active)) {
    const { path: folder } = describePool(await pools.xml(pool));
    if (folder === undefined || (await realFolder(folder)) !== dirname(real)) continue;
    await refreshPool(pools, pool);
    const volume = await findVolume({ volumes }, pool, basename(real));
    if (volume !== undefined) return volume;
  }
  // A device is in no pool's folder.
  for (const one of [real, resolve(path)])
    try {
      return await volumes.lookupByPath(one);
    } catch (error) {
      if ((error as LibvirtError).code !== ErrorCode.noVolume) throw error;
    }
  return undefined;
}

function realFolder(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/** An image of a site on the net: into the cache of this machine first. */
async function fromSite(
  source: Exclude<ImageSource, { kind: 'volume' | 'file' }>,
  context: BaseContext,
): Promise<Found> {
  const { hypervisor, facts, env, signal, use } = context;
  const cache = new ImageCache(env);
  const known = await cache.identify(source, { env, signal });
  if ('problem' in known) return failed(known.problem, known.hint);
  const { name, settled, size, cached, checksum, unasked } = known;
  const findings: Finding[] =
    unasked === undefined
      ? []
      : [{ level: 'note', field: 'source', message: `${unasked}: the image of the cache is used` }];
  const volume =
    settled && facts?.listing.active ? await findVolume(hypervisor, facts.listing, name) : undefined;
  const wanted = 'image' in source ? source.image.id : source.url;
  const got: { file: LocalFile | undefined } = { file: undefined };
  const get = async ({ signal: stop, progress, say }: StepControl): Promise<LocalFile> => {
    const image = await cache.fetch(source, { env, signal: stop, progress, onStep: say });
    const { path, format, virtualSize, size: length } = image;
    for (const { message } of doubts(use, wanted, image)) say(message);
    const problem = problemOf[use](image);
    if (problem !== undefined) throw new DownloadError(`${wanted}: ${problem.message}`, problem);
    // Volumes of an image are found by the name of its content.
    if (settled && image.name !== name)
      throw new Error(`${wanted} has changed at its site in the meantime: the plan is to be made anew`);
    return {
      path,
      name: image.name,
      format: volumeFormat(format),
      capacity: virtualSize ?? length,
      size: length,
    };
  };
  const fetch: Step = {
    id: 'image',
    title: `Get the image ${wanted}${size === undefined ? '' : ` (${bytes(size)})`}`,
    run: async (control) => {
      got.file = await get(control);
      if (cached) return 'in the cache already';
      const verified = checksum === undefined ? 'no checksum is known' : 'checksum verified';
      return `${bytes(got.file.size)}, ${verified}`;
    },
  };
  // A volume that was there when the plan was made may be gone, or turn out to be a part only.
  const file = async (control: StepControl): Promise<LocalFile> => got.file ?? (await get(control));
  // A name that no volume will have is not announced.
  const shared = {
    known: volume,
    name: settled ? name : wanted,
    settled,
    file,
    needs: size ?? 0,
    capacity: undefined,
  };
  const base = sharedImage(context, shared);
  return { base: volume === undefined ? { ...base, steps: [fetch, ...base.steps] } : base, findings };
}

/** libvirt calls a CD-ROM's image raw. */
function volumeFormat(format: string): string {
  return format === 'iso' ? 'raw' : format;
}
