import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Which editor to run, as git and crontab choose it: VISUAL, EDITOR, else vi. What stands behind the name are
 * arguments; quotes keep words together. No shell is involved.
 */
export function editorCommand(environment: Environment): readonly string[] {
  const wanted = environment.VISUAL?.trim() || environment.EDITOR?.trim() || 'vi';
  return [...wanted.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
}

/**
 * Lets a person edit a text in their editor; the terminal must be the editor's meanwhile. The text lies in a
 * file that only they can read, and which is removed afterwards.
 *
 * @param name of the file, which some editors show and choose the colours by: "default.xml"
 * @returns the text as it was left
 * @throws Error that says which editor failed and how
 */
export async function editText(text: string, name: string, environment: Environment): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'virtdeck-edit-'));
  try {
    const file = join(folder, name.replace(/[^\w.-]/g, '_'));
    await writeFile(file, text, { mode: 0o600 });
    const [command = 'vi', ...args] = editorCommand(environment);
    await run(command, [...args, file]);
    return await readFile(file, 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit' });
    child.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'there is no such program' : error.message;
      reject(new Error(`the editor "${command}" cannot be run: ${why}. Set EDITOR to the one you use.`));
    });
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`the editor "${command}" ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}
