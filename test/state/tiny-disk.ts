import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Lets `work` run in a folder that is a file system of its own with a file "old" in it, and full; only root can have one.
 *
 * @returns false where none can be mounted here
 */
export async function onFullDisk(folder: string, work: () => Promise<void>): Promise<boolean> {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'none', folder], { stdio: 'ignore' });
  } catch {
    return false;
  }
  try {
    await writeFile(join(folder, 'old'), 'old');
    await writeFile(join(folder, 'fill'), Buffer.alloc(16 * 1024)).catch(() => {});
    await work();
    return true;
  } finally {
    execFileSync('umount', [folder]);
  }
}
