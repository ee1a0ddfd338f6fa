import { isUnsupported, LibvirtError, type Unsupported } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import { jsonText } from '../text/json.js';
import { safe, safeLines } from '../text/safe.js';
import { connectFlag, ExitCode, type Flag } from './command.js';
import { chooseConnections, openHosts } from './connections.js';
import { reportError, reportProblem, usageError } from './failures.js';
import type { Subcommand, SubcommandContext } from './subcommands.js';
import { table } from './table.js';

/** An opened host and how it is called in messages. */
export interface ObjectHost {
  readonly label: string;
  /** What opens it; undefined: what libvirt would choose. */
  readonly connection: string | undefined;
  readonly hypervisor: Hypervisor;
}

interface NamedObject {
  readonly name: string;
  readonly uuid: string;
}

/** Something with a name on a host. */
export interface Found<T> {
  readonly host: ObjectHost;
  readonly object: T;
}

/**
 * Opens the hosts of a command, runs `work` on those that answer and closes them. What fails is reported.
 *
 * @returns the exit code: that of `work`, or 1 where a host failed
 */
export async function withHosts(
  { io, flags }: SubcommandContext,
  work: (hosts: readonly ObjectHost[]) => Promise<number>,
): Promise<number> {
  const opened = await openHosts(await chooseConnections(flags.connect, io), io);
  const hosts = opened.flatMap((host): ObjectHost[] =>
    'error' in host
      ? []
      : [
          {
            label: host.connection.label,
            connection: host.connection.uri,
            hypervisor: host.hypervisor,
          },
        ],
  );
  for (const host of opened) if ('error' in host) reportError(io, host.connection.label, host.error);
  try {
    const code = hosts.length === 0 ? ExitCode.failed : await work(hosts);
    return hosts.length < opened.length ? ExitCode.failed : code;
  } finally {
    await Promise.all(hosts.map(({ hypervisor }) => hypervisor.close()));
  }
}

/** The list of a host; a driver that has none is an error here: somebody asked for it. */
export async function listOf<T>(answer: Promise<readonly T[] | Unsupported>): Promise<readonly T[]> {
  const list = await answer;
  if (!isUnsupported(list)) return list as readonly T[];
  throw new LibvirtError({ kind: 'unsupported', message: list.reason });
}

/** Lists of all hosts; those that fail are reported. `failed` where one did. */
export async function listAll<T>(
  { io }: SubcommandContext,
  hosts: readonly ObjectHost[],
  list: (hypervisor: Hypervisor) => Promise<readonly T[]>,
): Promise<{ readonly found: readonly Found<T>[]; readonly failed: boolean }> {
  let failed = false;
  const parts = await Promise.all(
    hosts.map(async (host) => {
      try {
        return (await list(host.hypervisor)).map((object) => ({ host, object }));
      } catch (error) {
        failed = true;
        reportError(io, host.label, error);
        return [];
      }
    }),
  );
  return { found: parts.flat(), failed };
}

/**
 * The one object of that name or UUID; undefined, and said, where there is none or more than one. Where no host
 * could list any that was said already.
 */
export function findObject<T extends NamedObject>(
  { io }: SubcommandContext,
  kind: string,
  key: string,
  { found: all, failed }: { readonly found: readonly Found<T>[]; readonly failed: boolean },
): Found<T> | undefined {
  if (failed && all.length === 0) return undefined;
  const matches = all.filter(({ object }) => object.name === key || object.uuid === key.toLowerCase());
  if (matches.length === 1) return matches[0];
  if (matches.length === 0) reportProblem(io, `failed to get ${kind} '${key}'`);
  else {
    const labels = matches.map(({ host }) => host.label).join(', ');
    reportProblem(io, `'${key}' is on more than one host (${labels}): choose one with -c`);
  }
  return undefined;
}

/** Does the work with an object of a host; a failure is reported as one of `about`. */
export async function onObject(
  { io }: SubcommandContext,
  about: string,
  host: Pick<ObjectHost, 'label'>,
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    reportError(io, about, error, host.label);
    return ExitCode.failed;
  }
}

/**
 * Does something to each named object; one that fails does not stop the others.
 *
 * @param verb for the message of a failure: "start network"
 * @param done the line that is printed for each, e.g. "Network 'default' started"
 */
function actOnEach<T extends NamedObject>(
  context: SubcommandContext,
  { noun, list }: Pick<ObjectKind<T>, 'noun' | 'list'>,
  names: readonly string[],
  verb: string,
  act: (hypervisor: Hypervisor, object: T) => Promise<unknown>,
  done: (object: T) => string,
): Promise<number> {
  const { io } = context;
  return withHosts(context, async (hosts) => {
    const listed = await listAll(context, hosts, list);
    const results = await Promise.all(
      names.map(async (name) => {
        const match = findObject(context, noun, name, listed);
        if (match === undefined) return false;
        try {
          await act(match.host.hypervisor, match.object);
          io.stdout.write(`${done(match.object)}\n`);
          return true;
        } catch (error) {
          reportError(io, `Failed to ${verb} '${match.object.name}'`, error, match.host.label);
          return false;
        }
      }),
    );
    return listed.failed || results.includes(false) ? ExitCode.failed : ExitCode.ok;
  });
}

/** What the commands of networks and pools need to know of their objects. */
export interface ObjectKind<T extends NamedObject> {
  /** "network", for messages. */
  readonly noun: string;
  readonly list: (hypervisor: Hypervisor) => Promise<readonly T[]>;
  readonly xml: (hypervisor: Hypervisor, object: T) => Promise<string>;
  readonly setAutostart: (hypervisor: Hypervisor, object: T, on: boolean) => Promise<void>;
}

