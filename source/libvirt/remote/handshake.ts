import type { Channel } from '../../wire/channel.js';
import { procedures } from '../../wire/procedures.js';
import type { ConnectionUri } from '../connection-uri.js';
import { AuthType, ConnectFlag, Feature } from '../constants.js';
import { LibvirtError } from '../errors.js';
import { toLibvirtError } from './failures.js';

/** A person may have to type a password on the daemon's host. */
const polkitPatience = 120_000;

export interface HandshakeOptions {
  /** Ask for the daemon's pings: it then closes a connection whose other side is gone. */
  readonly keepalive: boolean;
  readonly onStep?: ((step: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Authenticates and opens the hypervisor, in the order in which libvirt's own client does. */
export async function handshake(
  channel: Channel,
  uri: ConnectionUri,
  options: HandshakeOptions,
): Promise<void> {
  const { signal } = options;
  try {
    const { types } = await channel.call(procedures.AUTH_LIST, {}, { signal });
    await authenticate(channel, types[0] ?? AuthType.none, options);
    if (options.keepalive) {
      await channel.call(procedures.CONNECT_SUPPORTS_FEATURE, { feature: Feature.keepalive }, { signal });
    }
    options.onStep?.('opening');
    const flags = uri.endpoint.readOnly ? ConnectFlag.readOnly : 0;
    await channel.call(procedures.CONNECT_OPEN, { name: uri.name, flags }, { signal });
  } catch (error) {
    const failure = toLibvirtError(error);
    // A refusal here means that there is no connection, whatever its code.
    if (failure.kind !== 'libvirt' && failure.kind !== 'unsupported') throw failure;
    throw new LibvirtError({
      kind: 'connect',
      message: failure.message,
      code: failure.code,
      domain: failure.domain,
      hint: failure.hint,
      cause: failure,
    });
  }
}

async function authenticate(
  channel: Channel,
  type: number,
  { onStep, signal }: HandshakeOptions,
): Promise<void> {
  if (type === AuthType.none) return;
  if (type === AuthType.polkit) {
    onStep?.('waiting for authorization (polkit)');
    await channel.call(procedures.AUTH_POLKIT, {}, { timeout: polkitPatience, signal });
    return;
  }
  throw new LibvirtError({
    kind: 'connect',
    message:
      type === AuthType.sasl ? 'the daemon asks for SASL authentication' : `unknown authentication ${type}`,
    hint: 'Virtdeck knows "none" and "polkit" so far: see auth_unix_rw in libvirtd.conf on the host.',
  });
}
