import { reachText } from '../inventory/domain-reach.js';
import type { Endpoint } from '../transport/endpoint.js';
import { virtdeckLine } from './by-hand.js';
import type { Outcome } from './create.js';
import type { HaltFix } from './guest-halted.js';
import { guestLogin, sshLineOf } from './guest-login.js';
import type { MachinePlan } from './plan.js';

const sources = { agent: 'guest agent', lease: 'DHCP lease', arp: 'ARP' } as const;

/** What came of one VM, in a sentence. */
export function outcomeText(name: string, outcome: Outcome): string {
  switch (outcome.state) {
    case 'up':
      return `${name} is up${wayText(outcome.found.reach)}`;
    case 'made':
      return `${name} is made${outcome.running ? ' and runs' : ''}${outcome.note ? `; ${outcome.note}` : ''}`;
    case 'timeout':
      return `${name} exists and runs, and has no address yet`;
    case 'halted':
      return `${outcome.message}. It has told no address; what was made stays`;
    case 'cancelled':
      return `${name} was cancelled`;
    case 'failed':
      return `${name} was not made: ${outcome.error.message}`;
  }
}

function wayText(reach: Extract<Outcome, { state: 'up' }>['found']['reach']): string {
  if (reach.kind === 'address') return `: ${reach.address.address} (${sources[reach.address.source]})`;
  if (reach.kind === 'user-net') return '; nobody reaches it over its user-mode networking';
  return `: ${reachText(reach)} of the host leads to its port ${reach.to}`;
}

/**
 * The command that logs in; undefined where nobody knows the user or a way.
 *
 * @param host is reached by this; undefined: it is this machine
 */
export function sshLine(
  { name, user }: Pick<MachinePlan, 'name' | 'user'>,
  outcome: Outcome | undefined,
  host: Endpoint | undefined,
): string | undefined {
  if (!user || outcome?.state !== 'up') return undefined;
  const login = guestLogin({ name, user, reach: outcome.found.reach, endpoint: host });
  return 'args' in login ? sshLineOf(login.args) : undefined;
}

/** The way into a guest that nobody reaches over its network; undefined where there is another, or none yet. */
export function consoleLine(
  { name, cutOff }: Pick<MachinePlan, 'name' | 'cutOff'>,
  outcome: Outcome,
  connection: string | undefined,
): string | undefined {
  const runs = outcome.state === 'up' || (outcome.state === 'made' && outcome.running);
  return cutOff && runs ? virtdeckLine(connection, 'console', name) : undefined;
}

/**
 * What a person does about a guest that has stopped or was paused.
 *
 * @param connection what opens the host; undefined: what libvirt would choose
 */
export function haltHint(name: string, fix: HaltFix, connection: string | undefined): string {
  const line = (command: string): string => virtdeckLine(connection, command, name);
  const hints: Readonly<Record<HaltFix, string>> = {
    room: `Make room where its disk lies, or mend that storage, then: ${line('resume')}`,
    resume: `Go on with it: ${line('resume')}`,
    reset: `Start it anew: ${line('destroy')}, then ${line('start')}`,
    start: `Start it again: ${line('start')}, and look at its console: ${line('console')}`,
    none: `Its disks may be left: ${virtdeckLine(connection, 'pool', 'list')}`,
  };
  return hints[fix];
}
