import type { DomainActionId } from '../inventory/domain-actions.js';
import type { Command } from './command.js';

/** A line of the list of commands. Each is a file of its own, loaded on demand: one costs nothing to the others. */
interface Entry {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

const power = (name: DomainActionId, summary: string): Entry => ({
  summary,
  load: async () => (await import('./power.js')).powerCommand(name, summary),
});

/** Every one-shot command, in the order in which help lists them. */
export const commands: Readonly<Record<string, Entry>> = {
  list: { summary: 'list domains', load: async () => (await import('./list/list.js')).list },
  create: {
    summary: 'make a VM, from an image to its address',
    load: async () => (await import('./create/create.js')).create,
  },
  start: power('start', 'start inactive domains'),
  shutdown: power('shutdown', 'ask domains to shut down'),
  reboot: power('reboot', 'ask domains to reboot'),
  destroy: power('destroy', 'force domains off'),
  suspend: power('suspend', 'pause domains'),
  resume: power('resume', 'resume paused domains'),
  console: {
    summary: 'the serial console of a domain',
    load: async () =>
      (await import('./console.js')).consoleCommand({ input: process.stdin, output: process.stdout }),
  },
  ssh: {
    summary: 'log in to the guest of a domain',
    load: async () => (await import('./ssh.js')).ssh,
  },
  undefine: {
    summary: 'delete domains, and volumes with them',
    load: async () => (await import('./undefine.js')).undefine,
  },
  connection: {
    summary: 'list, add, edit, test, import and remove connections',
    load: async () => (await import('./connection/connection.js')).connection,
  },
  net: {
    summary: 'list, start and stop networks, show leases',
    load: async () => (await import('./net/net.js')).net,
  },
  pool: {
    summary: 'list, start, stop and refresh storage pools',
    load: async () => (await import('./pool/pool.js')).pool,
  },
  vol: {
    summary: 'list, make, copy, resize, delete and transfer volumes',
    load: async () => (await import('./vol/vol.js')).vol,
  },
  lab: { summary: 'serve a simulated host on a socket', load: async () => (await import('./lab.js')).lab },
};

/** The connections before a command: where virsh takes them, and so does whoever knows it. */
export function leadingHosts(argv: readonly string[]): readonly string[] {
  let end = 0;
  for (let word = argv[0]; word !== undefined; word = argv[end]) {
    if (word === '-c' || word === '--connect') end += 2;
    else if (word.startsWith('--connect=')) end += 1;
    else break;
  }
  return argv.slice(0, end);
}

/** The command nearest to a mistyped one, if there is one near enough to be meant. */
export function nearestCommand(typed: string): string | undefined {
  const distances = Object.keys(commands).map((name) => ({ name, distance: editDistance(typed, name) }));
  const nearest = distances.sort((a, b) => a.distance - b.distance)[0];
  return nearest && nearest.distance <= Math.min(2, typed.length / 2) ? nearest.name : undefined;
}

/** Levenshtein distance: how many letters must be added, dropped or changed. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution);
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
