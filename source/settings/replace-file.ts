import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { errorCode } from './system-reason.js';

/** As many symbolic links as Linux follows. */
const mostLinks = 40;
const leftoverAfter = 60_000;

/**
 * The file that a path means once its symbolic links are followed, whether it exists or not. Its directory
 * must exist. Dotfile managers keep the settings as a link into a repository: the link has to stay.
 */
export async function followLinks(path: string): Promise<string> {
  let file = path;
  for (let links = 0; links < mostLinks; links += 1) {
    file = join(await realpath(dirname(file)), basename(file));
    try {
      file = resolve(dirname(file), await readlink(file));
    } catch (error) {
      // EINVAL: not a link.
      if (errorCode(error) === 'EINVAL' || errorCode(error) === 'ENOENT') return file;
      throw error;
    }
  }
  throw Object.assign(new Error(`too many symbolic links: ${path}`), { code: 'ELOOP' });
}

/**
 * Gives a file a new content, all or nothing: whenever the process or the machine ends, the file has the old
 * text or the new one. Mode and owner stay; a new file is for its owner only (0600).
 *
 * @param mayReplace asked at the last moment; on false nothing changes
 * @returns whether the file was replaced
 */
export async function replaceFile(
  path: string,
  text: string,
  mayReplace: () => Promise<boolean> = async () => true,
): Promise<boolean> {
  const directory = dirname(path);
  const prefix = `.${basename(path)}.`;
  await removeLeftovers(directory, prefix);
  const temporary = join(directory, `${prefix}${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await likeOriginal(file, path);
      // Without this a crash of the machine could leave the new name with an empty file.
      await file.sync();
    } finally {
      await file.close();
    }
    if (!(await mayReplace())) return false;
    await rename(temporary, path);
    await syncDirectory(directory);
    return true;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function likeOriginal(file: FileHandle, path: string): Promise<void> {
  const original = await stat(path).catch(() => undefined);
  const made = await file.stat();
  if (original !== undefined && (original.uid !== made.uid || original.gid !== made.gid)) {
    // Only root can; for anybody else the file becomes their own, as with every editor.
    await file.chown(original.uid, original.gid).catch(() => {});
  }
  await file.chmod(original === undefined ? 0o600 : original.mode & 0o777);
}

/** Makes the new name itself durable, where the file system can do so. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY).catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

/** Temporary files of processes that were killed. */
async function removeLeftovers(directory: string, prefix: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(prefix) || !name.endsWith('.tmp')) continue;
    const path = join(directory, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > leftoverAfter) await rm(path, { force: true });
  }
}
