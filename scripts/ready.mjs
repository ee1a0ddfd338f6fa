import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { distIsFresh } from './freshness.mjs';
import { installIfNeeded } from './install.mjs';

/** The project's folder. */
export const root = join(import.meta.dirname, '..');

/** Installs the packages if needed, and builds dist/ if it is missing or older than the sources. */
export async function makeReady() {
  installIfNeeded(root);
  if (distIsFresh(root)) return;
  process.stderr.write('Building …\n');
  // Only now is esbuild sure to be there.
  const { build, writeBuild } = await import(pathToFileURL(join(import.meta.dirname, 'build.mjs')).href);
  await writeBuild(await build());
}
