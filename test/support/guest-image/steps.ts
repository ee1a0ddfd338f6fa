import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Says on stderr what the build is doing: it takes minutes, and stdout may belong to a test's report. */
export function say(text: string): void {
  process.stderr.write(`guest image: ${text}\n`);
}

/**
 * Runs one program of the build. Its output is kept and only shown when it fails.
 * @throws with the command and the end of what it wrote.
 */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const stdout: Buffer[] = [];
  const all: Buffer[] = [];
  child.stdout.on('data', (data: Buffer) => {
    stdout.push(data);
    all.push(data);
  });
  child.stderr.on('data', (data: Buffer) => all.push(data));
  // A program that fails early does not read its input; its exit code tells.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code === 0) return Buffer.concat(stdout).toString();
  const end = Buffer.concat(all).toString().slice(-4000);
  throw new Error(`${[command, ...args].join(' ')} ended with ${signal ?? code}\n${end}`);
}

type RunOptions = { readonly cwd?: string; readonly input?: string };
