import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ErrorCode, isUnsupported, type LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { PoolRef, VolumeRef } from '../libvirt/storage.js';
import { bytes } from '../text/size.js';
import type { PoolFacts } from './host-facts.js';
import { ImageCache } from './images/image-cache.js';
import type { ImageSource } from './images/image-source.js';
import { imageProblem, inspectImage } from './images/magic.js';
import { type CreationJournal, isAlive } from './journal.js';
import type { Finding, Step, StepControl } from './plan.js';
import { type BaseVolume, findVolume, readBase, uploadVolume } from './steps.js';

type Env = Readonly<Record<string, string | undefined>>;

/** How an image comes to be a volume of the host. */
export interface BaseImage {
  readonly steps: readonly Step[];
  /** The volume; certain once the steps are done. */
  readonly volume: () => BaseVolume;
  /** Its path on the host, as far as it can be told before. */
  readonly path: string | undefined;
  /** Bytes that the pool must hold for it; 0 where it is there. */
  readonly needs: number;
  /** Bytes of what the guest sees; undefined where nobody knows yet. */
  readonly capacity: number | undefined;
}

export interface BaseContext {
  readonly hypervisor: Hypervisor;
  /** What opens the connection again. */
  readonly connection: string | undefined;
  /** Whether the host is this machine. */
  readonly local: boolean;
  /** Where it goes; undefined while the pool is not there or not active. */
  readonly facts: PoolFacts | undefined;
  readonly pool: string;
  /** Where the pool's volumes lie. */
  readonly folder: string | undefined;
  readonly env: Env;
  readonly journal: CreationJournal;
  readonly signal: AbortSignal;
}

type Found = { readonly base: BaseImage | undefined; readonly findings: readonly Finding[] };

const failed = (message: string, fix?: string): Found => ({
  base: undefined,
  findings: [{ level: 'error', field: 'source', message, fix }],
});

/** Finds out what has to be done for an image to be a volume of the pool. @throws LibvirtError */
export function resolveImage(source: ImageSource, context: BaseContext): Promise<Found> {
  if (source.kind === 'volume') return fromVolume(source, context);
  return source.kind === 'file' ? fromFile(source.path, context) : fromSite(source, context);
}

/** A volume of a pool, used as it is. */
async function fromVolume(
  { pool: wanted, name }: { readonly pool?: string | undefined; readonly name: string },
  { hypervisor, pool: usual, facts }: BaseContext,
): Promise<Found> {
  const listed = await hypervisor.pools.list();
  if (isUnsupported(listed)) return failed('this connection has no storage pools');
  const pool = listed.find((one) => one.name === (wanted ?? usual));
  if (pool === undefined) return failed(`there is no storage pool ${wanted ?? usual}`);
  if (!pool.active)
    return failed(`the storage pool ${pool.name} is not active`, `virsh pool-start ${pool.name}`);
  const volume = await findVolume(hypervisor, pool, name);
  if (volume === undefined) {
    const there = facts?.listing.name === pool.name ? facts.volumes.map((one) => one.name) : [];
    const fix = there.length === 0 ? undefined : `It has: ${there.slice(0, 8).join(', ')}.`;
    return failed(`the pool ${pool.name} has no volume ${name}`, fix);
  }
  return { base: await there(hypervisor, volume), findings: [] };
}

async function there(hypervisor: Hypervisor, volume: VolumeRef): Promise<BaseImage> {
  const base = await readBase(hypervisor, volume);
  return { steps: [], volume: () => base, path: base.path, needs: 0, capacity: base.capacity };
}

/** A file of this machine: uploaded, unless the host is this machine and the file a volume of a pool. */
async function fromFile(path: string, context: BaseContext): Promise<Found> {
  const { hypervisor, local, facts } = context;
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) return failed(`${path} cannot be read: ${found.message}`);
  if (!found.isFile()) return failed(`${path} is no file`);
  const real = await realpath(path);
  const volume = local ? await volumeAt(hypervisor, real) : undefined;
  if (volume !== undefined) return { base: await there(hypervisor, volume), findings: [] };
  const inspected = await inspectImage(path);
  const problem = imageProblem(inspected);
  if (problem !== undefined) return failed(`${path}: ${problem.message}`, problem.hint);
  // The same file is the same volume; a file that has changed is another one.
  const mark = createHash('sha256').update(`${real}\n${found.size}\n${found.mtimeMs}`).digest('hex');
  const ending = extname(path);
  const name = `${basename(path, ending)}-${mark.slice(0, 8)}${ending}`;
  const { format, virtualSize = found.size } = inspected;
  const known = facts?.listing.active ? await findVolume(hypervisor, facts.listing, name) : undefined;
  const file = { path, name, format: volumeFormat(format), capacity: virtualSize, size: found.size };
  return { base: uploaded(context, known, name, async () => file, found.size, virtualSize), findings: [] };
}