/** A column of a list: its title, and its cell of a row. */
export type ListColumn<R> = readonly [title: string, cell: (row: R) => string];

/** `COMMAND list`: the active objects, all with --all, the others with --inactive; as a table or JSON. */
function listObjects<T extends NamedObject & { readonly active: boolean }, R extends T>(
  context: SubcommandContext,
  { list }: Pick<ObjectKind<T>, 'list'>,
  describe: (hypervisor: Hypervisor, object: T) => Promise<R>,
  columns: readonly ListColumn<R>[],
): Promise<number> {
  const { io, flags } = context;
  return withHosts(context, async (hosts) => {
    const { found, failed } = await listAll(context, hosts, async (hypervisor) => {
      const all = await list(hypervisor);
      const wanted = flags.all ? all : all.filter(({ active }) => active === !flags.inactive);
      return Promise.all(wanted.map((object) => describe(hypervisor, object)));
    });
    const rows = found.toSorted(
      (a, b) =>
        a.host.label.localeCompare(b.host.label) ||
        a.object.name.localeCompare(b.object.name, 'en', { numeric: true }),
    );
    const several = hosts.length > 1;
    if (flags.json) {
      const plain = rows.map(({ host, object }) => ({ host: host.label, ...object }));
      io.stdout.write(`${jsonText(plain, 2)}\n`);
    } else {
      const titles = [...columns.map(([title]) => title), ...(several ? ['Host'] : [])];
      const cells = rows.map(({ host, object }) =>
        [...columns.map(([, cell]) => cell(object)), ...(several ? [host.label] : [])].map(safe),
      );
      io.stdout.write(
        table(
          titles.map((title) => ({ title, align: 'left' })),
          cells,
        ),
      );
    }
    return failed ? ExitCode.failed : ExitCode.ok;
  });
}

/** `COMMAND VERB NAME…`: one verb as a subcommand, for example "start" with "started" as what it prints. */
export function verbOn<T extends NamedObject>(
  kind: ObjectKind<T>,
  verb: string,
  done: string,
  call: (hypervisor: Hypervisor, object: T) => Promise<void>,
  more: (object: T) => string = () => '',
): Subcommand {
  return {
    operands: ['NAME…'],
    flags: ['connect'],
    run: (names, context) =>
      actOnEach(
        context,
        kind,
        names,
        `${verb} ${kind.noun}`,
        call,
        (object) => `${named(kind, object)} ${done}${more(object)}`,
      ),
  };
}

/** What the commands of all kinds of objects have in common beside their verbs. */
export function commonSubcommands<T extends NamedObject & { readonly active: boolean }, R extends T>(
  kind: ObjectKind<T>,
  describe: (hypervisor: Hypervisor, object: T) => Promise<R>,
  columns: readonly ListColumn<R>[],
): Readonly<Record<'list' | 'autostart' | 'dumpxml', Subcommand>> {
  return {
    list: {
      operands: [],
      flags: ['connect', 'all', 'inactive', 'json'],
      run: (_, context) => listObjects(context, kind, describe, columns),
    },
    autostart: {
      operands: ['NAME', 'on|off'],
      flags: ['connect'],
      run: (words, context) => autostartObject(context, kind, words),
    },
    dumpxml: {
      operands: ['NAME'],
      flags: ['connect'],
      run: (words, context) => dumpObject(context, kind, words),
    },
  };
}

/** The flags of those commands. */
export const objectFlags = {
  ...connectFlag,
  all: { type: 'boolean' },
  inactive: { type: 'boolean' },
  json: { type: 'boolean' },
} as const satisfies Record<string, Flag>;

/** "Network 'default'", as virsh begins its messages. */
function named({ noun }: Pick<ObjectKind<never>, 'noun'>, { name }: NamedObject): string {
  return `${noun.charAt(0).toUpperCase()}${noun.slice(1)} '${safe(name)}'`;
}

/** `COMMAND autostart NAME on|off` */
function autostartObject<T extends NamedObject>(
  context: SubcommandContext,
  kind: ObjectKind<T>,
  [name = '', value = '']: readonly string[],
): Promise<number> {
  if (value !== 'on' && value !== 'off') {
    const command = context.name.split(' ')[0] ?? '';
    const message = `autostart takes on or off, not "${safe(value)}"`;
    return Promise.resolve(usageError(context.io, command, message));
  }
  return actOnEach(
    context,
    kind,
    [name],
    `autostart ${kind.noun}`,
    (hypervisor, object) => kind.setAutostart(hypervisor, object, value === 'on'),
    (object) => `${named(kind, object)}: autostart ${value}`,
  );
}

/** `COMMAND dumpxml NAME` */
function dumpObject<T extends NamedObject>(
  context: SubcommandContext,
  { noun, list, xml }: ObjectKind<T>,
  [name = '']: readonly string[],
): Promise<number> {
  return withHosts(context, async (hosts) => {
    const match = findObject(context, noun, name, await listAll(context, hosts, list));
    if (match === undefined) return ExitCode.failed;
    return onObject(context, `Failed to read ${noun} '${match.object.name}'`, match.host, async () => {
      writeXml(context, await xml(match.host.hypervisor, match.object));
      return ExitCode.ok;
    });
  });
}

/** What goes into a file is libvirt's own text; no control character of it reaches a terminal. */
export function writeXml({ io }: SubcommandContext, xml: string): void {
  io.stdout.write(io.stdout.isTTY === true ? safeLines(xml).join('\n') : xml);
}
