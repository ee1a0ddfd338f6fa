import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Endpoint, type TransportContext, TransportError, type TransportFailure } from './endpoint.js';
import { chooseSocket, isSession, type SocketChoice } from './sockets.js';

/** A connection to a daemon on this machine; a session daemon that does not run is started. */
export async function openUnix(endpoint: Endpoint, context: TransportContext): Promise<Duplex> {
  const choice = chooseSocket(endpoint, context);
  try {
    return await connectSocket(choice.path, endpoint, context);
  } catch (error) {
    if (!mayStart(error, endpoint, context)) throw error;
    return startAndConnect(choice, endpoint, context);
  }
}

function mayStart(error: unknown, endpoint: Endpoint, context: TransportContext): boolean {
  return (
    isSession(endpoint, context) &&
    endpoint.socket === undefined &&
    context.env.LIBVIRT_AUTOSTART !== '0' &&
    error instanceof TransportError &&
    (error.kind === 'socket-missing' || error.kind === 'refused')
  );
}

async function startAndConnect(
  choice: SocketChoice,
  endpoint: Endpoint,
  context: TransportContext,
): Promise<Duplex> {
  // Loaded only where a daemon must really be started: most runs never need child processes.
  const { startSessionDaemon } = await import('./session-daemon.js');
  return startSessionDaemon(choice, endpoint, context, () => connectSocket(choice.path, endpoint, context));
}

const failures: Readonly<Record<string, readonly [TransportFailure, string]>> = {
  ENOENT: ['socket-missing', 'there is no socket'],
  ENOTDIR: ['socket-missing', 'there is no socket'],
  EACCES: ['permission', 'no permission for the socket'],
  EPERM: ['permission', 'no permission for the socket'],
  ECONNREFUSED: ['refused', 'nobody answers on the socket'],
};

function connectSocket(path: string, endpoint: Endpoint, context: TransportContext): Promise<Socket> {
  const about = { scope: endpoint.scope, driver: endpoint.driver, path };
  return new Promise((resolve, reject) => {
    if (context.signal?.aborted) return reject(new TransportError('aborted', 'given up', about));
    // A text alone would be a port where it is a number.
    const socket = connect({ path });
    const onAbort = () => {
      socket.destroy();
      reject(new TransportError('aborted', 'given up', about));
    };
    context.signal?.addEventListener('abort', onAbort, { once: true });
    const done = () => context.signal?.removeEventListener('abort', onAbort);
    socket.once('connect', () => {
      done();
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      done();
      const [kind, text] = failures[cause.code ?? ''] ?? ['failed', `connect failed (${cause.message})`];
      reject(new TransportError(kind, `${text} ${path}`, { ...about, cause }));
    });
  });
}