async function volumeAt({ volumes }: Hypervisor, path: string): Promise<VolumeRef | undefined> {
  try {
    return await volumes.lookupByPath(path);
  } catch (error) {
    if ((error as LibvirtError).code === ErrorCode.noVolume) return undefined;
    throw error;
  }
}

/** An image of a site on the net: into the cache of this machine first. */
async function fromSite(
  source: Exclude<ImageSource, { kind: 'volume' | 'file' }>,
  context: BaseContext,
): Promise<Found> {
  const { hypervisor, facts, env, signal } = context;
  const cache = new ImageCache(env);
  const known = await cache.identify(source, { env, signal });
  if ('problem' in known) return failed(known.problem, known.hint);
  const { name, size, cached, checksum } = known;
  const volume = facts?.listing.active ? await findVolume(hypervisor, facts.listing, name) : undefined;
  const wanted = 'image' in source ? source.image.id : source.url;
  const image: { file: LocalFile | undefined } = { file: undefined };
  const fetch: Step = {
    id: 'image',
    title: `Get the image ${wanted}${size === undefined ? '' : ` (${bytes(size)})`}`,
    run: async ({ signal: stop, progress, say }) => {
      const got = await cache.fetch(source, { env, signal: stop, progress, onStep: say });
      const { path, format, virtualSize, size: length } = got;
      image.file = {
        path,
        name,
        format: volumeFormat(format),
        capacity: virtualSize ?? length,
        size: length,
      };
      if (cached) return 'in the cache already';
      return `${bytes(length)}, ${checksum === undefined ? 'no checksum is known' : 'checksum verified'}`;
    },
  };
  const file = async (): Promise<LocalFile> => {
    if (image.file === undefined) throw new Error('the image was not fetched');
    return image.file;
  };
  const base = uploaded(context, volume, name, file, size ?? 0, undefined);
  return { base: volume === undefined ? { ...base, steps: [fetch, ...base.steps] } : base, findings: [] };
}

interface LocalFile {
  readonly path: string;
  readonly name: string;
  readonly format: string;
  /** Bytes. */
  readonly capacity: number;
  readonly size: number;
}

/** libvirt calls a CD-ROM's image raw. */
function volumeFormat(format: string): string {
  return format === 'iso' ? 'raw' : format;
}

function uploaded(
  context: BaseContext,
  known: VolumeRef | undefined,
  name: string,
  file: () => Promise<LocalFile>,
  needs: number,
  capacity: number | undefined,
): BaseImage {
  const { pool, folder } = context;
  const made: { base: BaseVolume | undefined } = { base: undefined };
  const step: Step = {
    id: 'base',
    title: known === undefined ? `Upload ${name} to the pool ${pool}` : `Use ${name} of the pool ${pool}`,
    run: async (control) => {
      const there = await usable(control, context, name);
      if (there !== undefined) {
        made.base = there;
        return 'in the pool already';
      }
      made.base = await uploadVolume(control, pool, await file());
      return undefined;
    },
  };
  return {
    steps: [step],
    volume: () => {
      if (made.base === undefined) throw new Error(`${name} is not there yet`);
      return made.base;
    },
    path: folder === undefined ? undefined : `${folder}/${name}`,
    needs: known === undefined ? needs : 0,
    capacity,
  };
}

/**
 * The volume where it is there and whole. Another creation of this machine may be uploading it: it is waited for.
 * One that was cut off has left a part: it is removed.
 */
async function usable(
  { hypervisor, signal, say }: StepControl,
  { journal, connection, pool }: BaseContext,
  name: string,
): Promise<BaseVolume | undefined> {
  const ref: PoolRef = await hypervisor.pools.lookup(pool);
  const unsure = async () =>
    (await journal.list()).filter(
      (record) =>
        record.process.pid !== process.pid &&
        record.connection === connection &&
        record.made.some(
          ({ made, sure }) => !sure && made.kind === 'volume' && made.pool === pool && made.name === name,
        ),
    );
  let others = await unsure();
  for (let told = false; others.length > 0; others = await unsure()) {
    const alive = await Promise.all(others.map((record) => isAlive(record.process)));
    if (!alive.includes(true)) break;
    if (!told) say(`${name} is being uploaded by another virtdeck: waiting for it`);
    told = true;
    await delay(500, undefined, { signal });
  }
  const volume = await findVolume(hypervisor, ref, name);
  if (volume === undefined) return undefined;
  if (others.length === 0) return readBase(hypervisor, volume);
  say(`${name} is incomplete: it was left by a creation that was cut off, and is made anew`);
  await hypervisor.volumes.delete(volume);
  return undefined;
}
