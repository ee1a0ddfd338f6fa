import { randomUUID } from 'node:crypto';
import { link, rm, writeFile } from 'node:fs/promises';

/**
 * Makes a file that is not there yet, with all of its text at once: nobody ever sees it empty, and where the text
 * cannot be written, on a full disk, there is no file. For locks, of which others read who has them.
 *
 * @returns false where it is there already
 * @throws the system's error
 */
export async function createWhole(path: string, text: string): Promise<boolean> {
  const temporary = `${path}.${randomUUID()}.lock`;
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: 0o600 });
    await link(temporary, path);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // File systems without hard links.
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) return createInPlace(path, text);
    throw error;
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

async function createInPlace(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // It is ours, without its text.
    if (code === 'ENOSPC' || code === 'EDQUOT') await rm(path, { force: true }).catch(() => {});
    throw error;
  }
}
