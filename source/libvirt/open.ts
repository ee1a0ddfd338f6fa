import type { Duplex } from 'node:stream';
import { type Ask, type TransportContext, TransportError } from '../transport/endpoint.js';
import { openTransport } from '../transport/open.js';
import { Channel } from '../wire/channel.js';
import { WireError } from '../wire/errors.js';
import type { KeepaliveOptions } from '../wire/keepalive.js';
import { readClientConfig, resolveUri } from './client-config.js';
import { type ConnectionUri, parseConnectionUri } from './connection-uri.js';
import type { DaemonLogin } from './remote/daemon-login.js';
import { toLibvirtError } from './remote/failures.js';
import { type HandshakeOptions, handshake } from './remote/handshake.js';
import { RemoteHypervisor } from './remote/remote-hypervisor.js';

/** The C client's keepalive: a ping after 5 s of silence, dead after 5 unanswered ones. */
const keepalive = { interval: 5000, count: 5 } as const;

/** Over a network, where links die without a word: 15 s, as ssh's own. */
const remoteKeepalive = { interval: 3000, count: 4 } as const;

export interface OpenOptions {
  /** Register for events before this resolves; a one-shot command does without. */
  readonly events?: boolean;
  /** Watch the daemon with pings and let it watch us; worth it for connections that stay. */
  readonly keepalive?: boolean | KeepaliveOptions;
  readonly readOnly?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Told what is being done: "starting libvirtd", "waiting for authorization (polkit)", "opening". */
  readonly onStep?: ((step: string) => void) | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly euid?: number;
  /** Asks a person for passwords and the like; absent where nobody is there. */
  readonly ask?: Ask | undefined;
}

/**
 * Opens a connection as libvirt's own client would: aliases and defaults of libvirt.conf, the choice of the
 * socket, authentication. `undefined` means "what libvirt would choose". Rejects with LibvirtError.
 */
export async function openHypervisor(
  uri: string | undefined,
  options: OpenOptions = {},
): Promise<RemoteHypervisor> {
  const env = options.env ?? process.env;
  const euid = options.euid ?? process.geteuid?.() ?? 0;
  const { signal, onStep, ask } = options;
  const context: TransportContext = { env, euid, signal, onStep, ask };
  try {
    const config = await readClientConfig(env, euid);
    const read = parseConnectionUri(resolveUri(uri, config, env), {
      euid,
      readOnly: options.readOnly ?? false,
      ...(config.remoteMode && { mode: config.remoteMode }),
    });
    const parsed = { ...read, given: uri };
    let login = undefined as DaemonLogin | undefined;
    const credentials = async () => {
      // Loaded only where a daemon asks for them.
      const { DaemonLogin } = await import('./remote/daemon-login.js');
      login ??= new DaemonLogin(parsed.endpoint, context);
      return login.credentials();
    };
    for (;;) {
      const { stream, confidential } = await openTransport(parsed.endpoint, context);
      try {
        return await openOver(stream, parsed, options, { confidential, credentials });
      } catch (error) {
        // A daemon that refused a password has closed the connection as well.
        if (login?.mayTryAgain(error) !== true) throw error;
      }
    }
  } catch (error) {
    throw toLibvirtError(error);
  }
}

/**
 * The same over a byte stream that is there already: authentication, opening, events. Rejects with
 * LibvirtError, the stream then being closed.
 */
export async function openOver(
  duplex: Duplex,
  uri: ConnectionUri & { readonly given?: string | undefined },
  options: OpenOptions = {},
  access: Pick<HandshakeOptions, 'confidential' | 'credentials'> = {},
): Promise<RemoteHypervisor> {
  const usual = uri.endpoint.transport === 'unix' ? keepalive : remoteKeepalive;
  const watch = options.keepalive === true ? usual : options.keepalive || undefined;
  const { signal, onStep } = options;
  const peer = uri.given || uri.text || undefined;
  const channel = new Channel(duplex, { peer, ...(watch !== undefined && { keepalive: watch }) });
  // A host that falls silent in the middle of it must not keep whoever has given up.
  const giveUp = () => void channel.close(new WireError('aborted', 'the connection was given up'));
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    await handshake(channel, uri, { keepalive: watch !== undefined, onStep, signal, ...access });
    const hypervisor = new RemoteHypervisor(channel, uri.given, uri.endpoint);
    if (options.events) await hypervisor.subscribe();
    return hypervisor;
  } catch (error) {
    await channel.close();
    // What the way to the host has to say of its end says more than that it ended.
    throw toLibvirtError(transportCause(error) ?? error);
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

function transportCause(error: unknown): TransportError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof TransportError) return cause;
  return undefined;
}
