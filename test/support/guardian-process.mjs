// Started by guardian.ts, in a session of its own. Reads one JSON object a line: {id, pid, started, folder} to
// guard something, {id} to let it go. When its input ends, the process that told it is gone, in whatever way:
// then it ends what is still guarded, and itself.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { endGuests } from './guest-processes.mjs';
import { startTime } from './start-time.mjs';

/** @type {Map<number, {pid?: number, started?: string, folder?: string}>} */
const guarded = new Map();

for await (const line of createInterface({ input: process.stdin })) {
  const { id, ...subject } = JSON.parse(line);
  if (Object.keys(subject).length === 0) guarded.delete(id);
  else guarded.set(id, subject);
}
for (const { pid, started } of guarded.values()) {
  // The same number may be another process by now.
  if (pid === undefined || started === undefined || startTime(pid) !== started) continue;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in this moment.
  }
}
for (const { folder } of guarded.values()) {
  if (folder === undefined) continue;
  endGuests(folder);
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
