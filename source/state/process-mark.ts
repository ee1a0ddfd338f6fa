import { readFile } from 'node:fs/promises';

/** A process id comes again; together with the time of its start it does not. */
export interface ProcessMark {
  readonly pid: number;
  /** Clock ticks since boot; undefined where the system does not tell. */
  readonly started: string | undefined;
  /** It goes on, and has given this up. */
  readonly ended?: boolean;
}

/** This process. */
export async function ownMark(): Promise<ProcessMark> {
  return { pid: process.pid, started: await startOf(process.pid) };
}

/** Whether a process of this machine runs still. */
export async function isAlive({ pid, started, ended }: ProcessMark): Promise<boolean> {
  if (ended) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process is one, too.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return started === undefined || (await startOf(pid)) === started;
}

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)); the name in field 2 may hold anything but its last ")". */
async function startOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .at(19);
}
