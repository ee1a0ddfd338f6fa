import { isLabUri } from '../../lab/lab-uri.js';
import { type CheckStep, checkConnection, stepsTo } from '../../libvirt/connection-check.js';
import type { ConnectionUri } from '../../libvirt/connection-uri.js';
import { literal, safe } from '../../text/safe.js';
import { elapsed } from '../../text/units.js';
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
  const nameOf = (step: CheckStep) => literal`  ${fitted(safe(step), 15)}`;
  // A question in the middle of a step's line ends that line; its outcome then has a line of its own.
  let asked = false;
  const onAsk = () => {
    if (!asked) io.stdout.write(literal`\n`);
    asked = true;
  };
  io.stdout.write(literal`Testing ${safe(label === uri ? label : `${label} (${uri})`)}\n`);
  const error = await checkConnection(uri, {
    steps: stepsTo(isLabUri(uri) ? 'lab' : parsed),
    open: (text, { onStep }) => open(text, { onStep, onAsk }),
    signal: io.signal ?? new AbortController().signal,
    report: {
      begin: (step) => io.stdout.write(nameOf(step)),
      end: (step, outcome, { notes, milliseconds }) => {
        const time = elapsed(milliseconds).padStart(7);
        const said = notes.length > 0 ? `  ${notes.join(', ')}` : '';
        io.stdout.write(
          literal`${asked ? nameOf(step) : literal``}${safe(`${outcome.padEnd(6)} ${time}${said}`)}\n`,
        );
        asked = false;
      },
    },
  });
  if (error === undefined) return ExitCode.ok;
  reportError(io, label, error);
  return ExitCode.failed;
}
