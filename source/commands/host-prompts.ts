import { literal, safe, safeBlock } from '../text/safe.js';
import type { Ask, Prompt } from '../transport/endpoint.js';
import { askUnseen, lineOf } from './ask.js';
import type { CommandIo } from './command.js';

/** Asks on the terminal what a host wants to be told, as ssh does it: one question at a time. */
export function terminalAsk(io: CommandIo): Ask {
  let last: Promise<unknown> = Promise.resolve();
  return (prompt, end) => {
    const answer = last.then(() => askOne(prompt, io, end));
    last = answer.catch(() => {});
    return answer;
  };
}

/**
 * Ctrl-D, and Ctrl-C, which ends the command as well, are no answer.
 *
 * @param end whoever asks is gone: the question with it
 */
async function askOne(prompt: Prompt, io: CommandIo, end: AbortSignal): Promise<string | undefined> {
  if (end.aborted) return undefined;
  const { host, kind, text, again } = prompt;
  const signal = io.signal === undefined ? end : AbortSignal.any([io.signal, end]);
  if (again !== undefined) io.stderr.write(literal`${safe(host)}: ${safe(again)}\n`);
  // Whose it is stands in ssh's own questions already, but not in all.
  const lead = text.includes(host) || kind === 'confirm' ? '' : `${host}: `;
  const question = safeBlock(`${lead}${text}${kind === 'confirm' ? ' (yes/no) ' : ' '}`);
  try {
    if (kind === 'secret') return await askUnseen({ ...io, signal }, question);
    return (await lineOf(process.stderr, question, signal)).trim();
  } catch {
    return undefined;
  }
}
