import { type ChildProcess, spawn } from 'node:child_process';

export interface SshOnTerminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends it by this signal as soon as it is called. */
  readonly ends?: (end: (signal: NodeJS.Signals) => void) => void;
  /** Is told what ssh says on standard error, and has to show it; absent: ssh says it by itself. */
  readonly onSaid?: (said: Buffer) => void;
}

/** How ssh ended: 255 is its own failure, every other code that of what has run in the guest. */
export interface SshEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Runs ssh in the place of this program on its terminal, until it ends. No shell is involved.
 *
 * @throws Error, with `hint`, where there is no ssh
 */
export function sshOnTerminal(args: readonly string[], options: SshOnTerminal): Promise<SshEnd> {
  const { env, ends, onSaid } = options;
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn('ssh', args, {
      env: env as NodeJS.ProcessEnv,
      stdio: ['inherit', 'inherit', onSaid === undefined ? 'inherit' : 'pipe'],
    });
    if (onSaid !== undefined) child.stderr?.on('data', onSaid);
    // Two programs on one terminal, of which the shell is one, would take each other's keys.
    const end = (): void => void child.kill('SIGHUP');
    process.once('exit', end);
    ends?.((signal) => void child.kill(signal));
    child.once('error', (error: NodeJS.ErrnoException) => {
      process.off('exit', end);
      if (error.code !== 'ENOENT') return reject(error);
      const hint = 'Install it (Debian, Ubuntu: sudo apt install openssh-client).';
      reject(Object.assign(new Error('there is no ssh on this machine'), { hint }));
    });
    child.once('exit', (code, signal) => {
      process.off('exit', end);
      resolve({ code, signal });
    });
  });
}
