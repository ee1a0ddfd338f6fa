import { createInterface } from 'node:readline/promises';
import type { CommandIo } from './command.js';

/**
 * Asks whoever sits at the terminal. Undefined where nobody does: a script is never waited for.
 *
 * @param question printed as it is
 */
export async function ask(io: CommandIo, question: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !('isTTY' in io.stderr) || io.stderr !== stderr) return undefined;
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return (await lines.question(question, io.signal === undefined ? {} : { signal: io.signal })).trim();
  } catch {
    // Ctrl-C or Ctrl-D is no answer; what comes next does not go on in the line of the question.
    stderr.write('\n');
    return undefined;
  } finally {
    lines.close();
  }
}
