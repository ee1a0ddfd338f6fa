import { constants } from 'node:os';
import { literal, type SafeText, safe } from '../../text/safe.js';
import { truncate } from '../../text/width.js';

/** Why the program ends. */
export interface End {
  readonly code: number;
  /** A fault of the program itself. */
  readonly error?: unknown;
}

/** What leaving may take, in milliseconds: hosts that are silent, files that are locked are not waited for longer. */
export const farewell = 400;

const messageCells = 300;

/** A signal's exit code, as a shell has it. */
export function signalCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** Resolves with what `work` comes to, or with `late` after a moment. Never rejects. */
export async function withinMoment<T, L>(work: Promise<T>, late: L, moment = farewell): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<L>((resolve) => {
    timer = setTimeout(() => resolve(late), moment);
  });
  try {
    return await Promise.race([work, over]);
  } catch {
    return late;
  } finally {
    clearTimeout(timer);
  }
}

/** A fault of the program in two lines: what it is, and where it arose, for whoever is to mend it. */
export function describeFault(error: unknown, version: string): SafeText {
  const [message, where] =
    error instanceof Error
      ? [`${error.name}: ${error.message}`, firstPlace(error)]
      : [String(error), undefined];
  const line = truncate(safe(message.slice(0, messageCells * 4)), messageCells);
  const place = where === undefined ? literal`` : literal` (${safe(where)})`;
  return literal`virtdeck ${safe(version)}: ended by a fault of its own: ${line}\nPlease report it with what you did before${place}.\n`;
}

/** "cli-ABC.js:12:345" */
function firstPlace({ stack }: Error): string | undefined {
  return /([^/\\()\s]+:\d+:\d+)\)?\s*$/m.exec(stack ?? '')?.[1];
}
