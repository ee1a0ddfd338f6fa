/**
 * Why the wire failed:
 * - `decode`: bytes that do not fit the protocol's definition of a value
 * - `encode`: a value that the protocol has no room for
 * - `protocol`: a frame that makes the rest of the connection unreadable
 * - `closed`: the connection is over
 * - `timeout`, `aborted`: the caller did not want to wait any longer
 */
export type WireFailure = 'decode' | 'encode' | 'protocol' | 'closed' | 'timeout' | 'aborted';

/** A failure of the conversation itself, as opposed to an answer that says no. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly kind: WireFailure;

  constructor(kind: WireFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/** The daemon's answer "no": virError as it came over the wire. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  /** virErrorNumber */
  readonly code: number;
  /** virErrorDomain */
  readonly domain: number;
  /** virErrorLevel: 0 none, 1 warning, 2 error */
  readonly level: number;

  constructor(code: number, domain: number, message: string, level: number) {
    super(message);
    this.code = code;
    this.domain = domain;
    this.level = level;
  }
}
