import { createOpener } from '../lab/opener.js';
import type { LibvirtError } from '../libvirt/errors.js';
import type { RemoteHypervisor } from '../libvirt/remote/remote-hypervisor.js';
import { loadSettings } from '../settings/load-settings.js';
import { formatProblem } from '../settings/problem.js';
import { settingsPath } from '../settings/settings-path.js';
import { safe } from '../text/safe.js';
import type { CommandIo } from './command.js';

/** A connection that a command is asked to use. */
export interface ConnectionChoice {
  /** How it is called in messages and tables. */
  readonly label: string;
  /** Undefined: what libvirt itself would choose. */
  readonly uri: string | undefined;
}

/**
 * The connections of a command: those given with -c (a URI, or the name of one in the settings), else the one
 * of LIBVIRT_DEFAULT_URI, else those of the settings, else what libvirt would choose. What is wrong with the
 * settings is told on standard error.
 */
export async function chooseConnections(given: unknown, io: CommandIo): Promise<readonly ConnectionChoice[]> {
  const wanted = Array.isArray(given) ? given.map(String) : [];
  const fromEnvironment = io.env.LIBVIRT_DEFAULT_URI;
  if (wanted.length === 0 && fromEnvironment) return [{ label: fromEnvironment, uri: fromEnvironment }];
  const { settings, problems } = await loadSettings(settingsPath(io.env));
  for (const problem of problems) io.stderr.write(`${problem.severity}: ${safe(formatProblem(problem))}\n`);
  const saved = settings.connections.map(({ name, uri }) => ({ label: name, uri }));
  if (wanted.length > 0) {
    return wanted.map((text) => saved.find(({ label }) => label === text) ?? { label: text, uri: text });
  }
  return saved.length > 0 ? saved : [{ label: 'default connection', uri: undefined }];
}

/** One host, opened, or why it could not be. */
export type OpenedHost =
  | { readonly connection: ConnectionChoice; readonly hypervisor: RemoteHypervisor }
  | { readonly connection: ConnectionChoice; readonly error: LibvirtError };

/** Opens all connections at once; one that fails never spoils the others. In the order given. */
export function openHosts(
  connections: readonly ConnectionChoice[],
  io: CommandIo,
  options: { readonly events?: boolean; readonly keepalive?: boolean } = {},
): Promise<OpenedHost[]> {
  const open = createOpener();
  return Promise.all(
    connections.map(async (connection): Promise<OpenedHost> => {
      try {
        const hypervisor = await open(connection.uri, { ...options, env: io.env, signal: io.signal });
        return { connection, hypervisor };
      } catch (error) {
        return { connection, error: error as LibvirtError };
      }
    }),
  );
}

/** "error: …" as virsh writes it, with the host or object it is about, and the way out. */
export function reportError(io: CommandIo, about: string, error: LibvirtError): void {
  io.stderr.write(`error: ${safe(about)}: ${safe(error.message)}\n`);
  if (error.hint) io.stderr.write(`hint: ${safe(error.hint)}\n`);
}
