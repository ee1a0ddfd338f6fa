import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { literal, type SafeText } from '../text/safe.js';
import type { CommandIo } from './command.js';
import { Output } from './output.js';

/** Asks whoever sits at the terminal. Undefined where nobody does: a script is never waited for. */
export async function ask(io: CommandIo, question: SafeText): Promise<string | undefined> {
  const { stderr } = process;
  if (!process.stdin.isTTY || !(io.stderr instanceof Output) || !io.stderr.isTTY) return undefined;
  try {
    return (await lineOf(stderr, question, io.signal)).trim();
  } catch {
    // Ctrl-C or Ctrl-D is no answer; what comes next does not go on in the line of the question.
    stderr.write(literal`\n`);
    return undefined;
  }
}

/** As `ask`, for a question of yes or no; anything else that is typed means no. */
export async function askYesNo(io: CommandIo, question: SafeText): Promise<boolean | undefined> {
  const answer = await ask(io, literal`${question} [y/N] `);
  return answer === undefined ? undefined : /^y(es)?$/i.test(answer);
}

/**
 * A line that somebody types. Ctrl-C means the program here as everywhere, and not the question alone.
 *
 * @param onReady called once the terminal itself shows nothing more of what is typed
 * @throws the signal's reason, or an error at Ctrl-D
 */
export async function lineOf(
  output: NodeJS.WritableStream,
  question: SafeText,
  signal: AbortSignal | undefined,
  onReady: () => void = () => {},
): Promise<string> {
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  onReady();
  const ended = once(lines, 'close').then(() => Promise.reject(new Error('nothing was typed')));
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await Promise.race([lines.question(question, signal === undefined ? {} : { signal }), ended]);
  } catch {
    // Readline's own words are about its keys.
    signal?.throwIfAborted();
    throw new Error('nothing was typed');
  } finally {
    ended.catch(() => {});
    lines.close();
  }
}

/** A line that nobody sees while it is typed. Throws as `lineOf` does. */
export async function askUnseen({ stderr, signal }: CommandIo, question: SafeText): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    return await lineOf(nowhere, literal``, signal, () => stderr.write(question));
  } finally {
    stderr.write(literal`\n`);
  }
}
