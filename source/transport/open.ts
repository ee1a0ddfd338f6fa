import { type Endpoint, type Transport, type TransportContext, TransportError } from './endpoint.js';
import { openUnix } from './unix.js';

type Opener = (endpoint: Endpoint, context: TransportContext) => Promise<Transport>;

const overSsh: Opener = async (endpoint, context) =>
  (await import('./ssh/open-ssh.js')).openSsh(endpoint, context);

/** The ways to a daemon. Only the one to this machine is loaded from the start. */
const openers: Readonly<Record<Endpoint['transport'], Opener>> = {
  unix: async (endpoint, context) => ({ stream: await openUnix(endpoint, context), confidential: true }),
  ssh: overSsh,
  // libvirt's own ssh clients: the same host and login, through the user's ssh.
  libssh: overSsh,
  libssh2: overSsh,
  tls: async (endpoint, context) => (await import('./tls.js')).openTls(endpoint, context),
  tcp: async (endpoint, context) => (await import('./tcp.js')).openTcp(endpoint, context),
  ext: async (endpoint, context) => (await import('./ext.js')).openExt(endpoint, context),
};

/** A byte stream to the daemon of an endpoint. Rejects with TransportError. */
export async function openTransport(endpoint: Endpoint, context: TransportContext): Promise<Transport> {
  if (context.signal?.aborted) throw new TransportError('aborted', 'given up', endpoint);
  return openers[endpoint.transport](endpoint, context);
}
