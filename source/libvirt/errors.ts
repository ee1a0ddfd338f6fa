import { type During, hintFor } from './hints.js';

export { ErrorCode } from './constants.js';

/**
 * Why something failed, in one word that code can branch on:
 * - `libvirt`: the daemon answered with an error; `code` and `domain` are its own
 * - `unsupported`: the daemon or driver does not have this function
 * - `connect`: no connection could be made (socket missing, permission, authentication)
 * - `closed`: the connection ended while the call was under way
 * - `timeout`: no answer in time
 * - `aborted`: the caller gave up
 * - `protocol`: the peer sent what the protocol does not allow
 */
export type FailureKind =
  | 'libvirt'
  | 'unsupported'
  | 'connect'
  | 'closed'
  | 'timeout'
  | 'aborted'
  | 'protocol';

export interface LibvirtErrorInit {
  readonly kind: FailureKind;
  readonly message: string;
  /** virErrorNumber; 0 where no daemon answered. */
  readonly code?: number;
  /** virErrorDomain; 0 where no daemon answered. */
  readonly domain?: number;
  /** What the person can do, ready to show. Derived from the error when left out. */
  readonly hint?: string | undefined;
  /** What was being done: only some hints fit it. */
  readonly during?: During | undefined;
  readonly cause?: unknown;
}

/** Every failure that leaves the libvirt room: what happened, and what can be done about it. */
export class LibvirtError extends Error {
  override readonly name = 'LibvirtError';
  readonly kind: FailureKind;
  readonly code: number;
  readonly domain: number;
  readonly hint: string | undefined;

  constructor(init: LibvirtErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.kind = init.kind;
    this.code = init.code ?? 0;
    this.domain = init.domain ?? 0;
    this.hint = init.hint ?? hintFor(this, init.during);
  }

  /** The same failure with another hint. */
  withHint(hint: string): LibvirtError {
    const { kind, code, domain, message } = this;
    return new LibvirtError({ kind, code, domain, message, hint, cause: this });
  }
}

/** Nothing was done: the daemon has said no, or was never asked. After other failures nobody knows. */
export function isRefusal(error: unknown): boolean {
  const { kind } = error as Partial<LibvirtError>;
  return kind === 'libvirt' || kind === 'unsupported' || kind === 'connect';
}

/** What a driver cannot tell; screens show "n/a". */
export interface Unsupported {
  readonly unsupported: true;
  readonly reason: string;
}

/** True when a getter's answer is "this driver cannot tell". */
export function isUnsupported(value: unknown): value is Unsupported {
  return typeof value === 'object' && value !== null && 'unsupported' in value && value.unsupported === true;
}
