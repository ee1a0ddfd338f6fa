import { isLabUri } from '../../lab/lab-uri.js';
import { checkConnection, transportName } from '../../libvirt/connection-check.js';
import type { ConnectionUri } from '../../libvirt/connection-uri.js';
import { literal, safe } from '../../text/safe.js';
import { fit as fitted } from '../../text/width.js';
import { type CommandIo, ExitCode } from '../command.js';
import { reportError } from '../failures.js';
import { commandOpener } from '../opener.js';

/**
 * Opens a connection step by step, prints each as it is done, and at which one it failed and why.
 *
 * @returns the exit code
 */
export async function testConnection(
  { label, uri, parsed }: { readonly label: string; readonly uri: string; readonly parsed: ConnectionUri },
  io: CommandIo,
): Promise<number> {
  const open = commandOpener(io);
  const first = isLabUri(uri) ? 'lab' : transportName(parsed);
  io.stdout.write(literal`Testing ${safe(label === uri ? label : `${label} (${uri})`)}\n`);
  const error = await checkConnection(uri, {
    open: (text, { onStep }) => open(text, { onStep }),
    signal: io.signal ?? new AbortController().signal,
    report: {
      begin: (step) => io.stdout.write(literal`  ${fitted(safe(step === 'transport' ? first : step), 15)}`),
      end: (_step, outcome, notes) =>
        io.stdout.write(literal`${safe(notes.length > 0 ? `${outcome}  ${notes.join(', ')}` : outcome)}\n`),
    },
  });
  if (error === undefined) return ExitCode.ok;
  reportError(io, label, error);
  return ExitCode.failed;
}
