import { LibvirtError } from '../libvirt/errors.js';
import { joined, literal, type SafeText, safe } from '../text/safe.js';
import { WireError } from '../wire/errors.js';
import { type CommandIo, ExitCode } from './command.js';

/** Characters of a text that are shown: a host may send megabytes. */
const mostShown = 2000;

/** What went wrong, and the way out where there is one. */
export interface Failure {
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Whatever was thrown, as a person is told of it. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: `failed for no reason that is known (${String(error)})` };
  const { hint, code } = error as { hint?: unknown; code?: unknown };
  // "EMFILE: too many open files, open '…'": the words say it.
  const message = typeof code === 'string' ? error.message.replace(`${code}: `, '') : error.message;
  return {
    message: isMistake(error) ? `a mistake of this program: ${error.name}: ${message}` : message,
    hint: typeof hint === 'string' && hint !== '' ? hint : undefined,
  };
}

/** What no host and no person can cause. */
function isMistake(error: Error): boolean {
  return [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error.constructor === kind);
}

/**
 * "error: …" as virsh writes it, with the host or object it is about, and the way out.
 *
 * @param host is named where it gave no answer; an answer that says no is about the object
 */
export function reportError(io: CommandIo, about: string, error: unknown, host?: string): void {
  if (io.signal?.aborted && isConsequence(error, io.signal)) return;
  const { message, hint } = failureOf(error);
  const silent =
    error instanceof LibvirtError && error.cause instanceof WireError && error.kind !== 'aborted';
  const where = host !== undefined && silent && !message.includes(host) ? ` on ${host}` : '';
  // The wire names the host in some of its messages.
  reportProblem(io, message.startsWith(about) ? message : `${about}${where}: ${message}`, hint);
}

/** Whoever has pressed Ctrl-C is told what it leaves, and not that calls have ended by it. */
function isConsequence(error: unknown, { reason }: AbortSignal): boolean {
  if (error === reason) return true;
  return error instanceof LibvirtError && error.kind === 'aborted' && error.cause instanceof WireError;
}

/** The same in words of one's own. */
export function reportProblem({ stderr }: Pick<CommandIo, 'stderr'>, message: string, hint?: string): void {
  stderr.write(literal`error: ${shown(message)}\n`);
  if (hint) stderr.write(literal`hint: ${shown(hint)}\n`);
}

/** A text of any length and any characters as one line of a terminal. */
export function shown(text: string): SafeText {
  if (text.length <= mostShown) return safe(text);
  return literal`${safe(text.slice(0, mostShown))} … (${text.length} characters in all)`;
}

/** Says what is wrong with the command line, in one line or more, and where the right form is told. */
export function usageError(io: Pick<CommandIo, 'stderr'>, command: string, message: string): number {
  const [name, lines] = [safe(command), joined(message.split('\n').map(shown), literal`\n`)];
  io.stderr.write(literal`virtdeck ${name}: ${lines}\nSee: virtdeck ${name} --help\n`);
  return ExitCode.usage;
}
