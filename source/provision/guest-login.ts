import { type Reach, readReach } from '../inventory/domain-reach.js';
import { DomainState, isActive, stateName } from '../libvirt/domain-state.js';
import type { DomainRef, Hypervisor } from '../libvirt/hypervisor.js';
import { describeDomain } from '../libvirt/xml/domain-description-xml.js';
import { readDomainNote } from '../libvirt/xml/domain-note-xml.js';
import { shellWord } from '../text/shell-word.js';
import type { Endpoint } from '../transport/endpoint.js';
import { isSshName, loginArguments, noSshName } from '../transport/ssh/arguments.js';
import { virtdeckLine } from './by-hand.js';

/** What there is to know of the way into a guest. */
export interface Guest {
  readonly name: string;
  /** Undefined: nothing is known (yet). */
  readonly reach: Reach | undefined;
  /** Whom to log in as; undefined: ssh itself chooses, by its configuration or the name of this machine's user. */
  readonly user: string | undefined;
  /** Absent: it runs. */
  readonly state?: DomainState;
  /** Of its host; undefined: this machine. */
  readonly endpoint: Endpoint | undefined;
}

/** The arguments of ssh, or why there is no way in, and what helps. */
export type GuestLogin = { readonly args: readonly string[] } | NoLogin;

export interface NoLogin {
  readonly missing: string;
  readonly hint?: string | undefined;
}

export interface LoginOptions {
  /** What runs in the guest in place of a shell; as with ssh the words are put together there. */
  readonly command?: readonly string[];
  /** Socket of a login to the host that is there already: it is gone through, and nobody is asked again. */
  readonly control?: string | undefined;
  /** What opens the host, for the commands in hints; undefined: what libvirt would choose. */
  readonly connection?: string | undefined;
}

const sshPort = 22;

/** States in which a domain has an address and answers nobody. */
const asleep: readonly (DomainState | undefined)[] = [DomainState.paused, DomainState.pmSuspended];

/** Asks the host for the way into a running domain. Rejects with LibvirtError. */
export async function readGuest(hypervisor: Hypervisor, domain: DomainRef): Promise<Guest> {
  const [xml, { state }] = await Promise.all([hypervisor.domainXml(domain), hypervisor.domainState(domain)]);
  return {
    name: domain.name,
    state,
    reach: await readReach(hypervisor, domain, describeDomain(xml)),
    user: readDomainNote(xml)?.user,
    endpoint: hypervisor.endpoint,
  };
}

/** Why nobody logs in to a domain as it is, whatever its addresses; undefined: it runs. */
export function notRunning(domain: DomainRef, connection: string | undefined): NoLogin | undefined {
  if (isActive(domain)) return undefined;
  return {
    missing: `${domain.name} is not running`,
    hint: `Start it: ${virtdeckLine(connection, 'start', domain.name)}`,
  };
}

/** How ssh logs in to a guest: from here, or through its host where that is another machine. No shell reads any of it. */
export function guestLogin(guest: Guest, options: LoginOptions = {}): GuestLogin {
  const { user, reach, endpoint, state } = guest;
  if (state !== undefined && asleep.includes(state)) {
    const line = virtdeckLine(options.connection, 'resume', guest.name);
    return {
      missing: `${guest.name} is ${stateName(state)}: nothing in it answers`,
      hint: `Let it go on: ${line}`,
    };
  }
  if (user !== undefined && !isSshName('user', user))
    return { missing: noSshName('user', user), hint: 'Say whom to log in as: --user NAME' };
  if (reach === undefined || reach.kind === 'user-net' || (reach.kind === 'forward' && reach.to !== sshPort))
    return noWay(guest, options);
  const isRemote = isElsewhere(endpoint);
  if (isRemote && !isOverSsh(endpoint) && reach.kind === 'forward' && isLoopback(reach.host))
    return {
      missing: `only a port of ${endpoint.host} itself leads to ${guest.name}, and the connection to it is not by ssh`,
      hint: `Connect to the host by ssh: ${endpoint.driver}+ssh://${endpoint.host}/${endpoint.scope}`,
    };
  const address = reach.kind === 'address' ? reach.address.address : reach.host;
  const command = options.command ?? [];
  try {
    return {
      args: [
        ...(isRemote && isOverSsh(endpoint) ? jumpArguments(endpoint, options.control) : []),
        ...(reach.kind === 'forward' ? ['-p', String(reach.port)] : []),
        // Without it ssh would look for options of its own behind the address.
        ...(command.length > 0 ? ['--'] : []),
        user === undefined ? address : `${user}@${address}`,
        ...command,
      ],
    };
  } catch (error) {
    return { missing: (error as Error).message };
  }
}

