import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Installs the npm packages when they are missing or are not those of package-lock.json. Needs nothing but
 * Node, since it runs before there is a node_modules. npm's own output goes to stderr.
 * @param {string} root the project's folder
 * @returns {boolean} whether anything was installed
 */
export function installIfNeeded(root) {
  if (installed(root)) return false;
  process.stderr.write('Installing npm packages …\n');
  // NODE_ENV=production would leave out what builds and tests the program. Warnings: Ink names a newer Node
  // in `engines` than it needs (see README.md).
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const [command, ...before] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  const { status, error } = spawnSync(String(command), [...before, ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status === 0) return true;
  process.stderr.write(`npm ci failed${error ? `: ${error.message}` : ''}\n`);
  process.exit(status ?? 1);
}

/**
 * Whether node_modules holds what the lock file asks for: npm writes what it installed into a hidden lock file.
 * Comparing the two needs no stamp of our own, and is right for a node_modules that npm made by hand.
 * @param {string} root
 */
function installed(root) {
  const hidden = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  /** @type {{packages: Record<string, {version?: string, optional?: boolean}>}} */
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const have = JSON.parse(readFileSync(hidden, 'utf8'));
  return Object.entries(wanted.packages).every(([path, { version, optional }]) => {
    if (path === '') return true;
    const found = have.packages[path];
    return found ? found.version === version : optional === true;
  });
}
