import { rmSync } from 'node:fs';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, ownMark } from '../../state/process-mark.js';

/** A seed takes seconds: what is younger may be somebody's whom this process cannot see. Milliseconds. */
const surelyLeft = 600_000;

/**
 * Works in a new folder that only its owner can enter. It is gone afterwards, and also where the program ends at once
 * in the middle: what lies in it may let somebody log in. One that a kill has left goes with the next.
 *
 * @param env where TMPDIR may say where
 */
export async function inPrivateFolder<T>(
  { TMPDIR }: Readonly<Record<string, string | undefined>>,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const where = TMPDIR || tmpdir();
  await sweep(where).catch(() => {});
  const { pid, started = '0' } = await ownMark();
  const folder = await mkdtemp(join(where, `virtdeck-seed-${pid}-${started}-`));
  const removeAtExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
    // Only now: the program may end at once while it is removed.
    process.removeListener('exit', removeAtExit);
  }
}

/** Removes this person's folders of processes that are gone. */
async function sweep(where: string): Promise<void> {
  for (const name of await readdir(where)) {
    const [, pid, started] = /^virtdeck-seed-(\d+)-(\d+)-\w+$/.exec(name) ?? [];
    const mark = { pid: Number(pid), started: started === '0' ? undefined : started };
    if (pid === undefined || (await isAlive(mark))) continue;
    const path = join(where, name);
    const { uid, mtimeMs } = await lstat(path);
    if (uid === process.getuid?.() && Date.now() - mtimeMs > surelyLeft) await rm(path, { recursive: true });
  }
}
