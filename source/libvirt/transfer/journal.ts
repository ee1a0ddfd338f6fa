import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { JsonJournal } from '../../state/json-journal.js';
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
  readonly #records: JsonJournal<UploadRecord>;

  constructor(folder: string | undefined) {
    this.#records = new JsonJournal(folder, { isRecord, mostBytes });
  }

  /** Records of a pool, by the names of their volumes. */
  async of(pool: PoolRef): Promise<ReadonlyMap<string, UploadRecord>> {
    const records = await this.#records.list(pool.uuid);
    const own = records.filter((record) => record.pool.uuid === pool.uuid);
    return new Map(own.map((record) => [record.volume, record]));
  }

  async find(pool: PoolRef, volume: string): Promise<UploadRecord | undefined> {
    return this.#records.read(nameOf(pool, volume));
  }

  /** Resolves with whether it could be written. */
  async write(record: UploadRecord): Promise<boolean> {
    return this.#records.write(nameOf(record.pool, record.volume), record).catch(() => false);
  }

  async remove(pool: PoolRef, volume: string): Promise<void> {
    await this.#records.remove(nameOf(pool, volume));
  }
}

/** A pool is known by its UUID: its host has many URIs. A volume's name may be no name of a file here. */
function nameOf(pool: PoolRef, volume: string): string {
  return `${pool.uuid}-${createHash('sha256').update(volume).digest('hex').slice(0, 32)}`;
}

/** Files may be of another version, or half of one. */
function isRecord(value: unknown): value is UploadRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { pool, volume, path, size, confirmed, mtime } = value as UploadRecord;
  const counts = [size, confirmed, mtime].every((count) => Number.isFinite(count) && count >= 0);
  const names = [pool?.name, pool?.uuid, volume, path].every((name) => typeof name === 'string');
  return counts && names && confirmed <= size;
}
