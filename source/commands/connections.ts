import { createOpener } from '../hosts/opener.js';
import { readClientConfig } from '../libvirt/client-config.js';
import type { LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { OpenOptions } from '../libvirt/open.js';
import type { RemoteHypervisor } from '../libvirt/remote/remote-hypervisor.js';
import { loadSettings } from '../settings/load-settings.js';
import { formatProblem } from '../settings/problem.js';
import { environmentUri, proposeConnections } from '../settings/propose-connections.js';
import { settingsPath } from '../settings/settings-path.js';
import { safe } from '../text/safe.js';
import type { KeepaliveOptions } from '../wire/keepalive.js';
import type { CommandIo } from './command.js';
import { reportError } from './failures.js';

/** A connection that a command is asked to use. */
export interface ConnectionChoice {
  /** How it is called in messages and tables. */
  readonly label: string;
  /** Undefined: what libvirt itself would choose. */
  readonly uri: string | undefined;
}

/**
 * The connections of a command: those given with -c (a URI, or the name of one in the settings), else the one
 * of the environment, else those of the settings, else what the full-screen program proposes, else what libvirt would
 * choose. What is wrong with the settings is told on standard error.
 */
export async function chooseConnections(given: unknown, io: CommandIo): Promise<readonly ConnectionChoice[]> {
  const wanted = Array.isArray(given) ? given.map(String) : [];
  const fromEnvironment = environmentUri(io.env);
  if (wanted.length === 0 && fromEnvironment) return [{ label: fromEnvironment, uri: fromEnvironment }];
  const { settings, problems } = await loadSettings(settingsPath(io.env));
  for (const problem of problems) io.stderr.write(`${problem.severity}: ${safe(formatProblem(problem))}\n`);
  const saved = settings.connections.map(({ name, uri }) => ({ label: name, uri }));
  if (wanted.length > 0) {
    return wanted.map((text) => saved.find(({ label }) => label === text) ?? { label: text, uri: text });
  }
  if (saved.length > 0) return saved;
  const { uriDefault } = await readClientConfig(io.env, process.geteuid?.() ?? 0);
  // By their URIs: the name of a proposal is none that -c would take.
  const proposed = proposeConnections({ env: io.env, uriDefault }).map(({ uri }) => ({ label: uri, uri }));
  return proposed.length > 0 ? proposed : [{ label: 'default connection', uri: undefined }];
}

/** One host, opened, or why it could not be. */
export type OpenedHost =
  | { readonly connection: ConnectionChoice; readonly hypervisor: RemoteHypervisor }
  | { readonly connection: ConnectionChoice; readonly error: LibvirtError };

/** Opens all connections at once; one that fails never spoils the others. In the order given. */
export function openHosts(
  connections: readonly ConnectionChoice[],
  io: CommandIo,
  options: Pick<OpenOptions, 'events'> = {},
): Promise<OpenedHost[]> {
  const open = commandOpener(io);
  return Promise.all(
    connections.map(async (connection): Promise<OpenedHost> => {
      try {
        const hypervisor = await open(connection.uri, options);
        return { connection: await named(connection, hypervisor), hypervisor };
      } catch (error) {
        return { connection, error: error as LibvirtError };
      }
    }),
  );
}

/** "What libvirt would choose" is no name for a script: the daemon tells what it chose, which -c takes. */
async function named(connection: ConnectionChoice, hypervisor: Hypervisor): Promise<ConnectionChoice> {
  if (connection.uri !== undefined) return connection;
  return hypervisor.hostInfo().then(
    ({ uri }) => ({ ...connection, label: uri }),
    () => connection,
  );
}

interface CommandOpenOptions extends Pick<OpenOptions, 'events' | 'onStep'> {
  /** Beside the first one: it is needed to the end, and for taking back what was made, also after Ctrl-C. */
  readonly spare?: boolean;
}

/** Opens the connections of a command: a host that falls silent, and Ctrl-C, end them. Rejects with LibvirtError. */
export function commandOpener({ env, signal, keepalive }: CommandIo) {
  const open = createOpener();
  return async (uri: string | undefined, { spare = false, ...options }: CommandOpenOptions = {}) => {
    const patience = spare && signal?.aborted ? hurried : (keepalive ?? true);
    const given = { keepalive: patience, env, signal: spare ? undefined : signal };
    const hypervisor = await open(uri, { ...options, ...given });
    if (spare) needed.add(hypervisor);
    if (signal !== undefined) endWith(hypervisor, signal);
    return hypervisor;
  };
}

/**
 * Says where a host was lost meanwhile: a part of what was asked for may be missing.
 *
 * @returns true where it was
 */
export async function wasLost(
  io: CommandIo,
  { label, hypervisor }: { readonly label: string; readonly hypervisor: Hypervisor },
): Promise<boolean> {
  const reason = await Promise.race([hypervisor.closed, undefined]);
  if (reason === undefined) return false;
  reportError(io, `${label}: lost in the middle`, reason);
  return true;
}

/** Connections over which something is taken back after Ctrl-C, as long as their host gives signs of life. */
const needed = new WeakSet<Hypervisor>();

/**
 * After Ctrl-C this connection is needed for a while.
 *
 * @param left is said where it could not be waited for
 * @returns ends that
 */
export function cleanUpAtEnd({ ending }: CommandIo, hypervisor: Hypervisor, left: string): () => void {
  needed.add(hypervisor);
  const settled = ending?.cleansUp(left);
  return () => {
    needed.delete(hypervisor);
    settled?.();
  };
}

function endWith(hypervisor: RemoteHypervisor, signal: AbortSignal): void {
  const end = (): void => {
    if (needed.has(hypervisor)) hypervisor.watchClosely(hurried);
    else hypervisor.abandon('cancelled');
  };
  signal.addEventListener('abort', end, { once: true });
  void hypervisor.closed.then(() => signal.removeEventListener('abort', end));
  if (signal.aborted) end();
}

/** After Ctrl-C a silent host is not waited for long. */
const hurried: KeepaliveOptions = { interval: 300, count: 3 };
