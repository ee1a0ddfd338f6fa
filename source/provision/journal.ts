import { join } from 'node:path';
import { stateFolder } from '../libvirt/state-folder.js';
import { JsonJournal } from '../state/json-journal.js';
import { isAlive, type ProcessMark } from '../state/process-mark.js';
import { isLocalUri } from './places.js';
import type { Made } from './plan.js';
import type { VmRequest } from './request/vm-request.js';

/** Something that a creation has made, or is about to. */
export interface NotedMade {
  readonly made: Made;
  /** The machine it belongs to; undefined: all of them. */
  readonly machine: string | undefined;
  /** False while nobody knows whether it is there. */
  readonly sure: boolean;
  /** It is being taken back: a creation that failed or was cancelled does not want it any more. */
  readonly unwanted?: boolean;
}

/** A creation that is under way, or that was cut off. Holds no secrets in clear. */
export interface CreationRecord {
  readonly version: 1;
  readonly id: string;
  /** What opens the connection again; undefined: what libvirt would choose. */
  readonly connection: string | undefined;
  /** Of the host, as its daemon says it. */
  readonly uri: string;
  readonly startedAt: string;
  /** The process that works on it. */
  readonly process: ProcessMark;
  readonly requests: readonly VmRequest[];
  readonly made: readonly NotedMade[];
  /** Names of machines that are whole. */
  readonly finished: readonly string[];
}

/** Of a record: hundreds of machines of a request fit. */
const mostBytes = 16 * 1024 * 1024;

/**
 * Where creations are written down: $XDG_STATE_HOME/virtdeck/creations, else below ~/.local/state. Undefined
 * where the person has no home.
 */
export function creationsFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const folder = stateFolder(env);
  return folder === undefined ? undefined : join(folder, 'creations');
}

/**
 * The creations of this machine that are not whole, one file each, readable by their owner only. Reading never
 * throws: a file of another version, or half of one, is no record.
 */
export class CreationJournal {
  readonly #folder: string | undefined;
  readonly #records: JsonJournal<CreationRecord>;

  constructor(folder: string | undefined) {
    this.#folder = folder;
    this.#records = new JsonJournal(folder, { isRecord, mostBytes });
  }

  /** What creations of this user lock against one another; undefined where nothing can be written. */
  get lockFile(): string | undefined {
    return this.#folder === undefined ? undefined : join(this.#folder, 'taking-over.lock');
  }

  async list(): Promise<readonly CreationRecord[]> {
    const records = await this.#records.list();
    return [...records].sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  }

  /** Those whose process is gone, or has given them up: nobody else will end them. */
  async cutOff(): Promise<readonly CreationRecord[]> {
    const records = await this.list();
    const alive = await Promise.all(records.map(({ process }) => isAlive(process)));
    return records.filter((_, index) => !alive[index]);
  }

  /** @throws the system's error where it cannot be written: without it a kill would leave things unnoticed */
  async write(record: CreationRecord): Promise<void> {
    await this.#records.write(record.id, record);
  }

  /**
   * Changes the record of a creation that was cut off, as it is by now; one that is gone, or that somebody works on
   * again, stays as it is.
   *
   * @throws the system's error where it cannot be written
   */
  async changeCutOff(id: string, change: (record: CreationRecord) => CreationRecord): Promise<void> {
    const record = (await this.cutOff()).find((one) => one.id === id);
    if (record !== undefined) await this.write(change(record));
  }

  async remove(id: string): Promise<void> {
    await this.#records.remove(id);
  }
}

/** A volume's name within its host. */
export const volumeKey = (pool: string, name: string): string => JSON.stringify([pool, name]);

/** By what opened the connection; a host that is this machine has several such names. */
export function isSameHost(
  record: Pick<CreationRecord, 'connection' | 'uri'>,
  { connection, uri }: Pick<CreationRecord, 'connection' | 'uri'>,
): boolean {
  if (record.connection === connection) return true;
  return record.uri === uri && isLocalUri(record.connection) && isLocalUri(connection);
}

/** The volumes of a host that creations have left which were cut off, each by its `volumeKey`. */
export function leftVolumes(
  cutOff: readonly CreationRecord[],
  host: Pick<CreationRecord, 'connection' | 'uri'>,
): ReadonlySet<string> {
  const here = cutOff.filter((record) => isSameHost(record, host));
  const volumes = here.flatMap(({ made }) =>
    made.flatMap((noted) => (noted.made.kind === 'volume' ? [noted.made] : [])),
  );
  return new Set(volumes.map(({ pool, name }) => volumeKey(pool, name)));
}

function isRecord(value: unknown): value is CreationRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { version, id, uri, startedAt, process, requests, made, finished } = value as CreationRecord;
  return (
    version === 1 &&
    [id, uri, startedAt].every((text) => typeof text === 'string') &&
    Number.isInteger(process?.pid) &&
    [requests, made, finished].every(Array.isArray)
  );
}
