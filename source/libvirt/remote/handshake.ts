import type { Channel } from '../../wire/channel.js';
import { procedures } from '../../wire/procedures.js';
import type { ConnectionUri } from '../connection-uri.js';
import { AuthType, ConnectFlag, Feature } from '../constants.js';
import { LibvirtError } from '../errors.js';
import { toLibvirtError } from './failures.js';
import type { Credentials } from './sasl.js';

/** A person may have to type a password on the daemon's host. */
const polkitPatience = 120_000;

export interface HandshakeOptions {
  /** Ask for the daemon's pings: it then closes a connection whose other side is gone. */
  readonly keepalive: boolean;
  readonly onStep?: ((step: string) => void) | undefined;
  /** Ends it; nothing of it has a limit of its own. */
  readonly signal?: AbortSignal | undefined;
  /** Until this is settled a person is at it. */
  readonly hold?: (<T>(work: Promise<T>) => Promise<T>) | undefined;
  /** What is sent can be read by nobody else. */
  readonly confidential?: boolean;
  /** A name and a password for the daemon, where it asks for them. */
  readonly credentials?: () => Promise<Credentials | undefined>;
}

/** Authenticates and opens the hypervisor, in the order in which libvirt's own client does. */
export async function handshake(
  channel: Channel,
  uri: ConnectionUri,
  options: HandshakeOptions,
): Promise<void> {
  const call = { signal: options.signal, timeout: 0 };
  try {
    options.onStep?.('waiting for the daemon');
    const { types } = await channel.call(procedures.AUTH_LIST, {}, call);
    await authenticate(channel, types, uri, options);
    if (options.keepalive) {
      await channel.call(procedures.CONNECT_SUPPORTS_FEATURE, { feature: Feature.keepalive }, call);
    }
    options.onStep?.('opening');
    const flags = uri.endpoint.readOnly ? ConnectFlag.readOnly : 0;
    await channel.call(procedures.CONNECT_OPEN, { name: uri.name, flags }, call);
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
  types: readonly number[],
  { endpoint }: ConnectionUri,
  { onStep, signal, hold = asIs, confidential = false, credentials = nobody }: HandshakeOptions,
): Promise<void> {
  const [demanded = '', mechanism] = (endpoint.options.auth ?? '').split('.');
  const type = demanded === '' ? (types[0] ?? AuthType.none) : types.find((one) => one === named[demanded]);
  if (type === AuthType.none) return;
  if (type === AuthType.polkit) {
    onStep?.('waiting for authorization (polkit)');
    await hold(channel.call(procedures.AUTH_POLKIT, {}, { timeout: polkitPatience, signal }));
    return;
  }
  if (type === AuthType.sasl) {
    onStep?.('waiting for authorization (SASL)');
    const { authenticateBySasl } = await import('./sasl.js');
    await authenticateBySasl(channel, { mechanism, confidential, credentials, signal });
    return;
  }
  const offered = types.map((one) => Object.keys(named).find((name) => named[name] === one) ?? one);
  throw new LibvirtError({
    kind: 'connect',
    message:
      type === undefined
        ? `the URI asks for the authentication "${demanded}", and the daemon has ${offered.join(', ')}`
        : `the daemon asks for an authentication that is not known (${type})`,
  });
}

const asIs = <T>(work: Promise<T>): Promise<T> => work;
const nobody = async () => undefined;

const named: Readonly<Record<string, number>> = AuthType;
