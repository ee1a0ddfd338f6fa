import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { has, needs } from './requirements.mjs';

/**
 * Installs what the tests need of the machine, where that is possible: on Debian and Ubuntu, as root. Anywhere
 * else it says what is missing; the tests that need it are then skipped, or fail where CI is set.
 * @returns {boolean} whether the tests may run: not when CI is set and something is missing
 */
export function prepareSystem() {
  const before = missing();
  if (before.length === 0) return true;
  const packages = before.flatMap((name) => needs[name].packages);
  const root = process.getuid?.() === 0;
  if (root && aptGet(['--version'], 'ignore')) {
    say(`Installing system packages: ${packages.join(' ')}`);
    // A machine that never updated knows no packages, and one with an old list asks for files that are gone.
    if (!aptGet(['-q', 'update'])) say('apt-get update failed');
    if (!aptGet(['-q', '-y', '--no-install-recommends', 'install', ...packages]))
      say('apt-get install failed');
  }
  const after = missing();
  if (after.length === 0) return true;
  say(`Missing on this machine: ${after.join(', ')}.`);
  if (!root) say(`As root: apt-get install --no-install-recommends ${packages.join(' ')}`);
  if (!process.env.CI) {
    say('Tests that need them are skipped, and named at the end.');
    return true;
  }
  say('CI is set: nothing may be skipped.');
  return false;
}

function missing() {
  const names = /** @type {(keyof typeof needs)[]} */ (Object.keys(needs));
  return names.filter((name) => !has(name));
}

/**
 * @param {string[]} args
 * @param {'ignore' | number} output
 */
function aptGet(args, output = 2) {
  // Another apt run may be under way: wait for its lock.
  const options = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  const { status } = spawnSync('apt-get', [...options, ...args], {
    stdio: ['ignore', output, output],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`${text}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url) && !prepareSystem()) process.exitCode = 1;
