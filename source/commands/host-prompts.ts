import { literal, safe, safeBlock } from '../text/safe.js';
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
  if (again !== undefined) io.stderr.write(literal`${safe(host)}: ${safe(again)}\n`);
  // Whose it is stands in ssh's own questions already, but not in all.
  const lead = text.includes(host) || kind === 'confirm' ? '' : `${host}: `;
  const question = safeBlock(`${lead}${text}${kind === 'confirm' ? ' (yes/no) ' : ' '}`);
  try {
    if (kind === 'secret') return await askUnseen(io, question);
    return (await lineOf(process.stderr, question, io.signal)).trim();
  } catch {
    return undefined;
  }
}
