import { constants } from 'node:os';
import type { ByteStream } from '../libvirt/byte-stream.js';
import {
  type ConsoleTerminal,
  consoleGreeting,
  isConsoleTaken,
  runConsole,
  whyConsoleEnded,
} from '../libvirt/console-session.js';
import type { LibvirtError } from '../libvirt/errors.js';
import { safe } from '../text/safe.js';
import { type Command, type CommandArgs, type CommandIo, connectFlag, ExitCode } from './command.js';
import { chooseConnections } from './connections.js';
import { type FoundDomain, matchDomain, searchHosts } from './domain-hosts.js';
import { reportError, reportProblem, usageError } from './failures.js';

/** `virtdeck console` on a terminal: a guest's serial console until Ctrl-] or its end. */
export function consoleCommand(terminal: ConsoleTerminal): Command {
  return {
    summary: 'the serial console of a domain',
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
  const hosts = await searchHosts(await chooseConnections(flags.connect, io), io, { events: true });
  try {
    const found = matchDomain(key, hosts.open, io);
    if (found === undefined) return ExitCode.failed;
    return await talk(found, flags.force === true, io, terminal);
  } finally {
    await Promise.all(hosts.open.map(({ hypervisor }) => hypervisor.close()));
  }
}

async function talk(found: FoundDomain, force: boolean, io: CommandIo, terminal: ConsoleTerminal) {
  const { hypervisor, domain } = found;
  const stream = await open(found, force, io);
  if (stream === undefined) return ExitCode.failed;
  io.stdout.write(`${consoleGreeting(domain)}\n`);
  const end = await runConsole(stream, terminal, io.signal);
  // The guest's last line may have no end.
  io.stdout.write('\n');
  if (end.how === 'signal') return 128 + constants.signals[end.signal];
  const why = await whyConsoleEnded(hypervisor, domain, end);
  if (why !== undefined) io.stderr.write(`Console closed: ${safe(why)}\n`);
  return end.how === 'failed' && end.error.kind === 'closed' ? ExitCode.failed : ExitCode.ok;
}

/** The stream; undefined, and said, where there is none to be had. */
async function open(
  { connection, hypervisor, domain }: FoundDomain,
  force: boolean,
  io: CommandIo,
): Promise<ByteStream | undefined> {
  try {
    return await hypervisor.openConsole(domain, { force });
  } catch (reason) {
    const error = reason as LibvirtError;
    reportError(io, `Failed to open the console of domain '${domain.name}'`, error, connection.label);
    if (isConsoleTaken(error)) io.stderr.write('hint: --force takes it over from the other client\n');
    return undefined;
  }
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
