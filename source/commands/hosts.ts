import { isUnsupported, LibvirtError, type Unsupported } from '../libvirt/errors.js';
import type { DomainListing, Hypervisor } from '../libvirt/hypervisor.js';
import type { OpenOptions } from '../libvirt/open.js';
import type { RemoteHypervisor } from '../libvirt/remote/remote-hypervisor.js';
import { type CommandContext, type CommandIo, ExitCode } from './command.js';
import { type ConnectionChoice, chooseConnections } from './connections.js';
import { reportError, reportProblem } from './failures.js';
import { commandOpener } from './opener.js';

/** A host that is open, and how it is called in messages. */
export interface Host {
  readonly label: string;
  /** What opens it; undefined: what libvirt would choose. */
  readonly connection: string | undefined;
  readonly hypervisor: RemoteHypervisor;
}

/** What a host says to a question. */
export interface Answer<T> {
  readonly host: Host;
  readonly answer: T;
}

/** A host that did not open, or could not be asked. */
export interface Refusal {
  readonly label: string;
  readonly error: unknown;
}

/** What commands find by its name or UUID, domains also by their id. */
export interface Named {
  readonly name: string;
  readonly uuid: string;
  readonly id?: number;
}

/** A kind of objects that commands name. */
export interface Kind<T extends Named> {
  /** "network", for messages. */
  readonly noun: string;
  /** All of a host. Rejects with LibvirtError. */
  readonly list: (hypervisor: Hypervisor) => Promise<readonly T[]>;
}

/** An object, and the host that has it. */
export interface Found<T> {
  readonly host: Host;
  readonly object: T;
}

export const domains: Kind<DomainListing> = {
  noun: 'domain',
  list: (hypervisor) => hypervisor.listDomains(),
};

/** Opens all connections at once; a failure does not affect the others. Results keep the given order. */
export async function openHosts(
  connections: readonly ConnectionChoice[],
  io: CommandIo,
  options: Pick<OpenOptions, 'events'> = {},
): Promise<{ readonly hosts: readonly Host[]; readonly refused: readonly Refusal[] }> {
  const open = commandOpener(io);
  const opened = await Promise.all(
    connections.map(async ({ label, uri }): Promise<Host | Refusal> => {
      try {
        const hypervisor = await open(uri, options);
        return { label: await nameOf(label, uri, hypervisor), connection: uri, hypervisor };
      } catch (error) {
        return { label, error };
      }
    }),
  );
  return {
    hosts: opened.filter((one) => 'hypervisor' in one),
    refused: opened.filter((one) => 'error' in one),
  };
}

/** A label that scripts can use with -c: where libvirt chose the host, the daemon tells its URI. */
async function nameOf(label: string, uri: string | undefined, hypervisor: Hypervisor): Promise<string> {
  if (uri !== undefined) return label;
  return hypervisor.hostInfo().then(
    (info) => info.uri,
    () => label,
  );
}

/** Asks all hosts at once; returns answers and failures, each in the given order. */
export async function askHosts<T>(
  hosts: readonly Host[],
  ask: (host: Host) => Promise<T>,
): Promise<{ readonly answers: readonly Answer<T>[]; readonly refused: readonly Refusal[] }> {
  const asked = await Promise.all(
    hosts.map(async (host): Promise<Answer<T> | Refusal> => {
      try {
        return { host, answer: await ask(host) };
      } catch (error) {
        return { label: host.label, error };
      }
    }),
  );
  return { answers: asked.filter((one) => 'host' in one), refused: asked.filter((one) => 'error' in one) };
}

/** Says goodbye to each. */
export async function closeHosts(hosts: readonly Host[]): Promise<void> {
  await Promise.all(hosts.map(({ hypervisor }) => hypervisor.close()));
}

/**
 * Opens the hosts of a command, runs `work` on those that answer and closes them. Those that do not are reported.
 *
 * @returns the exit code: that of `work`, or 1 where a host failed
 */
export async function withHosts(
  { io, flags }: CommandContext,
  work: (hosts: readonly Host[]) => Promise<number>,
  options?: Pick<OpenOptions, 'events'>,
): Promise<number> {
  const { hosts, refused } = await openHosts(await chooseConnections(flags.connect, io), io, options);
  for (const { label, error } of refused) reportError(io, label, error);
  try {
    const code = hosts.length === 0 ? ExitCode.failed : await work(hosts);
    return refused.length > 0 ? ExitCode.failed : code;
  } finally {
    await closeHosts(hosts);
  }
}

/** What each host has of a kind; `failed` where one did not tell. */
export interface Listed<T> {
  readonly answers: readonly Answer<readonly T[]>[];
  readonly failed: boolean;
}

