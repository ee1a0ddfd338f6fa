import type { DomainListing } from '../libvirt/hypervisor.js';
import { placesOf } from '../libvirt/source-places.js';
import {
  planRemovals,
  type RemovableVolume,
  type Removal,
  type Removed,
  removeDomain,
} from '../provision/remove-domain.js';
import { literal, safe } from '../text/safe.js';
import { shortList } from '../text/units.js';
import {
  type Command,
  type CommandArgs,
  type CommandContext,
  type CommandIo,
  connectFlag,
} from './command.js';
import { reportError, reportProblem, usageError } from './failures.js';
import { domains, type Found, onEach } from './hosts.js';

const usage = `
  Usage
    $ virtdeck undefine NAME... [options]

  Deletes domains: their definition, managed save, NVRAM, and what libvirt knows of their snapshots. NAME is a
  domain's name, UUID or id. Its seed (cloud-init's files, made by virtdeck) goes as well, since nothing else
  uses it; all other volumes stay unless an option says otherwise. What another domain or volume uses is never
  deleted, be it a volume or a file of NVRAM that two domains share.

  Options
    -c, --connect URI     the host; may be given several times, NAME must be on one of them only
    --force               force a running domain off first
    --storage VOL,...     these volumes of it go as well: a disk's target (vda), a path, or a volume's name
    --remove-all-storage  all its disks go; what lies in its CD-ROM drives and base images stay
    --keep-storage        no volume goes, not even the seed
    --nvram               the file with its UEFI variables goes, as it does without an option
    --keep-nvram          it stays

  Exit codes
    0 done   1 failed for a domain, a volume or a host   2 usage
`;

/** `virtdeck undefine` */
export const undefine: Command = {
  usage,
  flags: {
    ...connectFlag,
    force: { type: 'boolean' },
    storage: { type: 'string' },
    'remove-all-storage': { type: 'boolean' },
    'keep-storage': { type: 'boolean' },
    nvram: { type: 'boolean' },
    'keep-nvram': { type: 'boolean' },
  },
  run,
};

const exclusive = [
  ['storage', 'remove-all-storage', 'keep-storage'],
  ['nvram', 'keep-nvram'],
] as const;

async function run({ input, flags }: CommandArgs, io: CommandIo): Promise<number> {
  const context = { io, flags };
  if (input.length === 0) return usageError(io, 'undefine', 'which domain? Give a name, UUID or id');
  for (const group of exclusive) {
    const given = group.filter((flag) => flags[flag] !== undefined);
    if (given.length > 1) return usageError(io, 'undefine', `--${given.join(' and --')} exclude each other`);
  }
  // One after the other: what one leaves may be what the next one used.
  return onEach(context, domains, input, 'undefine', (found) => remove(found, context), { inTurn: true });
}

/** False where something of it failed; what happened is printed either way. */
async function remove(
  { host: { hypervisor }, object: domain }: Found<DomainListing>,
  { io, flags }: CommandContext,
): Promise<boolean> {
  const refuse = (message: string, hint: string): false => {
    reportProblem(io, `Failed to undefine domain '${domain.name}': ${message}`, hint);
    return false;
  };
  if (domain.id !== -1 && flags.force !== true)
    return refuse('the domain is running', '--force forces it off first: unsaved data in the guest is lost');
  const [plan] = await planRemovals(hypervisor, [domain]);
  if (plan === undefined) return false;
  const choice = chooseVolumes(plan, flags);
  if ('problem' in choice) return refuse(choice.problem, choice.hint);
  const { chosen } = choice;
  const { deleted, kept, nvram } = await removeDomain(
    hypervisor,
    plan,
    new Set(chosen.map(({ volume }) => volume.key)),
    { keepNvram: flags['keep-nvram'] === true },
  );
  io.stdout.write(literal`Domain '${safe(domain.name)}' has been undefined\n`);
  if (nvram !== undefined) tellNvram(nvram, io);
  for (const { name, pool } of deleted)
    io.stdout.write(literal`Volume '${safe(name)}' of pool '${safe(pool)}' removed\n`);
  for (const { volume, error } of kept) reportError(io, `Failed to remove volume '${volume.name}'`, error);
  if (flags['remove-all-storage'] === true) tellKept(plan, chosen, io);
  return kept.length === 0;
}

