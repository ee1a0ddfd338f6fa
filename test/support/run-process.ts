import { execa } from 'execa';

/** What a finished child left. `exitCode` is -1 when it could not be started or was ended by a signal. */
export type Finished = { readonly stdout: string; readonly stderr: string; readonly exitCode: number };

export type RunOptions = {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  readonly cwd?: string;
  /** Milliseconds; 60 s unless told. */
  readonly timeout?: number;
};

/**
 * Runs a program to its end and never throws for its exit code. The locale is C.UTF-8, since tests compare
 * the text of virsh.
 */
export async function runProcess(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const result = await execa(command, args, {
    reject: false,
    stripFinalNewline: false,
    input: options.input ?? '',
    timeout: options.timeout ?? 60_000,
    env: { LC_ALL: 'C.UTF-8', ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const stderr = result.stderr || (result.failed && result.exitCode === undefined ? result.message : '');
  return { stdout: result.stdout, stderr: stderr ?? '', exitCode: result.exitCode ?? -1 };
}
