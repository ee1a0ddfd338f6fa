import { stat } from 'node:fs/promises';
import { hashPassword, passwordProblem } from '../../provision/cloud-init/password.js';
import { readSmallStream, readSmallText } from '../../state/read-small-file.js';
import { readFailure } from '../../text/read-failure.js';
import { literal, safe } from '../../text/safe.js';
import { shellWord } from '../../text/shell-word.js';
import { askUnseen } from '../ask.js';
import type { CommandIo } from '../command.js';
import { UsageProblem } from './usage.js';

/** Of the file: a password is its first line. */
const mostBytes = 64 * 1024;

/**
 * The hash of the first line of a file: the password itself is forgotten here.
 *
 * @param path "-" is standard input; somebody who sits there is asked, and what is typed is not shown
 * @throws UsageProblem
 */
export async function passwordOf(
  path: string | undefined,
  { io }: { readonly io: CommandIo },
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const fail = (message: string): never => {
    throw new UsageProblem(`--password-file: ${message}`);
  };
  const text = await (path === '-' ? standardInput(io) : readSmallText(path, mostBytes, io.signal)).catch(
    (error: Error) => {
      io.signal?.throwIfAborted();
      return fail(readFailure(path === '-' ? 'standard input' : path, error));
    },
  );
  if (path !== '-') await warnOfReaders(path, io);
  const [password = ''] = text.split(/\r?\n/, 1);
  const problem = passwordProblem(password);
  return problem === undefined ? hashPassword(password) : fail(problem);
}

/** A pipe of the shell's is nobody else's. */
async function warnOfReaders(path: string, { stderr }: CommandIo): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true || (found.mode & 0o044) === 0) return;
  const word = shellWord(path);
  stderr.write(literal`warning: others can read the password in ${safe(path)}: chmod 600 ${safe(word)}\n`);
}

async function standardInput(io: CommandIo): Promise<string> {
  const { stdin } = process;
  if (stdin.isTTY) return typed(io);
  return (await readSmallStream(stdin, mostBytes, io.signal)).toString('utf8');
}

/** Twice: nobody sees what they type. */
async function typed(io: CommandIo): Promise<string> {
  for (;;) {
    const first = await askUnseen(io, literal`Password for the guest: `);
    if (first === '' || first === (await askUnseen(io, literal`The same again: `))) return first;
    io.stderr.write(literal`These two differ: once more.\n`);
  }
}
