/**
 * A second process for the tests: lock-child.ts LOCK LOG COUNT takes the lock COUNT times and writes "in" and "out"
 * to the log meanwhile. Without a count it says "held" and keeps the lock until it is killed.
 */
import { appendFile } from 'node:fs/promises';
import { lockFile } from '../../source/state/file-lock.js';

const [path = '', log = '', count] = process.argv.slice(2);
if (count === undefined) {
  await lockFile(path);
  process.stdout.write('held');
  setInterval(() => {}, 1000);
}
for (let index = 0; index < Number(count ?? 0); index += 1) {
  const lock = await lockFile(path);
  await appendFile(log, 'in\n');
  await appendFile(log, 'out\n');
  await lock.release();
}
