import { constants } from 'node:os';
import {
  guestLogin,
  type NoLogin,
  notRunning,
  readGuest,
  simulated,
  sshLineOf,
} from '../provision/guest-login.js';
import { literal, safe } from '../text/safe.js';
import { sharedLogin } from '../transport/ssh/control.js';
import { sshOnTerminal } from '../transport/ssh/ssh-on-terminal.js';
import { type Command, type CommandArgs, type CommandIo, connectFlag, ExitCode } from './command.js';
import { codeOfEnd } from './ending.js';
import { failureOf, reportProblem, usageError } from './failures.js';
import { domains, onOne } from './hosts.js';

const usage = `
  Usage
    $ virtdeck ssh [options] NAME [COMMAND…]

  Logs in to the guest of a running domain by ssh, or runs COMMAND in it. NAME is a domain's name, UUID or id. The
  address is the one that virtdeck list shows, or a port of the host that leads to the guest. A guest of a host that is
  reached by ssh is logged in to through that host (ssh -J). All else is as your own ssh and its configuration have it.

  Options
    -c, --connect URI the host; may be given several times, NAME must be on one of them only
    --user NAME       whom to log in as (default: whom virtdeck create has made, else ssh's own choice)
    --print           print the ssh line, and run nothing

  Options stand before COMMAND; what follows NAME and is none of them is the command's.

  Exit codes
    COMMAND's own   255 ssh failed   1 there is no way to the guest   2 usage
`;

export const ssh: Command = {
  usage,
  flags: { ...connectFlag, user: { type: 'string' }, print: { type: 'boolean' } },
  ownWords: 1,
  run,
};

async function run({ input, flags }: CommandArgs, io: CommandIo): Promise<number> {
  const [key, ...command] = input;
  if (key === undefined) return usageError(io, 'ssh', 'which domain? Give its name, UUID or id');
  let args: readonly string[] | undefined;
  const code = await onOne(
    { io, flags },
    domains,
    key,
    ({ name }) => `Failed to log in to domain '${name}'`,
    async ({ host: { hypervisor, connection }, object: domain }) => {
      const fails = ({ missing, hint }: NoLogin): number => {
        reportProblem(io, missing, hint);
        return ExitCode.failed;
      };
      const off = notRunning(domain, connection);
      if (off !== undefined) return fails(off);
      const read = await readGuest(hypervisor, domain);
      const guest = typeof flags.user === 'string' ? { ...read, user: flags.user } : read;
      const control = flags.print === true ? undefined : await sharedLogin(guest.endpoint, io.env);
      const login = guestLogin(guest, { command, control, connection });
      if ('missing' in login) return fails(login);
      const unreal = flags.print === true ? undefined : simulated(guest, connection);
      if (unreal !== undefined) return fails(unreal);
      args = login.args;
      return ExitCode.ok;
    },
  );
  // Another host that did not answer keeps nobody from this one.
  if (args === undefined) return code;
  if (flags.print === true) {
    io.stdout.write(literal`${safe(sshLineOf(args))}\n`);
    return ExitCode.ok;
  }
  return login(args, io);
}

/** ssh has the terminal until it ends; the connection to the host is closed by then. */
async function login(args: readonly string[], io: CommandIo): Promise<number> {
  const { env, signal } = io;
  try {
    const end = await sshOnTerminal(args, {
      env,
      ends: (end) => {
        const told = (): void => end(signalOf(codeOfEnd(signal)));
        if (signal?.aborted) told();
        else signal?.addEventListener('abort', told, { once: true });
      },
    });
    return end.code ?? 128 + constants.signals[end.signal ?? 'SIGTERM'];
  } catch (error) {
    const { message, hint } = failureOf(error);
    reportProblem(io, message, hint);
    return ExitCode.failed;
  }
}

function signalOf(code: number): NodeJS.Signals {
  const [name] = Object.entries(constants.signals).find(([, number]) => number === code - 128) ?? [];
  return (name ?? 'SIGTERM') as NodeJS.Signals;
}
