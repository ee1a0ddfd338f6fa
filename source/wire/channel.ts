import type { Duplex } from 'node:stream';
import { CallQueue } from './call-queue.js';
import { RemoteError, WireError } from './errors.js';
import {
  encodeFrame,
  type Frame,
  FrameReader,
  type Header,
  MessageStatus,
  MessageType,
  Program,
} from './framing.js';
import { Keepalive, type KeepaliveOptions } from './keepalive.js';
import { ERROR } from './objects.js';
import { type CallOptions, PendingCall } from './pending-call.js';
import type { EventMessage, Procedure } from './procedure.js';
import { procedureName } from './procedures.js';
import { HOLE, WireStream } from './stream.js';
import { decode } from './xdr.js';

export interface ChannelOptions {
  /** Absent: pings are answered but none is sent. */
  readonly keepalive?: KeepaliveOptions;
  readonly defaultTimeout?: number;
  /** What the other side is called in errors. */
  readonly peer?: string | undefined;
}

/** What went over a channel so far. */
export interface ChannelMetrics {
  calls: number;
  bytesReceived: number;
  bytesSent: number;
  /** Milliseconds from sending to answer of the newest calls, oldest first. */
  readonly latencies: number[];
}

/** How long calls may take, in milliseconds: those that are under way (from now on), and those to come. */
export interface Patience {
  readonly underWay: number;
  readonly call: number;
  /** By the numbers of procedures that take their time. */
  readonly slow: ReadonlyMap<number, number>;
}

const latenciesKept = 120;

/**
 * One conversation with a libvirt daemon over any Duplex: calls, events, streams and keepalive. Each message is
 * taken at once and handed on through promises and queues; the reader waits for nobody but a stream whose queue is
 * full (see `WireStream`).
 */
export class Channel {
  readonly metrics: ChannelMetrics = { calls: 0, bytesReceived: 0, bytesSent: 0, latencies: [] };
  /** Resolves once, with the reason for the end; undefined after `close()`. */
  readonly closed: Promise<WireError | undefined>;
  readonly #duplex: Duplex;
  readonly #frames = new FrameReader();
  readonly #queue = new CallQueue<PendingCall>();
  readonly #inFlight = new Map<number, PendingCall>();
  readonly #streams = new Map<number, WireStream>();
  readonly #listeners = new Map<number, (payload: Buffer) => void>();
  /** Writers whose bytes the transport has not taken: one that dies full never calls back. */
  readonly #unsent = new Set<(error: WireError) => void>();
  readonly #keepalive: Keepalive;
  readonly #defaultTimeout: number;
  readonly #peer: string;
  #patience: Patience | undefined;
  #serial = 0;
  #fullStreams = 0;
  #end: WireError | undefined;
  #over = false;
  #resolveClosed: (reason: WireError | undefined) => void = () => {};

  constructor(duplex: Duplex, options: ChannelOptions = {}) {
    this.#duplex = duplex;
    this.#defaultTimeout = options.defaultTimeout ?? 30_000;
    this.#peer = options.peer ?? 'the host';
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#keepalive = new Keepalive(
      options.keepalive,
      (frame, sent) => this.#write(frame, sent),
      (silence) => this.#fail(new WireError('closed', `no sign of life for ${silence / 1000} s`)),
    );
    duplex.on('data', (chunk: Buffer) => this.#receive(chunk));
    duplex.on('end', () => this.#fail(this.#endOfInput()));
    duplex.on('error', (error) =>
      this.#fail(new WireError('closed', `the connection broke: ${error.message}`, error)),
    );
    duplex.on('close', () => this.#fail(new WireError('closed', 'the connection was closed')));
    this.#keepalive.start();
  }

  /** True once no call can succeed any more. */
  get isOver(): boolean {
    return this.#over;
  }

  /**
   * Calls a procedure. Rejects with RemoteError when the daemon says no, else with WireError. A call that
   * timed out or was aborted after it was sent keeps its place in flight until the daemon answers, because
   * the daemon is still at work on it.
   */
  call<A, R, T = R>(procedure: Procedure<A, R>, args: A, options: CallOptions<T> = {}): Promise<T> {
    return this.#start(procedure, args, options, false) as Promise<T>;
  }

  /** Calls a procedure that opens a stream. The stream starts after the answer. */
  openStream<A, R>(
    procedure: Procedure<A, R>,
    args: A,
    options: CallOptions<R> = {},
  ): Promise<{ readonly answer: R; readonly stream: WireStream }> {
    return this.#start(procedure, args, options, true) as Promise<{ answer: R; stream: WireStream }>;
  }

  /**
   * Hears an event message; one listener for each. It is called in a microtask of its own, never inside the
   * reader. Bytes that do not fit the message's definition, and what the listener itself throws, go to
   * `onBad` and do no other harm.
   */
  listen<T>(message: EventMessage<T>, listener: (body: T) => void, onBad?: (error: Error) => void): void {
    this.#listeners.set(message.number, (payload) => {
      try {
        listener(decode(message.body, payload));
      } catch (error) {
        onBad?.(error as Error);
      }
    });
  }