/** Lists of all hosts; those that fail are reported. */
export async function listAll<T>(
  { io }: Pick<CommandContext, 'io'>,
  hosts: readonly Host[],
  list: (hypervisor: Hypervisor) => Promise<readonly T[]>,
): Promise<Listed<T>> {
  const { answers, refused } = await askHosts(hosts, ({ hypervisor }) => list(hypervisor));
  for (const { label, error } of refused) reportError(io, label, error);
  return { answers, failed: refused.length > 0 };
}

/** A host's list; throws where its driver has none, because the command asked for it. */
export async function listOf<T>(answer: Promise<readonly T[] | Unsupported>): Promise<readonly T[]> {
  const list = await answer;
  if (!isUnsupported(list)) return list as readonly T[];
  throw new LibvirtError({ kind: 'unsupported', message: list.reason });
}

/**
 * The object of a host that a person means, as virsh takes it: an id, a UUID or a name. One whose name is a number is
 * found by it when none has that id.
 */
export function named<T extends Named>(objects: readonly T[], key: string): T | undefined {
  const id = /^\d+$/.test(key) ? Number(key) : undefined;
  return (
    objects.find((object) => id !== undefined && object.id === id) ??
    objects.find((object) => object.uuid === key.toLowerCase()) ??
    objects.find((object) => object.name === key)
  );
}

/**
 * The one object of that name, UUID or id; undefined, and said, where there is none or more than one. Where no host
 * could list any that was said already.
 */
export function findObject<T extends Named>(
  { io }: Pick<CommandContext, 'io'>,
  { noun }: Pick<Kind<T>, 'noun'>,
  key: string,
  { answers }: Listed<T>,
): Found<T> | undefined {
  const matches = answers.flatMap(({ host, answer }) => {
    const object = named(answer, key);
    return object === undefined ? [] : [{ host, object }];
  });
  if (matches.length === 1) return matches[0];
  if (matches.length > 1) {
    const labels = matches.map(({ host }) => host.label).join(', ');
    reportProblem(io, `'${key}' is on more than one host (${labels}): choose one with -c`);
  } else if (answers.length > 0) reportProblem(io, `failed to get ${noun} '${key}'`);
  return undefined;
}

export interface EachOptions extends Pick<OpenOptions, 'events'> {
  /** One after the other: each may ask something, or use what the one before it left. */
  readonly inTurn?: boolean;
}

/**
 * Does something to each named object; one that fails does not stop the others.
 *
 * @param verb for the message of a failure: "start" of "Failed to start network 'default'"
 * @param work false where it did not succeed, and that was said; what it throws is reported
 */
export function onEach<T extends Named>(
  context: CommandContext,
  kind: Kind<T>,
  names: readonly string[],
  verb: string,
  work: (found: Found<T>) => Promise<boolean>,
  { inTurn = false, ...options }: EachOptions = {},
): Promise<number> {
  const one = async (name: string, listed: Listed<T>): Promise<boolean> => {
    const match = findObject(context, kind, name, listed);
    if (match === undefined) return false;
    try {
      return await work(match);
    } catch (error) {
      const { object, host } = match;
      reportError(context.io, `Failed to ${verb} ${kind.noun} '${object.name}'`, error, host.label);
      return false;
    }
  };
  return withHosts(
    context,
    async (hosts) => {
      const listed = await listAll(context, hosts, kind.list);
      let ok = !listed.failed;
      if (inTurn) for (const name of names) ok = (await one(name, listed)) && ok;
      else if ((await Promise.all(names.map((name) => one(name, listed)))).includes(false)) ok = false;
      return ok ? ExitCode.ok : ExitCode.failed;
    },
    options,
  );
}

/**
 * Finds one object and does the work with it.
 *
 * @param about of whose failure it is, e.g. "Failed to read network 'default'"
 * @param work resolves with the exit code
 */
export function onOne<T extends Named>(
  context: CommandContext,
  kind: Kind<T>,
  name: string,
  about: (object: T) => string,
  work: (found: Found<T>) => Promise<number>,
  options?: Pick<OpenOptions, 'events'>,
): Promise<number> {
  return withHosts(
    context,
    async (hosts) => {
      const match = findObject(context, kind, name, await listAll(context, hosts, kind.list));
      if (match === undefined) return ExitCode.failed;
      try {
        return await work(match);
      } catch (error) {
        reportError(context.io, about(match.object), error, match.host.label);
        return ExitCode.failed;
      }
    },
    options,
  );
}

/**
 * Says where a host was lost meanwhile: a part of what was asked for may be missing.
 *
 * @returns true where it was
 */
export async function wasLost(
  io: CommandIo,
  { label, hypervisor }: Pick<Host, 'label' | 'hypervisor'>,
): Promise<boolean> {
  const reason = await Promise.race([hypervisor.closed, undefined]);
  if (reason === undefined) return false;
  reportError(io, `${label}: lost in the middle`, reason);
  return true;
}
