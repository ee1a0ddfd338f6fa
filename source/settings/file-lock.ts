import { randomUUID } from 'node:crypto';
import { link, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { createWhole } from '../state/create-whole.js';
import { readSmallText } from '../state/read-small-file.js';
import { SettingsError } from './settings-error.js';
import { errorCode } from './system-reason.js';

/** An edit takes milliseconds: a lock this old was left behind, whatever its process is doing now. */
const abandonedAfter = 30_000;
/** Milliseconds: a lock is made with its text, and one without has nobody. */
const nobodysAfter = 1000;

export interface FileLock {
  /** False when another process took the lock for abandoned: what was read under it may be old. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * Takes the lock file `path`, waiting while another process has it. The lock of a process that has ended is
 * taken over.
 *
 * @param patience milliseconds, then a SettingsError of kind `locked`
 */
export async function lockFile(path: string, patience = 10_000): Promise<FileLock> {
  const token = `${process.pid} ${hostname()} ${randomUUID()}\n`;
  const deadline = Date.now() + patience;
  while (!(await createWhole(path, token))) {
    const holder = await readIfThere(path);
    if (holder === undefined) continue;
    if (await isAbandoned(path, holder)) {
      await takeAway(path, holder);
    } else if (Date.now() > deadline) {
      const who = holder.split(' ')[0] || 'unknown';
      throw new SettingsError(
        'locked',
        `process ${who} keeps ${path} locked; if it does not run, remove that file`,
      );
    } else {
      await pause(10 + Math.random() * 20);
    }
  }
  const isHeld = async () => (await readIfThere(path)) === token;
  return {
    isHeld,
    async release() {
      if (await isHeld()) await rm(path, { force: true });
    },
  };
}

async function isAbandoned(path: string, holder: string): Promise<boolean> {
  const [pid, host] = holder.trim().split(' ');
  if (host === hostname() && !isRunning(Number(pid))) return true;
  try {
    return Date.now() - (await stat(path)).mtimeMs > (holder === '' ? nobodysAfter : abandonedAfter);
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return errorCode(error) !== 'ESRCH';
  }
}

/** Of several processes that do this at once, one may catch the lock that another has just made: put it back. */
async function takeAway(path: string, holder: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  // Where this fails somebody holds a new lock; the one who lost theirs notices by isHeld().
  if ((await readIfThere(aside)) !== holder) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readSmallText(path, 4096);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
