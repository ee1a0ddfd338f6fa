import type { Command } from './command.js';
import type { PowerName } from './power/actions.js';

/** Loads one command; each is a file of its own, so that one costs nothing to the others. */
type Loader = () => Promise<Command>;

const power =
  (name: PowerName): Loader =>
  async () =>
    (await import('./power/power.js')).powerCommand(name);

/** Every one-shot command, in the order in which help lists them. */
export const commands: Readonly<Record<string, { readonly summary: string; readonly load: Loader }>> = {
  list: { summary: 'list domains', load: async () => (await import('./list/list.js')).list },
  create: {
    summary: 'make a VM, from an image to its address',
    load: async () => (await import('./create/create.js')).create,
  },
  start: { summary: 'start inactive domains', load: power('start') },
  shutdown: { summary: 'ask domains to shut down', load: power('shutdown') },
  reboot: { summary: 'ask domains to reboot', load: power('reboot') },
  destroy: { summary: 'force domains off', load: power('destroy') },
  suspend: { summary: 'pause domains', load: power('suspend') },
  resume: { summary: 'resume paused domains', load: power('resume') },
  console: {
    summary: 'the serial console of a domain',
    load: async () =>
      (await import('./console.js')).consoleCommand({ input: process.stdin, output: process.stdout }),
  },
  undefine: {
    summary: 'delete domains, and volumes with them',
    load: async () => (await import('./undefine.js')).undefine,
  },
  connection: {
    summary: 'list, add, test and remove connections',
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
  return nearest && nearest.distance <= 2 ? nearest.name : undefined;
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
