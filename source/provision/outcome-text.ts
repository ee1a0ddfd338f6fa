import type { Outcome } from './create.js';

const sources = { agent: 'guest agent', lease: 'DHCP lease', arp: 'ARP' } as const;

/** What came of one VM, in a sentence. */
export function outcomeText(name: string, outcome: Outcome): string {
  switch (outcome.state) {
    case 'up':
      return `${name} is up: ${outcome.found.address} (${sources[outcome.found.source]})`;
    case 'made':
      return `${name} is made${outcome.running ? ' and runs' : ''}${outcome.note ? `; ${outcome.note}` : ''}`;
    case 'timeout':
      return `${name} exists and runs, and has no address yet`;
    case 'cancelled':
      return `${name} was cancelled`;
    case 'failed':
      return `${name} was not made: ${outcome.error.message}`;
  }
}

/** The command that logs in; undefined where nobody knows the user or the address. */
export function sshLine(user: string | undefined, outcome: Outcome | undefined): string | undefined {
  if (user === undefined || user === '' || outcome?.state !== 'up') return undefined;
  // Typed into a shell, as it is: a user's name is checked before, an address comes from the guest.
  return /^[\w.:-]+$/.test(outcome.found.address) && /^[\w.-]+$/.test(user)
    ? `ssh ${user}@${outcome.found.address}`
    : undefined;
}
