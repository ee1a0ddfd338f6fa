import { type Endpoint, TransportError } from '../endpoint.js';
import { remoteCommand } from './remote-command.js';

/** Seconds: what a TCP connection and the server's first line may take. The rest has timers of our own. */
const connectTimeout = 10;

/** A dead link ends within 15 s: three unanswered questions, 5 s apart. */
const aliveInterval = 5;
const aliveCount = 3;

export interface SshOptions {
  /** Our own control socket; undefined: no login is shared. */
  readonly control: string | undefined;
  /** Seconds that a login stays for the next one after the last has left it. */
  readonly persist: number;
  /** There is nobody to ask. */
  readonly batch: boolean;
}

/**
 * The arguments of ssh. The user's own configuration applies to all that is not said here; multiplexing is
 * always ours, never theirs: ending a connection of ours must not end their shells.
 *
 * @throws TransportError where host or user could be taken for an option or for more than a name
 */
export function sshArguments(endpoint: Endpoint, { control, persist, batch }: SshOptions): string[] {
  const { host, options } = endpoint;
  const settings: readonly (readonly [string, string] | undefined)[] = [
    // What the user's configuration has for their shells: a command of its own, one here that writes among our
    // bytes, forwarded ports that are taken already.
    ['RemoteCommand', 'none'],
    ['PermitLocalCommand', 'no'],
    ['ClearAllForwardings', 'yes'],
    // "Authenticated to …" is told at this level only.
    ['LogLevel', 'VERBOSE'],
    ['ConnectTimeout', String(connectTimeout)],
    ['ServerAliveInterval', String(aliveInterval)],
    ['ServerAliveCountMax', String(aliveCount)],
    ['ControlPath', control === undefined ? 'none' : path(control)],
    ...(control === undefined
      ? []
      : ([
          ['ControlMaster', 'auto'],
          ['ControlPersist', String(persist)],
        ] as const)),
    batch || isSet(options.no_tty) ? ['BatchMode', 'yes'] : undefined,
  ];
  return [
    ...loginArguments(endpoint),
    '-T',
    '-e',
    'none',
    ...settings.flatMap((setting) => (setting === undefined ? [] : ['-o', `${setting[0]}=${setting[1]}`])),
    '--',
    host ?? 'localhost',
    remoteCommand(endpoint),
  ];
}

/**
 * What of an endpoint says who logs in where and how; its host comes last, after "--".
 *
 * @throws TransportError where host or user could be taken for an option or for more than a name
 */
export function loginArguments(endpoint: Endpoint): readonly string[] {
  const { host, user, port, options } = endpoint;
  for (const [what, name] of [['host', host] as const, ['user', user] as const]) {
    if (name === undefined || isSshName(what, name)) continue;
    throw new TransportError('failed', noSshName(what, name), endpoint);
  }
  return [
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(options.keyfile === undefined ? [] : ['-i', options.keyfile.replaceAll('%', '%%')]),
    ...(isSet(options.no_verify) ? ['-o', 'StrictHostKeyChecking=no'] : []),
    ...(options.known_hosts === undefined ? [] : ['-o', `UserKnownHostsFile=${path(options.known_hosts)}`]),
  ];
}

/** A path as a setting of ssh, which splits at blanks and puts in what stands for % and $. */
function path(name: string): string {
  if (/^[\w./-]+$/.test(name)) return name;
  return `"${name.replaceAll('%', '%%').replace(/["\\]/g, '\\$&')}"`;
}

/** What libvirt takes for yes in a parameter: any number but 0. */
export function isSet(value: string | undefined): boolean {
  return value !== undefined && Number.parseInt(value, 10) !== 0;
}

/** "admin@lab2", as a person would write it. */
export function sshTarget({ user, host }: Pick<Endpoint, 'user' | 'host'>): string {
  return `${user === undefined ? '' : `${user}@`}${host ?? 'localhost'}`;
}

/** ssh puts host and user into commands of its configuration (ProxyCommand): only what names are made of goes there. */
export function isSshName(what: 'host' | 'user', name: string): boolean {
  if (what === 'user') return /^[\p{L}\p{N}_.][\p{L}\p{N}_.:%@+=\\-]*$/u.test(name);
  // What stands before an @ would be another user. An IPv6 address may begin with a colon.
  return /^[\p{L}\p{N}_.:][\p{L}\p{N}_.:%-]*$/u.test(name);
}

export function noSshName(what: 'host' | 'user', name: string): string {
  return `"${name}" is no name of a ${what} for ssh`;
}
