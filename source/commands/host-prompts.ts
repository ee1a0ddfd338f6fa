import { safe } from '../text/safe.js';
import type { Ask, Prompt } from '../transport/endpoint.js';
import { askUnseen, lineOf } from './ask.js';
import type { CommandIo } from './command.js';

/** Asks on the terminal what a host wants to be told, as ssh does it: one question at a time. */
export function terminalAsk(io: CommandIo): Ask {
  let last: Promise<unknown> = Promise.resolve();
  return (prompt) => {
    const answer = last.then(() => askOne(prompt, io));
    last = answer.catch(() => {});
    return answer;
  };
}

/** Ctrl-D, and Ctrl-C, which ends the command as well, are no answer. */
async function askOne({ host, kind, text, again }: Prompt, io: CommandIo): Promise<string | undefined> {
  if (again !== undefined) io.stderr.write(`${safe(host)}: ${safe(again)}\n`);
  const lines = text.split('\n').map((line) => safe(line));
  // Whose it is stands in ssh's own questions already, but not in all.
  const lead = text.includes(host) || kind === 'confirm' ? '' : `${safe(host)}: `;
  const question = `${lead}${lines.join('\n')}${kind === 'confirm' ? ' (yes/no) ' : ' '}`;
  try {
    if (kind === 'secret') return await askUnseen(io, question);
    return (await lineOf(process.stderr, question, io.signal)).trim();
  } catch {
    return undefined;
  }
}
