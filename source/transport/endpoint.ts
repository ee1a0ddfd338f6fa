import type { Duplex } from 'node:stream';

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
  /** Path of the socket, when the URI names it; over ssh it lies on the other machine. */
  readonly socket?: string | undefined;
  /** What the daemon is to open, e.g. "qemu:///system": the program on the far side of ssh takes it. */
  readonly name: string;
  /** The URI's own parameters of ssh, tls and ext; docs/uri.rst of libvirt has their meanings. */
  readonly options: Readonly<Partial<Record<EndpointOption, string>>>;
}

export type EndpointOption =
  | 'proxy'
  | 'netcat'
  | 'keyfile'
  | 'command'
  | 'no_verify'
  | 'no_tty'
  | 'known_hosts'
  | 'pkipath'
  | 'auth'
  | 'authfile';

/** Something that only a person can say, while a connection is being made. */
export interface Prompt {
  /** Whose it is, as the person named it: "admin@lab2". */
  readonly host: string;
  /** `secret` is not echoed; `confirm` is answered with yes or no. */
  readonly kind: 'secret' | 'text' | 'confirm';
  /** What is asked, in one or several lines: data of the host, to be escaped. */
  readonly text: string;
  /** The name of the connection that it is for, where it has one. */
  readonly connection?: string;
  /** Why it is asked once more. */
  readonly again?: string | undefined;
}

/** Asks a person. Undefined: they do not want to, and the attempt to connect ends. Rejects where `signal` aborts. */
export type Ask = (prompt: Prompt, signal: AbortSignal) => Promise<string | undefined>;

/** What a transport uses of the world; tests bring their own. */
export interface TransportContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Effective user id. */
  readonly euid: number;
  readonly signal?: AbortSignal | undefined;
  /** Told in a few words what is being done ("starting libvirtd"). */
  readonly onStep?: ((step: string) => void) | undefined;
  /** Absent where nobody is there to be asked. */
  readonly ask?: Ask | undefined;
  /** Told of each sign of life that is no step; `signal` ends an opening without any. */
  readonly heard?: (() => void) | undefined;
  /** Until this is settled no sign of life is waited for. */
  readonly hold?: (<T>(work: Promise<T>) => Promise<T>) | undefined;
}

/** A way to a daemon. */
export interface Transport {
  readonly stream: Duplex;
  /** What is sent over it can be read by nobody else: encrypted, or it never leaves this machine. */
  readonly confidential: boolean;
}

/** Why no transport came about. */
export type TransportFailure =
  | 'socket-missing'
  | 'permission'
  | 'refused'
  | 'daemon-missing'
  | 'daemon-failed'
  | 'unsupported'
  | 'unreachable'
  | 'login'
  | 'host-key'
  | 'certificate'
  | 'silent'
  | 'no-proxy'
  | 'aborted'
  | 'failed';

export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly kind: TransportFailure;
  readonly scope: Endpoint['scope'];
  readonly driver: string;
  /** The socket or program that failed. */
  readonly path: string | undefined;
  /** What a person can do, where the transport itself knows it. */
  readonly hint: string | undefined;

  constructor(
    kind: TransportFailure,
    message: string,
    about: {
      readonly scope: Endpoint['scope'];
      readonly driver: string;
      readonly path?: string | undefined;
      readonly hint?: string | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(message, about.cause === undefined ? undefined : { cause: about.cause });
    this.kind = kind;
    this.scope = about.scope;
    this.driver = about.driver;
    this.path = about.path;
    this.hint = about.hint;
  }
}
