import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { guard } from '../../support/guardian.js';

export interface LabProcess extends AsyncDisposable {
  readonly uri: string;
}

/** A lab in a process of its own, so that what the program costs is the program's. Ended when disposed of. */
export async function startLab(
  cli: string,
  folder: string,
  options: { readonly domains: number; readonly latency?: number },
): Promise<LabProcess> {
  const { domains, latency = 0 } = options;
  const socket = join(folder, `lab-${domains}-${latency}.sock`);
  const args = ['lab', '--socket', socket, '--domains', String(domains), '--latency', String(latency)];
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const forget = guard({ pid: child.pid });
  const ended = once(child, 'exit');
  // Its first words come once it listens.
  await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => Promise.reject(new Error('the lab did not start'))),
  ]);
  child.stdout.resume();
  return {
    uri: `qemu+unix:///system?socket=${socket}`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
      forget();
    },
  };
}