function tellNvram({ path, deleted, users }: NonNullable<Removed['nvram']>, io: CommandIo): void {
  if (deleted) io.stdout.write(literal`NVRAM '${safe(path)}' removed\n`);
  else {
    const why = users.length > 0 ? `used by ${shortList(users)}` : '--keep-nvram';
    io.stderr.write(literal`note: NVRAM '${safe(path)}' stays: ${safe(why)}\n`);
  }
}

type Choice =
  | { readonly chosen: readonly RemovableVolume[] }
  | { readonly problem: string; readonly hint: string };

function chooseVolumes({ domain, volumes }: Removal, flags: CommandArgs['flags']): Choice {
  if (flags['keep-storage'] === true) return { chosen: [] };
  const free = volumes.filter(({ users }) => users.length === 0);
  const seeds = free.filter(({ role }) => role === 'seed');
  if (flags['remove-all-storage'] === true)
    return { chosen: [...free.filter(({ role }) => role === 'disk'), ...seeds] };
  const chosen = [...seeds];
  const called = (wanted: string): RemovableVolume | undefined =>
    volumes.find(({ volume: { name, key } }) => name === wanted || placesOf(wanted).includes(key));
  const list = typeof flags.storage === 'string' ? flags.storage : undefined;
  for (const wanted of list === undefined ? [] : wordsOf(list, (word) => called(word) !== undefined)) {
    const one = called(wanted);
    // A disk's target is its volume, and what holds the data of that.
    const found = one === undefined ? volumes.filter(({ about }) => about.startsWith(`${wanted},`)) : [one];
    if (found.length === 0)
      return {
        problem: `'${wanted}' is no volume of it`,
        hint: volumes.length === 0 ? 'it has none' : `it has ${volumes.map(named).join('; ')}`,
      };
    const taken = found.find(({ users }) => users.length > 0);
    if (taken !== undefined)
      return {
        problem: `'${taken.volume.name}' is used by ${shortList(taken.users)}`,
        hint: `without it in --storage ${domain.name} can be undefined; see virtdeck vol delete`,
      };
    chosen.push(...found.filter((one) => !chosen.includes(one)));
  }
  return { chosen };
}

/** The words of a list. A name may have commas itself: the longest one counts. */
function wordsOf(list: string, isName: (word: string) => boolean): readonly string[] {
  const parts = list.split(',');
  const words: string[] = [];
  while (parts.length > 0) {
    let length = parts.length;
    while (length > 1 && !isName(parts.slice(0, length).join(','))) length -= 1;
    words.push(parts.splice(0, length).join(','));
  }
  return words;
}

function tellKept({ volumes, elsewhere }: Removal, chosen: readonly RemovableVolume[], io: CommandIo): void {
  for (const volume of volumes.filter((one) => !chosen.includes(one))) {
    const why = volume.users.length > 0 ? `used by ${shortList(volume.users)}` : reasons[volume.role];
    io.stderr.write(literal`note: volume '${safe(volume.volume.name)}' stays: ${safe(why)}\n`);
  }
  for (const { target, source } of elsewhere)
    io.stderr.write(
      literal`note: ${safe(target)} (${safe(source)}) stays: it is no volume of an active pool\n`,
    );
}

const reasons: Readonly<Record<RemovableVolume['role'], string>> = {
  seed: 'the seed',
  disk: 'a disk',
  medium: 'it lies in a drive; --storage with its name removes it',
  base: 'a base image; --storage with its name removes it',
};

function named({ volume, about }: RemovableVolume): string {
  return `${volume.name} (${about})`;
}
