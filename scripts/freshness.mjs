import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const inputs = ['cli.tsx', 'source', 'scripts/build.mjs', 'scripts/react-devtools-stub.mjs', 'package.json'];

/**
 * Whether dist/cli.js is there and no source is newer.
 * @param {string} root the project's folder
 */
export function distIsFresh(root) {
  const built = join(root, 'dist', 'cli.js');
  if (!existsSync(built)) return false;
  const { mtimeMs } = statSync(built);
  return [...inputs, 'package-lock.json'].every((name) => newest(join(root, name)) <= mtimeMs);
}

/**
 * The newest change in a file or folder, in milliseconds. A folder's own time counts too: a file was removed.
 * @param {string} path
 * @returns {number}
 */
function newest(path) {
  if (!existsSync(path)) return 0;
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
