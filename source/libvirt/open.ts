import type { Duplex } from 'node:stream';
import { type Ask, type TransportContext, TransportError } from '../transport/endpoint.js';
import { openTransport } from '../transport/open.js';
import { Opening, silenceOf } from '../transport/opening.js';
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
  /**
   * Watch the daemon with pings and let it watch us; worth it for connections that stay. The opening has no other
   * patience than these, where they are given.
   */
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
  const opening = new Opening({ ...options, patience: patienceOf(options) });
  const { signal, onStep, ask, heard, hold } = opening;
  const context: TransportContext = { env, euid, signal, onStep, ask, heard, hold };
  try {
    const config = await readClientConfig(env, euid);
    const read = parseConnectionUri(resolveUri(uri, config, env), {
      euid,
      readOnly: options.readOnly ?? false,
      ...(config.remoteMode && { mode: config.remoteMode }),
    });
    const parsed = { ...read, given: uri };
    opening.begin(read.endpoint, read.endpoint.transport !== 'unix');
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
        return await openOn(stream, parsed, options, { opening, confidential, credentials });
      } catch (error) {
        // A daemon that refused a password has closed the connection as well.
        if (login?.mayTryAgain(error) !== true) throw error;
      }
    }
  } catch (error) {
    throw toLibvirtError(silenceOf(signal) ?? error);
  } finally {
    opening.done();
  }
}

type GivenUri = ConnectionUri & { readonly given?: string | undefined };

/**
 * The same over a byte stream that is there already: authentication, opening, events. Rejects with
 * LibvirtError, the stream then being closed.
 */
export async function openOver(
  duplex: Duplex,
  uri: GivenUri,
  options: OpenOptions = {},
): Promise<RemoteHypervisor> {
  const opening = new Opening({ ...options, patience: patienceOf(options) });
  opening.begin(uri.endpoint, uri.endpoint.transport !== 'unix');
  try {
    return await openOn(duplex, uri, options, { opening });
  } finally {
    opening.done();
  }
}

function patienceOf({ keepalive }: OpenOptions): number | undefined {
  return typeof keepalive === 'object' ? keepalive.interval * (keepalive.count + 1) : undefined;
}

interface Access extends Pick<HandshakeOptions, 'confidential' | 'credentials'> {
  readonly opening: Opening;
}

async function openOn(
  duplex: Duplex,
  uri: GivenUri,
  options: OpenOptions,
  { opening, ...access }: Access,
): Promise<RemoteHypervisor> {
  const usual = uri.endpoint.transport === 'unix' ? keepalive : remoteKeepalive;
  const watch = options.keepalive === true ? usual : options.keepalive || undefined;
  const { signal, onStep, hold } = opening;
  const channel = new Channel(duplex, { peer: uri.given || uri.text || undefined });
  // A host that falls silent in the middle of it must not keep whoever has given up.
  const giveUp = () => void channel.close(new WireError('aborted', 'the connection was given up'));
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const keepalive = watch !== undefined;
    await handshake(channel, uri, { keepalive, onStep, signal, hold, ...access });
    // Not before: while a login goes on, whoever is asked may take their time.
    if (watch !== undefined) channel.watch(watch);
    const hypervisor = new RemoteHypervisor(channel, uri.given, uri.endpoint);
    if (options.events) await hypervisor.subscribe();
    return hypervisor;
  } catch (error) {
    await channel.close();
    // What the way to the host has to say of its end says more than that it ended.
    throw toLibvirtError(silenceOf(signal) ?? transportCause(error) ?? error);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function transportCause(error: unknown): TransportError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof TransportError) return cause;
  return undefined;
}
