import type { Hypervisor } from '../libvirt/hypervisor.js';
import { jsonText } from '../text/json.js';
import { dataFor, literal, safe } from '../text/safe.js';
import { type CommandContext, connectFlag, ExitCode, type Flag } from './command.js';
import { usageError } from './failures.js';
import { type Kind, listAll, type Named, onEach, onOne, withHosts } from './hosts.js';
import type { Subcommand, SubcommandContext } from './subcommands.js';
import { table } from './table.js';

/** What the commands of networks and pools need to know of their objects. */
export interface ObjectKind<T extends Named> extends Kind<T> {
  readonly xml: (hypervisor: Hypervisor, object: T) => Promise<string>;
  readonly setAutostart: (hypervisor: Hypervisor, object: T, on: boolean) => Promise<void>;
}

/** A column of a list: its title, and its cell of a row. */
export type ListColumn<R> = readonly [title: string, cell: (row: R) => string];

/** `COMMAND list`: the active objects, all with --all, the others with --inactive; as a table or JSON. */
function listObjects<T extends Named & { readonly active: boolean }, R extends T>(
  context: CommandContext,
  { list }: Kind<T>,
  describe: (hypervisor: Hypervisor, object: T) => Promise<R>,
  columns: readonly ListColumn<R>[],
): Promise<number> {
  const { io, flags } = context;
  return withHosts(context, async (hosts) => {
    const { answers, failed } = await listAll(context, hosts, async (hypervisor) => {
      const all = await list(hypervisor);
      const wanted = flags.all ? all : all.filter(({ active }) => active === !flags.inactive);
      return Promise.all(wanted.map((object) => describe(hypervisor, object)));
    });
    const rows = answers
      .flatMap(({ host, answer }) => answer.map((object) => ({ host, object })))
      .toSorted(
        (a, b) =>
          a.host.label.localeCompare(b.host.label) ||
          a.object.name.localeCompare(b.object.name, 'en', { numeric: true }),
      );
    const several = hosts.length > 1;
    if (flags.json) {
      const plain = rows.map(({ host, object }) => ({ host: host.label, ...object }));
      io.stdout.write(literal`${jsonText(plain, 2)}\n`);
    } else {
      const titles = [...columns.map(([title]) => title), ...(several ? ['Host'] : [])];
      const cells = rows.map(({ host, object }) => [
        ...columns.map(([, cell]) => cell(object)),
        ...(several ? [host.label] : []),
      ]);
      io.stdout.write(table(titles, cells));
    }
    return failed ? ExitCode.failed : ExitCode.ok;
  });
}

/** `COMMAND VERB NAME…`: one verb as a subcommand, for example "start" with "started" as what it prints. */
export function verbOn<T extends Named>(
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
      onEach(context, kind, names, verb, async ({ host, object }) => {
        await call(host.hypervisor, object);
        context.io.stdout.write(literal`${safe(`${titled(kind, object)} ${done}${more(object)}`)}\n`);
        return true;
      }),
  };
}

/** What the commands of all kinds of objects have in common beside their verbs. */
export function commonSubcommands<T extends Named & { readonly active: boolean }, R extends T>(
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
function titled({ noun }: Pick<ObjectKind<never>, 'noun'>, { name }: Named): string {
  return `${noun.charAt(0).toUpperCase()}${noun.slice(1)} '${name}'`;
}

/** `COMMAND autostart NAME on|off` */
function autostartObject<T extends Named>(
  context: SubcommandContext,
  kind: ObjectKind<T>,
  [name = '', value = '']: readonly string[],
): Promise<number> {
  if (value !== 'on' && value !== 'off') {
    const command = context.name.split(' ')[0] ?? '';
    const message = `autostart takes on or off, not "${safe(value)}"`;
    return Promise.resolve(usageError(context.io, command, message));
  }
  return onEach(context, kind, [name], 'autostart', async ({ host, object }) => {
    await kind.setAutostart(host.hypervisor, object, value === 'on');
    context.io.stdout.write(literal`${safe(`${titled(kind, object)}: autostart ${value}`)}\n`);
    return true;
  });
}

/** `COMMAND dumpxml NAME` */
function dumpObject<T extends Named>(
  context: CommandContext,
  kind: ObjectKind<T>,
  [name = '']: readonly string[],
): Promise<number> {
  const about = (object: T): string => `Failed to read ${kind.noun} '${object.name}'`;
  return onOne(context, kind, name, about, async ({ host, object }) => {
    writeXml(context, await kind.xml(host.hypervisor, object));
    return ExitCode.ok;
  });
}

/** What goes into a file is libvirt's own text; no control character of it reaches a terminal. */
export function writeXml({ io }: CommandContext, xml: string): void {
  io.stdout.write(dataFor(io.stdout, xml));
}
