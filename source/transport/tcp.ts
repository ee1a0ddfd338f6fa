import { connect, isIP, type Socket } from 'node:net';
import {
  type Endpoint,
  type Transport,
  type TransportContext,
  TransportError,
  type TransportFailure,
} from './endpoint.js';

const tcpPort = 16_509;

/** A connection without encryption. */
export async function openTcp(endpoint: Endpoint, context: TransportContext): Promise<Transport> {
  return { stream: await connectTcp(endpoint, context, tcpPort), confidential: false };
}

const failures: Readonly<Record<string, readonly [TransportFailure, string]>> = {
  ENOTFOUND: ['unreachable', 'there is no machine of that name'],
  EAI_AGAIN: ['unreachable', 'its name cannot be looked up now'],
  ECONNREFUSED: ['unreachable', 'nothing answers on this port'],
  EHOSTUNREACH: ['unreachable', 'there is no way to it'],
  ENETUNREACH: ['unreachable', 'there is no network to it'],
  ETIMEDOUT: ['silent', 'it does not answer'],
};

/** "lab2:16514" */
export function authority({ host = 'localhost', port }: Endpoint, usual: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port ?? usual}`;
}

/** Resolves with a connected socket; rejects with TransportError. A firewall that drops packets says nothing: `signal` ends it. */
export function connectTcp(
  endpoint: Endpoint,
  { signal, onStep }: TransportContext,
  usualPort: number,
): Promise<Socket> {
  const place = authority(endpoint, usualPort);
  const host = endpoint.host ?? 'localhost';
  const isName = isIP(host) === 0;
  onStep?.(isName ? `looking up ${host}` : `connecting to ${place}`);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: endpoint.port ?? usualPort });
    socket.setNoDelay(true);
    if (isName) socket.once('lookup', (error) => error === null && onStep?.(`connecting to ${place}`));
    const end = (error: TransportError) => {
      settle();
      socket.on('error', () => {});
      socket.destroy();
      reject(error);
    };
    const onAbort = () => end(new TransportError('aborted', 'given up', endpoint));
    const onError = (cause: NodeJS.ErrnoException) => {
      const [kind, text] = failures[cause.code ?? ''] ?? ['failed', cause.message];
      end(
        new TransportError(kind, `${place}: ${text}`, {
          ...endpoint,
          hint: listenHint(kind, usualPort),
          cause,
        }),
      );
    };
    const settle = () => {
      signal?.removeEventListener('abort', onAbort);
      socket.off('error', onError);
    };
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.once('error', onError);
    socket.once('connect', () => {
      settle();
      resolve(socket);
    });
  });
}

function listenHint(kind: TransportFailure, port: number): string | undefined {
  if (kind !== 'unreachable') return undefined;
  const unit = port === tcpPort ? 'libvirtd-tcp.socket' : 'libvirtd-tls.socket';
  return `On the host, the daemon must listen: sudo systemctl enable --now ${unit} (or virtproxyd's). Over ssh nothing has to be set up: qemu+ssh://HOST/system.`;
}
