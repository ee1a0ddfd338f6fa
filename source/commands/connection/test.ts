import { isLabUri } from '../../lab/lab-uri.js';
import { checkConnection, transportName } from '../../libvirt/connection-check.js';
import type { ConnectionUri } from '../../libvirt/connection-uri.js';
import { safe } from '../../text/safe.js';
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
  io.stdout.write(`Testing ${safe(label)}${label === uri ? '' : ` (${safe(uri)})`}\n`);
  const error = await checkConnection(uri, {
    open: (text, { onStep }) => open(text, { onStep }),
    signal: io.signal ?? new AbortController().signal,
    report: {
      begin: (step) => io.stdout.write(`  ${(step === 'transport' ? first : step).padEnd(15)}`),
      end: (_step, outcome, notes) =>
        io.stdout.write(`${outcome}${notes.length > 0 ? `  ${safe(notes.join(', '))}` : ''}\n`),
    },
  });
  if (error === undefined) return ExitCode.ok;
  reportError(io, label, error);
  return ExitCode.failed;
}
