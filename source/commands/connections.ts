import type { LibvirtError } from '../libvirt/errors.js';
import { openHypervisor } from '../libvirt/open.js';
import type { RemoteHypervisor } from '../libvirt/remote/remote-hypervisor.js';
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
 * The connections of a command: those given with -c, else the one of LIBVIRT_DEFAULT_URI, else what libvirt
 * would choose.
 */
export function chooseConnections(given: unknown, env: CommandIo['env']): readonly ConnectionChoice[] {
  const uris = Array.isArray(given) ? given.map(String) : [];
  if (uris.length > 0) return uris.map((uri) => ({ label: uri, uri }));
  const uri = env.LIBVIRT_DEFAULT_URI || undefined;
  return [{ label: uri ?? 'default connection', uri }];
}

/** What happened with one of several connections; one that fails never spoils the others. */
export type PerConnection<T> =
  | { readonly connection: ConnectionChoice; readonly value: T }
  | { readonly connection: ConnectionChoice; readonly error: LibvirtError };

/** Opens all connections at once, does `work` on each, and closes it. In the order given. */
export function onEachConnection<T>(
  connections: readonly ConnectionChoice[],
  io: CommandIo,
  options: { readonly events?: boolean },
  work: (hypervisor: RemoteHypervisor, connection: ConnectionChoice) => Promise<T>,
): Promise<PerConnection<T>[]> {
  return Promise.all(
    connections.map(async (connection) => {
      let hypervisor: RemoteHypervisor | undefined;
      try {
        hypervisor = await openHypervisor(connection.uri, { ...options, env: io.env, signal: io.signal });
        return { connection, value: await work(hypervisor, connection) };
      } catch (error) {
        return { connection, error: error as LibvirtError };
      } finally {
        await hypervisor?.close();
      }
    }),
  );
}

/** "error: …" as virsh writes it, with the host or object it is about, and the way out. */
export function reportError(io: CommandIo, about: string, error: LibvirtError): void {
  io.stderr.write(`error: ${safe(about)}: ${safe(error.message)}\n`);
  if (error.hint) io.stderr.write(`hint: ${safe(error.hint)}\n`);
}