/** The line that a person can copy into a shell. */
export function sshLineOf(args: readonly string[]): string {
  return ['ssh', ...args].map(shellWord).join(' ');
}

function noWay({ name, reach }: Guest, { connection }: LoginOptions): NoLogin {
  const hint = `Its console is a way in: ${virtdeckLine(connection, 'console', name)}`;
  if (reach?.kind === 'user-net')
    return {
      missing: `nobody reaches ${name}: it has user-mode networking, and no port of the host leads to it`,
      hint,
    };
  if (reach?.kind === 'forward')
    return {
      missing: `port ${reach.port} of the host leads to port ${reach.to} of ${name}, none to ssh`,
      hint,
    };
  return {
    missing: `no address of ${name} is known: it has told none by a guest agent, and has no DHCP lease`,
    hint: `It may still be booting. ${hint}`,
  };
}

/** The host's networks are not this machine's. One on loopback is, unless a port says that it is a tunnel. */
function isElsewhere(endpoint: Endpoint | undefined): endpoint is Endpoint {
  const { transport, host, port } = endpoint ?? {};
  if (transport === 'unix' || host === undefined || isLab(endpoint)) return false;
  return port !== undefined || !isLoopback(host);
}

function isOverSsh({ transport }: Endpoint): boolean {
  return transport === 'ssh' || transport === 'libssh' || transport === 'libssh2';
}

/** Why ssh is not run for a guest of the lab: whoever has its address here is somebody else. Undefined for others. */
export function simulated({ name, endpoint }: Guest, connection: string | undefined): NoLogin | undefined {
  if (!isLab(endpoint)) return undefined;
  return {
    missing: `${name} is simulated, as all of its host is: there is nothing to log in to`,
    hint: `What it has is a console: ${virtdeckLine(connection, 'console', name)}`,
  };
}

function isLab(endpoint: Endpoint | undefined): boolean {
  return endpoint?.driver === 'lab';
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/**
 * `-J` where it can say all there is to say; what else the URI has (a key, a file of known hosts, another program)
 * ssh hands to a jump host by no option, so that the way is a command then, which a shell reads.
 */
function jumpArguments(endpoint: Endpoint, control: string | undefined): readonly string[] {
  const { host = 'localhost', user, port, options } = endpoint;
  const login = loginArguments(endpoint);
  const { keyfile, known_hosts, no_verify, command } = options;
  const plain = /^[\w.-]+$/.test(user ?? 'x') && /^[\w.:-]+$/.test(host);
  const own = control ?? keyfile ?? known_hosts ?? no_verify ?? command;
  if (plain && own === undefined) {
    const target = host.includes(':') ? `[${host}]` : host;
    return ['-J', `${user === undefined ? '' : `${user}@`}${target}${port === undefined ? '' : `:${port}`}`];
  }
  const shared = control === undefined ? [] : ['-o', `ControlPath=${control}`, '-o', 'ControlMaster=no'];
  // "%" is ssh's own in there.
  const words = [command ?? 'ssh', ...login, ...shared].map((word) => shellWord(word).replaceAll('%', '%%'));
  const target = shellWord(host).replaceAll('%', '%%');
  return ['-o', `ProxyCommand=${[...words, "-W '[%h]:%p'", '--', target].join(' ')}`];
}
