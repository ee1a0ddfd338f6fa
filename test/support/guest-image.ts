import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

const source = join(import.meta.dirname, 'guest-image');

/**
 * The cloud image that real guests boot: Debian from the machine's own packages, without the guest agent, which it
 * can install from its own disk. It is built once (as root, in about two minutes) and kept in $VIRTDECK_TEST_CACHE,
 * else in the user's cache folder, until its recipe or the month changes.
 *
 * @returns its path
 * @throws when it cannot be built; what was going on is on standard error
 */
export async function guestImage(): Promise<string> {
  const folder = process.env.VIRTDECK_TEST_CACHE || join(homedir(), '.cache', 'virtdeck-test');
  await mkdir(folder, { recursive: true });
  const path = join(folder, `guest-${await recipe()}.qcow2`);
  if (existsSync(path)) return path;
  for (const name of await readdir(folder))
    if (/^guest-.*\.qcow2$/.test(name)) await rm(join(folder, name), { force: true });
  // flock(1) keeps two test runs from building side by side; whoever waited finds the image there.
  const build = ['--import', 'tsx', join(source, 'build.ts'), path];
  const child = spawn('flock', [join(folder, 'lock'), process.execPath, ...build], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the guest image could not be built (exit ${code})`);
  return path;
}

/** Another recipe, or another month's packages, is another image. */
async function recipe(): Promise<string> {
  const hash = createHash('sha256').update(new Date().toISOString().slice(0, 7));
  for (const name of (await readdir(source)).sort()) hash.update(await readFile(join(source, name)));
  return hash.digest('hex').slice(0, 12);
}
