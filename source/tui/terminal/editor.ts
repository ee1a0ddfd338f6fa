import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { literal, safe } from '../../text/safe.js';
import { lastWords } from './last-words.js';

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
  const file = join(folder, name.replace(/[^\w.-]/g, '_'));
  const cutOff = (): void => leaveBehind(folder, file, text);
  process.once('exit', cutOff);
  try {
    await writeFile(file, text, { mode: 0o600 });
    const [command = 'vi', ...args] = editorCommand(environment);
    await run(command, [...args, file]);
    return await readFile(file, 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
    process.off('exit', cutOff);
  }
}

/** The program ends while the editor runs: what was saved in it so far is kept where it is. */
function leaveBehind(folder: string, file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') !== text)
    lastWords(literal`virtdeck: what you have edited is kept in ${safe(file)}\n`);
  else rmSync(folder, { recursive: true, force: true });
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit' });
    // Two programs on one terminal, of which the shell is one, would take each other's keys.
    const end = (): void => void child.kill('SIGHUP');
    process.once('exit', end);
    child.once('close', () => process.off('exit', end));
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
