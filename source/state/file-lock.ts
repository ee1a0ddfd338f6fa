import { randomUUID } from 'node:crypto';
import { rename, rm, utimes } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { createWhole } from './create-whole.js';
import { isAbandoned, type LockOwner, ownerOf, ownText } from './lock-owner.js';
import { readSmallText } from './read-small-file.js';

/** Milliseconds between two signs of life. */
const signEvery = 10_000;
/** Milliseconds: how long a waiting process sleeps at first, and at most. */
const sleeps = { first: 10, most: 300 } as const;

export interface LockOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** Milliseconds to wait for a living owner; without it, until the signal. */
  readonly patience?: number;
  /** Called once, where it has to wait. */
  readonly onWait?: (owner: LockOwner) => void;
}

export interface FileLock {
  /** False when another process took the lock for abandoned: what was read under it may be old. */
  isHeld(): Promise<boolean>;
  /** Removes the lock, unless it is somebody else's by now. */
  release(): Promise<void>;
}

/** Somebody has had the lock for longer than one was ready to wait; the message names them. */
export class FileLocked extends Error {
  override readonly name = 'FileLocked';
}

/**
 * Takes the lock file `path`, whose folder must exist, waiting while somebody has it. The lock of a process that has
 * ended is taken over at once, by one of those who wait. (proper-lockfile knows an owner by the file's time alone: a
 * program that was killed would keep others waiting, one that was stopped would lose its lock.)
 *
 * @throws FileLocked, the signal's reason, or the system's error
 */
export async function lockFile(
  path: string,
  { signal, patience = Number.POSITIVE_INFINITY, onWait }: LockOptions = {},
): Promise<FileLock> {
  const text = await ownText();
  const deadline = Date.now() + patience;
  let sleep: number = sleeps.first;
  for (let told = false; ; ) {
    signal?.throwIfAborted();
    if (await createWhole(path, text)) return new HeldLock(path, text);
    const holder = await readIfThere(path);
    if (holder === undefined) continue;
    const owner = ownerOf(holder);
    const abandoned = await isAbandoned(path, owner);
    if (abandoned && (await takeAway(path, holder))) continue;
    if (Date.now() > deadline) throw new FileLocked(keeps(path, owner));
    if (!told && !abandoned && owner !== undefined) {
      onWait?.(owner);
      told = true;
    }
    await pause(sleep * (1 + Math.random()), undefined, { signal });
    sleep = Math.min(sleep * 1.2, sleeps.most);
  }
}

class HeldLock implements FileLock {
  readonly #path: string;
  readonly #text: string;
  readonly #signs: NodeJS.Timeout;

  constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
    // For processes of other machines, which cannot see this one.
    this.#signs = setInterval(() => void this.#giveSign().catch(() => {}), signEvery).unref();
  }

  /** As a function of its own, to be handed on. */
  readonly isHeld = async (): Promise<boolean> => (await readIfThere(this.#path)) === this.#text;

  async release(): Promise<void> {
    clearInterval(this.#signs);
    if (await this.isHeld()) await rm(this.#path, { force: true });
  }

  async #giveSign(): Promise<void> {
    if (await this.isHeld()) await utimes(this.#path, new Date(), new Date());
  }
}

function keeps(path: string, owner: LockOwner | undefined): string {
  const where = owner?.elsewhere ? ` of ${owner.host}` : '';
  return `process ${owner?.pid ?? 'unknown'}${where} keeps ${path} locked; if it does not run, remove that file`;
}

/**
 * Removes an abandoned lock: only its own guard lets one do so, or a second one would remove the lock that the first
 * has made in its place.
 *
 * @returns false where another process is at it
 */
async function takeAway(path: string, holder: string): Promise<boolean> {
  const guard = `${path}.guard`;
  const text = await ownText();
  if (!(await createWhole(guard, text))) {
    const other = await readIfThere(guard);
    // Whoever had it was killed within a moment.
    if (other !== undefined && (await isAbandoned(guard, ownerOf(other)))) await moveAway(guard, other);
    return false;
  }
  try {
    if ((await readIfThere(path)) === holder) await rm(path, { force: true });
    return true;
  } finally {
    if ((await readIfThere(guard)) === text) await rm(guard, { force: true });
  }
}

/** One of those who move the same file has it; who has moved another's new one puts it back. */
async function moveAway(guard: string, left: string): Promise<void> {
  const aside = `${guard}.${randomUUID()}.lock`;
  try {
    await rename(guard, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = await readIfThere(aside);
  if (moved !== undefined && moved !== left) await createWhole(guard, moved);
  await rm(aside, { force: true });
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readSmallText(path, 4096);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
