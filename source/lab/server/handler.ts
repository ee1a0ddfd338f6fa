import type { Procedure } from '../../wire/procedure.js';
import { procedures } from '../../wire/procedures.js';
import type { StatsReplies } from '../stats/stats-replies.js';
import type { World } from '../world/world.js';
import type { HostStream } from './host-stream.js';
import { olderProcedures } from './older-procedures.js';
import type { Registrations } from './registrations.js';

/** Everything that the lab has a definition for. */
export const knownProcedures = { ...procedures, ...olderProcedures };

type Known = typeof knownProcedures;
export type ProcedureName = keyof Known;
type ArgsOf<P> = P extends Procedure<infer A, unknown> ? A : never;
type ReplyOf<P> = P extends Procedure<never, infer R> ? R : P extends Procedure<infer _, infer R> ? R : never;

/** What a handler knows of the client that calls. */
export interface Caller {
  readonly registrations: Registrations;
  /** The URI of CONNECT_OPEN; absent before. */
  uri: string | undefined;
  readOnly: boolean;
  /** Begins to watch the client with pings. */
  startKeepalive(): void;
  /** Ends the connection once what was written is out. */
  end(): void;
}

export interface Call {
  readonly world: World;
  readonly caller: Caller;
  readonly stats: StatsReplies;
}

/** A reply that was written by hand, for speed: a whole frame whose header is still empty. */
export class PreparedReply {
  readonly frame: Buffer;
  /** Called when nobody reads the frame any more. */
  readonly release: (() => void) | undefined;

  constructor(frame: Buffer, release?: () => void) {
    this.frame = frame;
    this.release = release;
  }
}

/** A reply with which a stream begins. */
export class StreamReply<R> {
  readonly answer: R;
  readonly stream: HostStream;

  constructor(answer: R, stream: HostStream) {
    this.answer = answer;
    this.stream = stream;
  }
}

// biome-ignore lint/suspicious/noConfusingVoidType: what a function returns that only does something
type Answer<R> = [keyof R] extends [never] ? R | void : R;
type Handler<A, R> = (args: A, call: Call) => Answer<R> | PreparedReply | StreamReply<R> | Promise<Answer<R>>;

/**
 * The procedures of one subject: libvirt's name -> what the host does. Throws LabError to refuse. A new subject
 * is a new table in handlers/.
 */
export type HandlerTable = {
  readonly [K in ProcedureName]?: Handler<ArgsOf<Known[K]>, ReplyOf<Known[K]>>;
};

/** A handler as the dispatcher calls it, types forgotten. */
export type AnyHandler = (args: unknown, call: Call) => unknown;
