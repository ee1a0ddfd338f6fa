import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeDisk } from './disk.js';
import { makeRootSystem } from './root-system.js';
import { say } from './steps.js';

// tsx build.ts TARGET: builds the guest image at TARGET, as root, unless it is there. Its caller (../guest-image.ts)
// holds a lock, so that what other runs left half-done in the folder can be removed.
const [target] = process.argv.slice(2);
if (target === undefined) throw new Error('usage: tsx build.ts TARGET.qcow2');
if (!existsSync(target)) await build(target);

async function build(path: string): Promise<void> {
  const start = performance.now();
  const folder = dirname(path);
  for (const name of await readdir(folder)) {
    if (name.startsWith('build-')) await rm(join(folder, name), { recursive: true, force: true });
  }
  const work = await mkdtemp(join(folder, 'build-'));
  try {
    const root = await makeRootSystem(work);
    const image = join(work, basename(path));
    await makeDisk(work, root, image);
    await rename(image, path);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  say(`built in ${Math.round((performance.now() - start) / 1000)} s`);
}