  /** From now on it is asked whether it is there. */
  watch(keepalive: KeepaliveOptions): void {
    if (!this.#over) this.#keepalive.watch(keepalive);
  }

  /** From now on the peer is waited for no longer than this, at whatever call and whatever its caller has said. */
  hurry(keepalive: KeepaliveOptions, patience: Patience): void {
    if (this.#over) return;
    this.#keepalive.watch(keepalive);
    this.#patience = patience;
    for (const call of [...this.#inFlight.values(), ...this.#queue.waiting()])
      call.limit(patience.slow.get(call.procedure.number) ?? patience.underWay);
  }

  /**
   * Ends the conversation: what is pending is rejected, then the transport is closed.
   *
   * @param reason why, when it is not because the caller is done: `closed` then resolves with it
   */
  async close(reason?: WireError): Promise<void> {
    this.#finish(reason ?? new WireError('closed', 'the connection was closed by this program'), reason);
    await new Promise<void>((resolve) => {
      if (this.#duplex.destroyed) return resolve();
      this.#duplex.once('close', () => resolve());
      this.#duplex.end();
      // A peer that does not close its side must not keep the program waiting.
      this.#duplex.destroy();
    });
  }

  #start(
    procedure: Procedure<unknown, unknown> | Procedure<never, unknown>,
    args: unknown,
    options: CallOptions<unknown>,
    withStream: boolean,
  ): Promise<unknown> {
    if (this.#over) return Promise.reject(this.#end ?? new WireError('closed', 'the connection is closed'));
    if (options.signal?.aborted) return Promise.reject(new WireError('aborted', 'the call was given up'));
    // 0: no limit.
    const wish = (options.timeout ?? this.#defaultTimeout) || Infinity;
    const most = this.#patience?.slow.get(procedure.number) ?? this.#patience?.call ?? wish;
    const timeout = Math.min(wish, most);
    let call: PendingCall;
    try {
      call = new PendingCall(
        procedure as Procedure<unknown, unknown>,
        args,
        { ...options, timeout: timeout === Infinity ? 0 : timeout, withStream },
        (given) => this.#queue.remove(given, given.priority),
      );
    } catch (error) {
      return Promise.reject(error);
    }
    this.#queue.add(call, call.priority);
    this.#pump();
    return call.result;
  }

  #pump(): void {
    for (let call = this.#queue.next(); call !== undefined; call = this.#queue.next()) {
      const serial = this.#nextSerial();
      this.#inFlight.set(serial, call);
      call.sentAt = performance.now();
      this.metrics.calls += 1;
      const { program, number } = call.procedure;
      const header = { program, procedure: number, type: MessageType.call, serial, status: MessageStatus.ok };
      if (call.withStream) {
        call.stream = this.#newStream(header);
        this.#streams.set(serial, call.stream);
      }
      this.#write(encodeFrame(header, call.payload));
    }
  }

  #nextSerial(): number {
    do this.#serial = (this.#serial + 1) >>> 0;
    while (this.#serial === 0 || this.#inFlight.has(this.#serial) || this.#streams.has(this.#serial));
    return this.#serial;
  }

  #newStream(identity: Header): WireStream {
    return new WireStream(
      {
        send: (header, payload) => this.#writeDrained(encodeFrame(header, payload)),
        full: (full) => this.#holdReading(full),
        release: () => this.#streams.delete(identity.serial),
      },
      identity,
    );
  }

  /** Streams whose readers are behind hold up the transport; who holds it up is no sign that the peer is dead. */
  #holdReading(full: boolean): void {
    this.#fullStreams += full ? 1 : -1;
    if (this.#fullStreams === (full ? 1 : 0)) {
      this.#keepalive.hold(full);
      if (full) this.#duplex.pause();
      else this.#duplex.resume();
    }
  }

  #receive(chunk: Buffer): void {
    if (this.#over) return;
    this.metrics.bytesReceived += chunk.length;
    this.#keepalive.alive();
    try {
      for (const frame of this.#frames.push(chunk)) this.#dispatch(frame);
    } catch (error) {
      this.#fail(error instanceof WireError ? error : new WireError('protocol', String(error), error));
    }
  }

  #dispatch(frame: Frame): void {
    if (frame.program === Program.keepalive) {
      this.#keepalive.receive(frame.procedure);
    } else if (frame.type === MessageType.reply) this.#reply(frame);
    else if (frame.type === MessageType.message) this.#event(frame);
    else if (frame.type === MessageType.stream || frame.type === MessageType.streamHole)
      this.#streamPacket(frame);
    else throw new WireError('protocol', `a message of the unknown type ${frame.type}`);
  }

  #reply(frame: Frame): void {
    const call = this.#inFlight.get(frame.serial);
    if (call === undefined) {
      // The one reply that belongs to a running stream: a hole was refused.
      if (frame.status === MessageStatus.error)
        this.#streams.get(frame.serial)?.fail(remoteError(frame.payload));
      return;
    }
    this.#inFlight.delete(frame.serial);
    this.#queue.release(call.priority);
    this.#pump();
    this.#recordLatency(performance.now() - call.sentAt);
    const refused = frame.status !== MessageStatus.ok;
    if (refused) this.#streams.delete(frame.serial);
    // Its own, not the one in the table: a stream may have failed before the answer that opens it.
    const stream = refused ? undefined : call.stream;
    if (call.settled) {
      void stream?.abort();
      return;
    }
    try {
      if (refused) throw remoteError(frame.payload);
      const answer = decode(call.as, frame.payload);
      call.resolve(call.withStream ? { answer, stream } : answer);
    } catch (error) {
      const failure = this.#malformed(call.procedure, error as Error);
      void stream?.abort(failure);
      call.reject(failure);
    }
  }

  /** Says whose answer, and to what, does not fit the protocol; other errors stay as they are. */
  #malformed(procedure: Procedure<unknown, unknown>, error: Error): Error {
    if (!(error instanceof WireError) || error.kind !== 'decode') return error;
    const message = `${this.#peer} sent a malformed answer to ${procedureName(procedure)}: ${error.message}`;
    return new WireError('decode', message, error);
  }

  #event(frame: Frame): void {
    const listener = this.#listeners.get(frame.procedure);
    if (listener === undefined || frame.program !== Program.remote) return;
    queueMicrotask(() => listener(frame.payload));
  }

