#!/usr/bin/env node
// `npm test`: everything a fresh machine needs, then all tests. Arguments go to vitest, for example
// `npm test -- --project unit` or `npm test -- test/rooms.test.ts`.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { makeReady, root } from './ready.mjs';
import { prepareSystem } from './system.mjs';

const args = process.argv.slice(2);
await makeReady();
if (!isUnitOnly(args) && !prepareSystem()) process.exit(1);

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const child = spawn(process.execPath, [vitest, 'run', ...args], { cwd: root, stdio: 'inherit' });
// A terminal's Ctrl-C reaches the child too; it is to end in its own time, having ended what it started.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => child.kill(signal));
}
child.on('exit', (code, signal) => {
  process.exitCode = signal ? 128 + constants.signals[signal] : (code ?? 1);
});

/**
 * Unit tests need nothing but Node.
 * @param {string[]} given
 */
function isUnitOnly(given) {
  const projects = given.flatMap((arg, index) => {
    if (arg === '--project') return [given[index + 1]];
    return arg.startsWith('--project=') ? [arg.slice('--project='.length)] : [];
  });
  return projects.length > 0 && projects.every((project) => project === 'unit');
}
