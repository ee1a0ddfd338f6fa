import { randomUUID } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createWhole } from '../../state/create-whole.js';
import { readSmallText } from '../../state/read-small-file.js';
import { isAlive, ownMark, type ProcessMark } from '../journal.js';

/** How often a waiting process looks, in milliseconds. */
const lookEvery = 300;
/** Milliseconds that a lock may be without its process's mark: it is written at once. */
const unmarked = 5000;

/**
 * Takes a lock file, waiting while a living process has it; that of a process that is gone is taken over.
 *
 * @param onWait called once, where it has to wait
 * @returns what gives it back
 * @throws the signal's reason, or the system's error
 */
export async function lockImage(
  path: string,
  signal: AbortSignal,
  onWait: () => void,
): Promise<() => Promise<void>> {
  const mark = JSON.stringify({ ...(await ownMark()), token: randomUUID() });
  for (let told = false; !(await createWhole(path, mark)); ) {
    signal.throwIfAborted();
    const holder = await read(path);
    if (holder === undefined) continue;
    if (!(await isHeld(path, holder))) {
      await takeAway(path, holder);
      continue;
    }
    if (!told) onWait();
    told = true;
    await delay(lookEvery, undefined, { signal });
  }
  return async () => {
    if ((await read(path)) === mark) await rm(path, { force: true });
  };
}

async function isHeld(path: string, holder: string): Promise<boolean> {
  try {
    return await isAlive(JSON.parse(holder) as ProcessMark);
  } catch {
    // Whoever made it has not written yet, or was killed before.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
    return Date.now() - mtimeMs < unmarked;
  }
}

/** Of several that wait for a dead process one removes its lock: another would remove the next one's already. */
async function takeAway(path: string, holder: string): Promise<void> {
  const guard = `${path}.guard`;
  if (!(await createWhole(guard, ''))) {
    const { mtimeMs } = await stat(guard).catch(() => ({ mtimeMs: Date.now() }));
    // Whoever had it was killed within a moment.
    if (Date.now() - mtimeMs > unmarked) await rm(guard, { force: true });
    return;
  }
  try {
    if ((await read(path)) === holder) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readSmallText(path, 4096);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
