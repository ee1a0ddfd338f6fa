import { constants } from 'node:os';
import {
  type ConsoleTerminal,
  consoleGreeting,
  isConsoleTaken,
  runConsole,
  whyConsoleEnded,
} from '../libvirt/console-session.js';
import type { LibvirtError } from '../libvirt/errors.js';
import type { DomainListing } from '../libvirt/hypervisor.js';
import { literal, safe } from '../text/safe.js';
import { type Command, type CommandArgs, type CommandIo, connectFlag, ExitCode } from './command.js';
import { reportProblem, usageError } from './failures.js';
import { domains, type Found, onOne } from './hosts.js';

/** `virtdeck console` on a terminal: a guest's serial console until Ctrl-] or its end. */
export function consoleCommand(terminal: ConsoleTerminal): Command {
  return {
    usage,
    flags: { ...connectFlag, force: { type: 'boolean' } },
    run: (args, io) => run(args, io, terminal),
  };
}

async function run({ input, flags }: CommandArgs, io: CommandIo, terminal: ConsoleTerminal): Promise<number> {
  const [key, ...more] = input;
  if (key === undefined || more.length > 0)
    return usageError(io, 'console', 'which domain? Give one name, UUID or id');
  if (terminal.input.isTTY !== true) {
    reportProblem(io, 'a console needs a terminal to be typed at');
    return ExitCode.failed;
  }
  const about = (domain: DomainListing): string => `Failed to open the console of domain '${domain.name}'`;
  return onOne(
    { io, flags },
    domains,
    key,
    about,
    (found) => talk(found, flags.force === true, io, terminal),
    { events: true },
  );
}

async function talk(
  { host: { hypervisor }, object: domain }: Found<DomainListing>,
  force: boolean,
  io: CommandIo,
  terminal: ConsoleTerminal,
): Promise<number> {
  const stream = await hypervisor.openConsole(domain, { force }).catch(withWayOut);
  io.stdout.write(literal`${consoleGreeting(domain)}\n`);
  const end = await runConsole(stream, terminal, io.signal);
  // The guest's last line may have no end.
  io.stdout.write(literal`\n`);
  if (end.how === 'signal') return 128 + constants.signals[end.signal];
  const why = await whyConsoleEnded(hypervisor, domain, end);
  if (why !== undefined) io.stderr.write(literal`Console closed: ${safe(why)}\n`);
  return end.how === 'failed' && end.error.kind === 'closed' ? ExitCode.failed : ExitCode.ok;
}

/** @throws the error, with the option that helps where somebody else has the console */
function withWayOut(error: LibvirtError): never {
  throw isConsoleTaken(error) ? error.withHint('--force takes it over from the other client') : error;
}

const usage = `
  Usage
    $ virtdeck console NAME [options]

  The serial console of a running domain, in this terminal. NAME is a domain's name, UUID or id.
  Ctrl-] leaves; every other key is the guest's.

  Options
    -c, --connect URI the host; may be given several times, NAME must be on one of them only
    --force           take the console over from another client

  Exit codes
    0 left, or ended by the guest   1 failed, or the connection was lost   2 usage
`;
