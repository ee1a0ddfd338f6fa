import { readClientConfig } from '../../libvirt/client-config.js';
import { readUri } from '../../libvirt/connection-check.js';
import type { ConnectionUri } from '../../libvirt/connection-uri.js';
import { LibvirtError } from '../../libvirt/errors.js';
import { virtdeckLine } from '../../provision/by-hand.js';
import {
  addConnection,
  changeConnection,
  editConnection,
  findConnection,
  removeConnection,
} from '../../settings/connection-edits.js';
import { nameProblem, uriProblem } from '../../settings/connection-rules.js';
import { type LoadedSettings, loadSettings } from '../../settings/load-settings.js';
import { formatProblem } from '../../settings/problem.js';
import { environmentUri, proposeConnections } from '../../settings/propose-connections.js';
import { isSameUri } from '../../settings/same-uri.js';
import type { ConnectionSetting } from '../../settings/settings.js';
import { SettingsError } from '../../settings/settings-error.js';
import { settingsPath } from '../../settings/settings-path.js';
import { type Edit, updateSettings } from '../../settings/update-settings.js';
import { jsonText } from '../../text/json.js';
import { joined, literal, type SafeText, safe, safeLines } from '../../text/safe.js';
import { type Command, type CommandArgs, type CommandIo, ExitCode } from '../command.js';
import { reportProblem, usageError } from '../failures.js';
import { commandOf, type Subcommand } from '../subcommands.js';
import { table } from '../table.js';
import { testConnection } from './test.js';

const usage = `
  Usage
    $ virtdeck connection list [--json]
    $ virtdeck connection add NAME URI [--autoconnect]
    $ virtdeck connection edit NAME URI
    $ virtdeck connection rename OLD NEW
    $ virtdeck connection remove NAME
    $ virtdeck connection autoconnect NAME on|off
    $ virtdeck connection test NAME|URI
    $ virtdeck connection import [--json]

  The connections of the settings file ($XDG_CONFIG_HOME/virtdeck/config.yaml, else
  ~/.config/virtdeck/config.yaml). Its comments and order stay; a file with errors is never written to.

  Options
    --autoconnect  connect when the full-screen program starts
    --json         JSON on standard output: of list an array, of import what was added and left out

  test opens the connection and says at which step it fails, why, and what can be done. edit and rename leave
  everything else of the connection as it is. import adds what virt-manager has saved (asked of gsettings or
  dconf) and the uri_aliases of libvirt.conf; what is there already is left out.

  Exit codes
    0 done   1 failed   2 usage

  Examples
    $ virtdeck connection add lab qemu:///system --autoconnect
    $ virtdeck connection test lab
`;

interface Context {
  readonly io: CommandIo;
  readonly flags: CommandArgs['flags'];
  readonly path: string | undefined;
}

/** A subcommand that knows where the settings are. */
const withPath =
  (run: (operands: readonly string[], context: Context) => Promise<number>): Subcommand['run'] =>
  (operands, { io, flags }) =>
    run(operands, { io, flags, path: settingsPath(io.env) });

/** `virtdeck connection` */
export const connection: Command = commandOf(
  'connection',
  { usage, flags: { autoconnect: { type: 'boolean' }, json: { type: 'boolean' } } },
  {
    list: { operands: [], flags: ['json'], run: withPath(list) },
    add: { operands: ['NAME', 'URI'], flags: ['autoconnect'], run: withPath(add) },
    edit: { operands: ['NAME', 'URI'], flags: [], run: withPath(edit) },
    rename: { operands: ['OLD', 'NEW'], flags: [], run: withPath(rename) },
    remove: { operands: ['NAME'], flags: [], run: withPath(remove) },
    autoconnect: { operands: ['NAME', 'on|off'], flags: [], run: withPath(autoconnect) },
    test: { operands: ['NAME|URI'], flags: [], run: withPath(test) },
    import: { operands: [], flags: ['json'], run: withPath(importAll) },
  },
);

async function list(_: readonly string[], { io, flags, path }: Context): Promise<number> {
  const loaded = await load(path, io);
  const { connections } = loaded.settings;
  if (flags.json) io.stdout.write(literal`${jsonText(connections, 2)}\n`);
  else io.stdout.write(connectionTable(connections));
  // What could not be read is missing in the list: a script must not take it for complete.
  return loaded.broken ? ExitCode.failed : ExitCode.ok;
}

function connectionTable(connections: readonly ConnectionSetting[]): SafeText {
  return table(
    ['Name', 'URI', 'Autoconnect'],
    connections.map(({ name, uri, autoconnect: on }) => [name, uri, on ? 'on' : 'off']),
  );
}

async function add([name = '', uri = '']: readonly string[], context: Context): Promise<number> {
  const { io, flags } = context;
  const problem = nameProblem(name) ?? uriProblem(uri);
  const read = problem === undefined ? await readWithConfig(uri, io) : problem;
  if (typeof read === 'string') return usageError(io, 'connection', safe(read));
  const more = addConnection({ name, uri, autoconnect: flags.autoconnect === true });
  return addSome(more, () => literal`Connection ${safe(name)} added: ${safe(uri)}`, context);
}

