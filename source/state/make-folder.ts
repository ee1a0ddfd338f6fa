import { mkdir } from 'node:fs/promises';

/**
 * Makes a folder that only its owner may look into, and those above it; one that is there stays as it is.
 *
 * @throws the system's error, in words where something else is in its place
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const words = wordsOf[code];
    throw words === undefined
      ? error
      : Object.assign(new Error(`${path}: ${words}`, { cause: error }), { code });
  }
}

const wordsOf: Readonly<Record<string, string>> = {
  EEXIST: 'something that is no folder is in the place of this one',
  ENOTDIR: 'something that is no folder is in the place of one above it',
  ELOOP: 'its symbolic links lead in a circle',
  ENOENT: 'a symbolic link on the way leads to nothing',
};
