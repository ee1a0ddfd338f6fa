/** What a transport must know of a URI. */
export interface Endpoint {
  readonly transport: 'unix' | 'ssh' | 'tls' | 'tcp' | 'ext' | 'libssh' | 'libssh2';
  /** The URI's scheme without transport, e.g. "qemu"; "" lets the daemon choose. */
  readonly driver: string;
  /** `session` where the URI's path is exactly /session (or its scheme begins with test+). */
  readonly scope: 'system' | 'session';
  readonly readOnly: boolean;
  readonly user?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** Which local daemon: its own (direct), libvirtd or virtproxyd (legacy), or whichever is there. */
  readonly mode: 'auto' | 'direct' | 'legacy';
  /** Path of the socket, when the URI names it. */
  readonly socket?: string | undefined;
}

/** What a transport uses of the world; tests bring their own. */
export interface TransportContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Effective user id. */
  readonly euid: number;
  readonly signal?: AbortSignal | undefined;
  /** Told in a few words what is being done ("starting libvirtd"). */
  readonly onStep?: ((step: string) => void) | undefined;
}

/** Why no transport came about. */
export type TransportFailure =
  | 'socket-missing'
  | 'permission'
  | 'refused'
  | 'daemon-missing'
  | 'daemon-failed'
  | 'unsupported'
  | 'aborted'
  | 'failed';

export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly kind: TransportFailure;
  readonly scope: Endpoint['scope'];
  readonly driver: string;
  /** The socket or program that failed. */
  readonly path: string | undefined;

  constructor(
    kind: TransportFailure,
    message: string,
    about: { scope: Endpoint['scope']; driver: string; path?: string | undefined; cause?: unknown },
  ) {
    super(message, about.cause === undefined ? undefined : { cause: about.cause });
    this.kind = kind;
    this.scope = about.scope;
    this.driver = about.driver;
    this.path = about.path;
  }
}
