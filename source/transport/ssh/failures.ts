import { shellWord } from '../../text/shell-word.js';
import type { ChildEnd } from '../child-stream.js';
import { type Endpoint, TransportError, type TransportFailure } from '../endpoint.js';
import { loginArguments, sshTarget } from './arguments.js';
import { noProxyMark } from './remote-command.js';

interface Rule {
  readonly told: RegExp;
  readonly kind: TransportFailure;
  /** "$1" is the first group of what was told. */
  readonly message: string;
  /** "$login" is the command that logs in there by hand. */
  readonly hint?: string;
}

const installHelper =
  'On the host, install libvirt-daemon (it has virt-ssh-helper), or netcat-openbsd with proxy=netcat in the URI.';

/** What ssh and the far side say (OpenSSH 9.2, libvirt 9.0), the more telling before the more general. */
const rules: readonly Rule[] = [
  {
    told: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    kind: 'host-key',
    message: 'its host key has changed: it is another machine, was installed anew, or somebody is in between',
  },
  {
    told: /Host key verification failed|host key is known for .* and you have requested strict checking/,
    kind: 'host-key',
    message: 'its host key is not known',
    hint: 'Look at its fingerprint and accept it once: $login',
  },
  {
    told: /Too many authentication failures/,
    kind: 'login',
    message: 'too many keys were offered before the right one',
    hint: 'Name the key: keyfile=… in the URI, or IdentitiesOnly in ~/.ssh/config.',
  },
  {
    told: /Permission denied \(([^)]*)\)/,
    kind: 'login',
    message: 'the login was refused (it takes: $1)',
    hint: 'Try it by hand: $login (another user or key: qemu+ssh://USER@HOST/system?keyfile=FILE)',
  },
  {
    told: /Could not resolve hostname ([^:]+)/,
    kind: 'unreachable',
    message: 'there is no machine named $1',
    hint: 'Check the name, or give its address.',
  },
  {
    told: /connect to host \S+ port (\d+): Connection refused/,
    kind: 'unreachable',
    message: 'nothing answers on port $1',
    hint: 'Is sshd running there, and is it this port?',
  },
  {
    told: /connect to host \S+ port \d+: (No route to host|Network is unreachable|Connection timed out)/,
    kind: 'unreachable',
    message: 'it cannot be reached: $1',
  },
  {
    told: /Connection timed out during banner exchange|Timeout, server .* not responding/,
    kind: 'silent',
    message: 'it does not answer',
  },
  {
    told: /Connection to .* closed by remote host/,
    kind: 'unreachable',
    message: 'it closed the connection',
  },
  {
    told: new RegExp(`${noProxyMark} (.*)`),
    kind: 'no-proxy',
    message: 'there is neither virt-ssh-helper nor $1 on it',
    hint: installHelper,
  },
  {
    told: /virt-ssh-helper: (?:command )?not found/,
    kind: 'no-proxy',
    message: 'it has no virt-ssh-helper',
    hint: installHelper,
  },
  {
    told: /^(?:nc|ncat|netcat).*(?:invalid option|unrecognized option).*U/m,
    kind: 'no-proxy',
    message: 'its netcat knows no unix sockets',
    hint: 'Install netcat-openbsd there.',
  },
  {
    told: /(?:cannot connect to|Failed to connect socket to|unix connect failed|nc: ).*?(\/[^\s':]+).*?(?:Permission denied)/,
    kind: 'permission',
    message: 'no permission for $1 on it',
    hint: 'Add the user to the group libvirt there: sudo usermod -aG libvirt USER',
  },
  {
    told: /(?:cannot connect to|Failed to connect socket to|unix connect failed|nc: ).*?(\/[^\s':]+).*?(?:No such file|Connection refused)/,
    kind: 'socket-missing',
    message: 'no libvirt daemon listens there on $1',
    hint: 'Start it there: sudo systemctl enable --now libvirtd.socket (or virtqemud.socket).',
  },
];

/** Lines that say nothing of a failure: told at LogLevel VERBOSE, or of the regular end of virt-ssh-helper. */
const idle =
  /^(?:Authenticated to |Transferred: |Bytes per second: |Warning: Permanently added |debug\d: |Pseudo-terminal|\*\* |.*could not proxy traffic: internal error: EOF on stdin|Connection to \S+ closed\.|Server accepts key|process_mux)/;

/** Characters of a line that are read: the far side can send what it likes, and a person reads it. */
const longestLine = 400;

function readable(said: string): string {
  return said
    .split(/\r?\n/)
    .map((line) => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line))
    .join('\n');
}

/** Why ssh ended, from what it and the far side said. */
export function sshFailure(
  endpoint: Endpoint,
  everything: string,
  { code, signal, error }: ChildEnd,
): TransportError {
  // A banner, or what a jump host has said, is no reason for what fails once somebody is logged in.
  const said = readable(everything.replace(/^[\s\S]*^Authenticated to .*$/m, ''));
  const target = sshTarget(endpoint);
  const program = endpoint.options.command ?? 'ssh';
  if (error !== undefined) {
    const missing = error.code === 'ENOENT';
    const message = missing ? `there is no ${program} on this machine` : `${program}: ${error.message}`;
    const hint = missing ? 'Install it (Debian, Ubuntu: sudo apt install openssh-client).' : undefined;
    return new TransportError('failed', message, { ...endpoint, hint });
  }
  for (const { told, kind, message, hint } of rules) {
    const match = told.exec(said);
    if (match === null) continue;
    const text = message.replace('$1', match[1] ?? '');
    return new TransportError(kind, `ssh to ${target}: ${text}`, {
      ...endpoint,
      hint:
        (kind === 'host-key' ? forgetLine(said) : undefined) ??
        hint?.replace('$login', () => loginLine(endpoint)),
    });
  }
  const line = tellingLine(said);
  const how = signal ? `was ended by ${signal}` : code === 0 ? 'ended' : `ended with status ${code}`;
  return new TransportError('failed', `ssh to ${target}: ${line ?? `${program} ${how}`}`, endpoint);
}

/** Logs in by hand as the endpoint does: to the same port, with the same key, and known hosts kept in the same file. */
function loginLine(endpoint: Endpoint): string {
  const { command = 'ssh', no_verify: _, ...options } = endpoint.options;
  return [command, ...loginArguments({ ...endpoint, user: undefined, options }), sshTarget(endpoint)]
    .map(shellWord)
    .join(' ');
}

/** The last line that says something. */
export function tellingLine(said: string): string | undefined {
  const lines = said.split(/\r?\n/).map((line) => line.trim());
  return lines.findLast((line) => line !== '' && !idle.test(line));
}

/** ssh names the command that forgets the old key of a host. */
export function forgetLine(said: string): string | undefined {
  const command = /^\s*(ssh-keygen -f .* -R .*)$/m.exec(said)?.[1];
  const fingerprint = /(SHA256:\S+?)\.?\s*$/m.exec(said)?.[1];
  if (command === undefined) return undefined;
  const key = fingerprint === undefined ? '' : `The key it shows now is ${fingerprint}. `;
  return `${key}If that is right, forget the old one: ${command.trim()}`;
}