  #streamPacket(frame: Frame): void {
    const stream = this.#streams.get(frame.serial);
    // Packets of a stream that is over here may still be under way.
    if (stream === undefined) return;
    if (frame.status === MessageStatus.error) stream.fail(remoteError(frame.payload));
    else if (frame.type === MessageType.streamHole) receiveHole(stream, frame.payload);
    else if (frame.status === MessageStatus.continue) stream.receive({ data: frame.payload });
    else stream.confirm();
  }

  #recordLatency(milliseconds: number): void {
    const { latencies } = this.metrics;
    latencies.push(milliseconds);
    if (latencies.length > latenciesKept) latencies.shift();
  }

  #write(frame: Buffer, sent?: () => void): void {
    if (this.#over || this.#duplex.destroyed) return;
    this.metrics.bytesSent += frame.length;
    this.#duplex.write(frame, sent);
  }

  #writeDrained(frame: Buffer): Promise<void> {
    if (this.#over) return Promise.reject(this.#end ?? new WireError('closed', 'the connection is closed'));
    this.metrics.bytesSent += frame.length;
    return new Promise((resolve, reject) => {
      this.#unsent.add(reject);
      this.#duplex.write(frame, (error) => {
        this.#unsent.delete(reject);
        if (error) reject(new WireError('closed', `the connection broke: ${error.message}`, error));
        else resolve();
      });
    });
  }

  #endOfInput(): WireError {
    return new WireError(
      'closed',
      this.#frames.idle
        ? 'the daemon closed the connection'
        : 'the connection ended in the middle of a message',
    );
  }

  #fail(error: WireError): void {
    // What a host was asked when it went says more than that it went.
    this.#finish(error, error, ({ procedure }) => {
      const message = `${error.message} (it was asked for ${procedureName(procedure)})`;
      return new WireError(error.kind, message, error);
    });
    this.#duplex.destroy();
  }

  /** @param endOfCall what a call ends with; else with the same as all others */
  #finish(
    forCalls: WireError,
    reason: WireError | undefined,
    endOfCall: (call: PendingCall) => WireError = () => forCalls,
  ): void {
    if (this.#over) return;
    this.#over = true;
    this.#end = forCalls;
    this.#keepalive.stop();
    const calls = [...this.#inFlight.values(), ...this.#queue.drain()];
    this.#inFlight.clear();
    for (const call of calls) call.reject(endOfCall(call));
    for (const stream of [...this.#streams.values()]) stream.fail(forCalls);
    for (const reject of this.#unsent) reject(forCalls);
    this.#unsent.clear();
    this.#resolveClosed(reason);
  }
}

function receiveHole(stream: WireStream, payload: Buffer): void {
  try {
    const { length } = decode(HOLE, payload);
    if (length < 0) throw new WireError('decode', `a hole of ${length} bytes`);
    stream.receive({ hole: length });
  } catch (error) {
    void stream.abort(error as Error);
  }
}

function remoteError(payload: Buffer): Error {
  try {
    const { code, domain, message, level } = decode(ERROR, payload);
    return new RemoteError(code, domain, message ?? `unknown error ${code}`, level);
  } catch (error) {
    return error as Error;
  }
}
