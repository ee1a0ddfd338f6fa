import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSmallText } from '../../state/read-small-file.js';
import { stateFolder } from '../state-folder.js';
import type { PoolRef } from '../storage.js';

/** An upload that is under way, or that ended before it was whole. */
export interface UploadRecord {
  /** Of the host, as its daemon says it. */
  readonly uri: string;
  readonly pool: PoolRef;
  /** Name of the volume. */
  readonly volume: string;
  /** The local file. */
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Bytes from the beginning that the daemon has confirmed. */
  readonly confirmed: number;
  /** Of the file, in milliseconds since 1970: another time is another content. */
  readonly mtime: number;
}

/** Of a record. */
const mostBytes = 64 * 1024;

/** Where uploads are written down; undefined where the person has no home. */
export function uploadsFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const folder = stateFolder(env);
  return folder === undefined ? undefined : join(folder, 'uploads');
}

/**
 * The uploads of this machine that are not whole, one small file each. It is written before the volume is made
 * and removed once the volume is whole or gone: whatever ends the program in between leaves a note. Nothing in
 * here throws: an upload must not fail because of its notes.
 */
export class UploadJournal {
  readonly #folder: string | undefined;

  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** Records of a pool, by the names of their volumes. */
  async of(pool: PoolRef): Promise<ReadonlyMap<string, UploadRecord>> {
    const records = new Map<string, UploadRecord>();
    if (this.#folder === undefined) return records;
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names.filter((one) => one.startsWith(pool.uuid) && one.endsWith('.json'))) {
      const record = await read(join(this.#folder, name));
      if (record?.pool.uuid === pool.uuid) records.set(record.volume, record);
    }
    return records;
  }

  async find(pool: PoolRef, volume: string): Promise<UploadRecord | undefined> {
    const path = this.#path(pool, volume);
    return path === undefined ? undefined : read(path);
  }

  /** Resolves with whether it could be written. */
  async write(record: UploadRecord): Promise<boolean> {
    const path = this.#path(record.pool, record.volume);
    if (path === undefined || this.#folder === undefined) return false;
    const temporary = `${path}.${randomUUID()}.tmp`;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(temporary, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
      await rename(temporary, path);
      return true;
    } catch {
      await rm(temporary, { force: true }).catch(() => {});
      return false;
    }
  }

  async remove(pool: PoolRef, volume: string): Promise<void> {
    const path = this.#path(pool, volume);
    if (path !== undefined) await rm(path, { force: true }).catch(() => {});
  }

  /** A pool is known by its UUID: its host has many URIs. A volume's name may be no name of a file here. */
  #path(pool: PoolRef, volume: string): string | undefined {
    if (this.#folder === undefined) return undefined;
    const digest = createHash('sha256').update(volume).digest('hex').slice(0, 32);
    return join(this.#folder, `${pool.uuid}-${digest}.json`);
  }
}

async function read(path: string): Promise<UploadRecord | undefined> {
  try {
    const record: unknown = JSON.parse(await readSmallText(path, mostBytes));
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Files may be of another version, or half of one. */
function isRecord(value: unknown): value is UploadRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { pool, volume, path, size, confirmed, mtime } = value as UploadRecord;
  const counts = [size, confirmed, mtime].every((count) => Number.isFinite(count) && count >= 0);
  const names = [pool?.name, pool?.uuid, volume, path].every((name) => typeof name === 'string');
  return counts && names && confirmed <= size;
}
