import { type Duplex, duplexPair } from 'node:stream';
import {
  encodeFrame,
  type Frame,
  FrameReader,
  MessageStatus,
  MessageType,
  Program,
} from '../../source/wire/framing.js';
import { ERROR } from '../../source/wire/objects.js';
import type { EventMessage, Procedure } from '../../source/wire/procedure.js';
import { HOLE } from '../../source/wire/stream.js';
import { encode } from '../../source/wire/xdr.js';

const ping = 1;
const pong = 2;

/** The daemon's side of a connection in memory, played by a test. It answers nothing by itself. */
export class ScriptedPeer {
  /** The end that a Channel takes. */
  readonly client: Duplex;
  readonly side: Duplex;
  /** Pings that the client sent by itself. */
  pings = 0;
  /** True once the client has ended its side. */
  ended = false;
  readonly #frames = new FrameReader();
  readonly #arrived: Frame[] = [];
  readonly #pongs: (() => void)[] = [];
  #wake: (() => void) | undefined;

  constructor() {
    [this.client, this.side] = duplexPair();
    this.side.on('data', (chunk: Buffer) => {
      for (const frame of this.#frames.push(chunk)) this.#take(frame);
    });
    this.side.on('end', () => {
      this.ended = true;
    });
    this.side.on('error', () => {});
  }

  /** The next message of the client that was not taken yet. */
  async next(): Promise<Frame> {
    for (;;) {
      const frame = this.#arrived.shift();
      if (frame !== undefined) return frame;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The messages that have arrived and were not taken, after everything sent so far was handled there. */
  async waiting(): Promise<readonly Frame[]> {
    await this.sync();
    return this.#arrived.splice(0);
  }

  /** A ping and its pong: what was sent before it has been handled by the client. */
  async sync(): Promise<void> {
    const answered = new Promise<void>((resolve) => this.#pongs.push(resolve));
    this.raw(keepaliveFrame(ping));
    await answered;
  }

  reply<A, R>(call: Frame, procedure: Procedure<A, R>, value: R): void {
    this.payload(call, encode(procedure.ret, value));
  }

  /** A reply with any bytes in it. */
  payload(call: Frame, payload: Buffer, status: number = MessageStatus.ok): void {
    this.raw(encodeFrame({ ...call, type: MessageType.reply, status }, payload));
  }

  refuse(call: Frame, code: number, message: string | undefined, domain = 10): void {
    this.payload(call, errorPayload(code, message, domain), MessageStatus.error);
  }

  event<T>(message: EventMessage<T>, body: T): void {
    this.eventBytes(message, encode(message.body, body));
  }

  eventBytes(message: EventMessage<unknown>, payload: Buffer): void {
    const { program, number } = message;
    this.raw(
      encodeFrame({ program, procedure: number, type: MessageType.message, serial: 0, status: 0 }, payload),
    );
  }

  stream(call: Frame, status: number, payload?: Uint8Array): void {
    this.raw(encodeFrame({ ...call, type: MessageType.stream, status }, payload));
  }

  data(call: Frame, text: string): void {
    this.stream(call, MessageStatus.continue, Buffer.from(text));
  }

  endOfData(call: Frame): void {
    this.stream(call, MessageStatus.continue);
  }

  hole(call: Frame, length: number): void {
    const payload = encode(HOLE, { length, flags: 0 });
    this.raw(encodeFrame({ ...call, type: MessageType.streamHole, status: MessageStatus.continue }, payload));
  }

  raw(bytes: Buffer): void {
    this.side.write(bytes);
  }

  /** The daemon goes away in an orderly manner. */
  end(): void {
    this.side.end();
  }

  #take(frame: Frame): void {
    if (frame.program === Program.keepalive) {
      if (frame.procedure === ping) this.pings += 1;
      else this.#pongs.shift()?.();
      return;
    }
    this.#arrived.push(frame);
    this.#wake?.();
    this.#wake = undefined;
  }
}

export function keepaliveFrame(procedure: 1 | 2): Buffer {
  return encodeFrame({
    program: Program.keepalive,
    procedure,
    type: MessageType.message,
    serial: 0,
    status: 0,
  });
}

export const pongFrame = keepaliveFrame(pong);

export function errorPayload(code: number, message: string | undefined, domain = 10): Buffer {
  return encode(ERROR, {
    code,
    domain,
    message,
    level: 2,
    dom: undefined,
    str1: undefined,
    str2: undefined,
    str3: undefined,
    int1: 0,
    int2: 0,
    net: undefined,
  });
}

/** The value of a settled promise's rejection; fails the test when it was fulfilled. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    (value) => {
      throw new Error(`resolved with ${JSON.stringify(value)}`);
    },
    (error: Error) => error,
  );
}
