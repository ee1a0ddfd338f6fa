import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Works in a new folder that only its owner can enter. It is gone afterwards, and also where the program ends at once
 * in the middle: what lies in it may let somebody log in. A kill by SIGKILL leaves it.
 *
 * @param env where TMPDIR may say where
 */
export async function inPrivateFolder<T>(
  { TMPDIR }: Readonly<Record<string, string | undefined>>,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(TMPDIR || tmpdir(), 'virtdeck-seed-'));
  const removeAtExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  try {
    return await work(folder);
  } finally {
    process.removeListener('exit', removeAtExit);
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}