async function importAll(_: readonly string[], context: Context): Promise<number> {
  const { importEdit } = await import('./import.js');
  const { edit: more, text } = await importEdit(context.io);
  return addSome(more, () => text(context.flags.json === true), context);
}

async function edit([name = '', uri = '']: readonly string[], context: Context): Promise<number> {
  const problem = uriProblem(uri);
  const read = problem === undefined ? await readWithConfig(uri, context.io) : problem;
  if (typeof read === 'string') return usageError(context.io, 'connection', safe(read));
  const done = literal`Connection ${safe(name)} leads to ${safe(uri)} now`;
  return change(editConnection(name, { uri }), () => done, context);
}

async function rename([old = '', name = '']: readonly string[], context: Context): Promise<number> {
  const problem = nameProblem(name);
  if (problem !== undefined) return usageError(context.io, 'connection', safe(problem));
  const done = literal`Connection ${safe(old)} is ${safe(name)} now`;
  return change(editConnection(old, { name }), () => done, context);
}

/** Adds connections, and says what goes no more by itself once there are any. */
async function addSome(more: Edit, done: () => SafeText, context: Context): Promise<number> {
  const { io, path } = context;
  const until = await usedUntilNow(context);
  const code = await change(more, done, context);
  if (code !== ExitCode.ok || until === undefined) return code;
  const { connections } = (await loadSettings(path)).settings;
  if (connections.length === 0 || connections.some(({ uri }) => isSameUri(until.uri, uri))) return code;
  const line = virtdeckLine(undefined, 'connection', 'add', until.name, until.uri);
  const why = 'was used while the settings had no connection; to go on with it';
  io.stderr.write(literal`hint: ${safe(`${until.uri} ${why}: ${line}`)}\n`);
  return code;
}

/** What goes without being in the settings, as long as they have no connections. */
async function usedUntilNow({ io: { env }, path }: Context): Promise<ConnectionSetting | undefined> {
  const { settings } = await loadSettings(path);
  if (settings.connections.length > 0 || environmentUri(env) !== undefined) return undefined;
  const { uriDefault } = await readClientConfig(env, process.geteuid?.() ?? 0);
  return proposeConnections({ env, uriDefault })[0];
}

async function remove([name = '']: readonly string[], context: Context): Promise<number> {
  return change(removeConnection(name), () => literal`Connection ${safe(name)} removed`, context);
}

async function autoconnect([name = '', value = '']: readonly string[], context: Context): Promise<number> {
  if (value !== 'on' && value !== 'off') {
    return usageError(context.io, 'connection', `autoconnect takes on or off, not "${safe(value)}"`);
  }
  const switched = changeConnection(name, { autoconnect: value === 'on' });
  return change(switched, () => literal`Connection ${safe(name)}: autoconnect ${safe(value)}`, context);
}

async function test([nameOrUri = '']: readonly string[], { io, path }: Context): Promise<number> {
  const { settings } = await load(path, io);
  const known = findConnection(settings, nameOrUri);
  const uri = known?.uri ?? nameOrUri;
  const problem = uriProblem(uri);
  const read = problem === undefined ? await readWithConfig(uri, io) : problem;
  if (typeof read !== 'string') return testConnection({ label: known?.name ?? uri, uri, parsed: read }, io);
  // A word is the name of a connection more likely than half a URI.
  if (known === undefined && !nameOrUri.includes(':')) {
    reportProblem(io, `there is no connection named "${nameOrUri}"`);
    return ExitCode.failed;
  }
  return usageError(io, 'connection', safe(read));
}

/** Makes the change and says so, or says why not. */
async function change(what: Edit, done: () => SafeText, { io, path }: Context): Promise<number> {
  try {
    await updateSettings(path, what);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    io.stderr.write(literal`error: ${joined(safeLines(error.message), literal`\n`)}\n`);
    return ExitCode.failed;
  }
  io.stdout.write(literal`${done()}\n`);
  return ExitCode.ok;
}

async function load(path: string | undefined, io: CommandIo): Promise<LoadedSettings> {
  const loaded = await loadSettings(path);
  for (const problem of loaded.problems) {
    io.stderr.write(literal`${safe(problem.severity)}: ${safe(formatProblem(problem))}\n`);
  }
  return loaded;
}

/** The URI as libvirt's client would understand it here, its aliases resolved; or what is wrong with it. */
async function readWithConfig(uri: string, { env }: CommandIo): Promise<ConnectionUri | string> {
  const config = await readClientConfig(env, process.geteuid?.() ?? 0);
  const read = readUri(uri, config, env);
  if (!(read instanceof LibvirtError)) return read;
  return read.hint === undefined ? read.message : `${read.message}. ${read.hint}`;
}
