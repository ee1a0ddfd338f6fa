import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** As many symbolic links as Linux follows. */
const mostLinks = 40;
/** Milliseconds without a write. */
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
      const { code } = error as NodeJS.ErrnoException;
      // EINVAL: not a link.
      if (code === 'EINVAL' || code === 'ENOENT') return file;
      throw error;
    }
  }
  throw Object.assign(new Error(`too many symbolic links: ${path}`), { code: 'ELOOP' });
}

export interface WriteOptions {
  /** Permissions of the file; without them it keeps those that it has, and a new one is for its owner only (0600). */
  readonly mode?: number;
  /** Asked at the last moment; on false nothing changes. */
  readonly mayReplace?: () => Promise<boolean>;
}

/**
 * Gives a file a new content, all or nothing: whenever the process or the machine ends, or the disk is full, the
 * file has the old content or the new one, and nothing lies beside it. Its folder must exist. A link is replaced:
 * `followLinks` says where it leads. (write-file-atomic does neither sync the folder nor ask at the last moment.)
 *
 * @returns whether the file was replaced
 * @throws the system's error
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  { mode, mayReplace }: WriteOptions = {},
): Promise<boolean> {
  const directory = dirname(path);
  // A name has 255 bytes at most.
  const prefix = `.${basename(path).slice(0, 60)}.`;
  await removeLeftovers(directory, prefix);
  const temporary = join(directory, `${prefix}${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(content);
      if (mode === undefined) await likeOriginal(file, path);
      else await file.chmod(mode);
      // Without this a crash of the machine could leave the new name with an empty file.
      await file.sync();
    } finally {
      await file.close();
    }
    if (mayReplace !== undefined && !(await mayReplace())) return false;
    await rename(temporary, path);
    await syncDirectory(directory);
    return true;
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/** Gives a file that was written under another name of the same folder its own, in one step and durably. */
export async function putInPlace(part: string, path: string): Promise<void> {
  const file = await open(part, constants.O_RDONLY);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
  await syncDirectory(dirname(path));
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
  for (const name of await readdir(directory).catch(() => [])) {
    if (!name.startsWith(prefix) || !name.endsWith('.tmp')) continue;
    const path = join(directory, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > leftoverAfter) await rm(path, { force: true }).catch(() => {});
  }
}
