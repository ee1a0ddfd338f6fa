import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeAtomically } from './atomic-write.js';
import { makeFolder } from './make-folder.js';
import { readSmallText } from './read-small-file.js';

export interface JournalRules<T> {
  /** Files may be of another version, of another program, or changed by hand. */
  readonly isRecord: (value: unknown) => value is T;
  /** Bytes of a record; what is larger is none. */
  readonly mostBytes: number;
}

/**
 * A folder of records that outlive the program, one file each (NAME.json), for their owner's eyes only. Reading
 * never throws: what is no record is left out and left alone, and spoils none of the others.
 */
export class JsonJournal<T> {
  readonly #folder: string | undefined;
  readonly #rules: JournalRules<T>;

  /** @param folder made with the first record; undefined where there is no place: nothing is kept then */
  constructor(folder: string | undefined, rules: JournalRules<T>) {
    this.#folder = folder;
    this.#rules = rules;
  }

  /** The records whose names begin so, in the order of their names. */
  async list(prefix = ''): Promise<readonly T[]> {
    if (this.#folder === undefined) return [];
    const files = await readdir(this.#folder).catch(() => []);
    // The temporary files of a write begin with a dot.
    const names = files.filter((name) => name.startsWith(prefix) && /^[^.].*\.json$/s.test(name)).sort();
    const records = await Promise.all(names.map((name) => this.read(name.slice(0, -'.json'.length))));
    return records.filter((record) => record !== undefined);
  }

  async read(name: string): Promise<T | undefined> {
    if (this.#folder === undefined) return undefined;
    try {
      const record: unknown = JSON.parse(await readSmallText(this.#path(name), this.#rules.mostBytes));
      return this.#rules.isRecord(record) ? record : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * All of it or nothing, whatever happens meanwhile.
   *
   * @returns false where there is no place for it
   * @throws the system's error
   */
  async write(name: string, record: T): Promise<boolean> {
    if (this.#folder === undefined) return false;
    const path = this.#path(name);
    await makeFolder(this.#folder);
    return writeAtomically(path, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
  }

  /** What cannot be removed stays, in silence. */
  async remove(name: string): Promise<void> {
    try {
      if (this.#folder !== undefined) await rm(this.#path(name), { force: true });
    } catch {}
  }

  #path(name: string): string {
    const file = `${name}.json`;
    if (basename(file) !== file) throw new RangeError(`a name that leads out of the journal: ${name}`);
    return join(this.#folder ?? '', file);
  }
}
