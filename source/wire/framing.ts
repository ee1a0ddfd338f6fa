import { WireError } from './errors.js';

export const Program = {
  remote: 0x2000_8086,
  qemu: 0x2000_8087,
  lxc: 0x0006_8000,
  keepalive: 0x6b65_6570,
} as const;

export const MessageType = { call: 0, reply: 1, message: 2, stream: 3, streamHole: 6 } as const;

export const MessageStatus = { ok: 0, error: 1, continue: 2 } as const;

/** What stands before every payload. The version is 1 for every program of this protocol. */
export interface Header {
  readonly program: number;
  readonly procedure: number;
  /** A MessageType. */
  readonly type: number;
  readonly serial: number;
  /** A MessageStatus. */
  readonly status: number;
}

export interface Frame extends Header {
  readonly payload: Buffer;
}

/** Length word and header. */
export const headerSize = 28;
/** VIR_NET_MESSAGE_MAX and the length word, which it does not count. */
export const frameLimit = 33_554_432 + 4;
/** What the daemon and virsh put into one stream packet (VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX). */
export const streamChunkSize = 262_120;

const version = 1;
const firstAllocation = 65_536;

/** The bytes of one message. Throws `encode` when it is over the limit. */
export function encodeFrame(header: Header, payload?: Uint8Array): Buffer {
  const length = headerSize + checkPayload(payload?.length ?? 0);
  const frame = Buffer.allocUnsafe(length);
  frame.writeUInt32BE(length, 0);
  frame.writeUInt32BE(header.program, 4);
  frame.writeUInt32BE(version, 8);
  frame.writeInt32BE(header.procedure, 12);
  frame.writeInt32BE(header.type, 16);
  frame.writeUInt32BE(header.serial, 20);
  frame.writeInt32BE(header.status, 24);
  if (payload) frame.set(payload, headerSize);
  return frame;
}

/** The length, if it fits into one message. Throws `encode` when it does not. */
export function checkPayload(length: number): number {
  if (length <= frameLimit - headerSize) return length;
  throw new WireError('encode', `a message with ${length} bytes of content is over the limit`);
}

/**
 * Cuts a byte stream into frames. A frame that lies whole in one chunk is a view of it; one that arrives in
 * pieces is gathered in a buffer that doubles, so that its cost is linear in its length however small the
 * pieces are, and a forged length allocates only as much as really arrives.
 */
export class FrameReader {
  #gathered: Buffer | undefined;
  #filled = 0;

  /** The frames that this chunk completes. Throws `protocol` for a length that no message has. */
  *push(chunk: Buffer): Generator<Frame> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#gathered === undefined) {
        const length = rest.length >= 4 ? checkedLength(rest) : undefined;
        if (length !== undefined && rest.length >= length) {
          yield parse(rest.subarray(0, length));
          rest = rest.subarray(length);
          continue;
        }
        this.#gathered = Buffer.allocUnsafe(Math.min(length ?? firstAllocation, firstAllocation));
        this.#filled = 0;
      }
      const wanted = this.#filled < 4 ? 4 : checkedLength(this.#gathered, this.#filled);
      rest = this.#gather(rest, wanted);
      if (this.#filled >= 4 && this.#filled === checkedLength(this.#gathered, this.#filled)) {
        const frame = this.#gathered.subarray(0, this.#filled);
        this.#gathered = undefined;
        yield parse(frame);
      }
    }
  }

  /** True between frames: a connection that ends elsewhere was cut in the middle of a message. */
  get idle(): boolean {
    return this.#gathered === undefined;
  }

  /** Takes bytes up to `wanted` in total; returns what is left. */
  #gather(chunk: Buffer, wanted: number): Buffer {
    const take = Math.min(chunk.length, wanted - this.#filled);
    let buffer = this.#gathered as Buffer;
    const needed = this.#filled + take;
    if (needed > buffer.length) {
      const larger = Buffer.allocUnsafe(Math.min(Math.max(needed, buffer.length * 2), frameLimit));
      buffer.copy(larger, 0, 0, this.#filled);
      buffer = larger;
      this.#gathered = larger;
    }
    chunk.copy(buffer, this.#filled, 0, take);
    this.#filled = needed;
    return chunk.subarray(take);
  }
}

/** @param end of what has arrived of the message, which begins the bytes: four at least */
function checkedLength(bytes: Buffer, end = bytes.length): number {
  const length = bytes.readUInt32BE(0);
  if (length >= headerSize && length <= frameLimit) return length;
  const text = textIn(bytes.subarray(0, Math.min(end, mostText)));
  throw new WireError(
    'protocol',
    text === undefined
      ? `a message cannot have the length ${length}`
      : `text came where libvirt's messages were expected: "${text}"`,
  );
}

const mostText = 200;

/** A shell that greets, or refuses a login, writes text: a person is told its first line. No length looks like it. */
function textIn(bytes: Buffer): string | undefined {
  if (!/^[\t\r\n -~]{4}/.test(bytes.toString('latin1'))) return undefined;
  const line = /[^\s][ -~]*/.exec(bytes.toString('latin1'))?.[0];
  return line?.trimEnd();
}

function parse(frame: Buffer): Frame {
  if (frame.readUInt32BE(8) !== version) {
    throw new WireError('protocol', `program version ${frame.readUInt32BE(8)} instead of ${version}`);
  }
  return {
    program: frame.readUInt32BE(4),
    procedure: frame.readInt32BE(12),
    type: frame.readInt32BE(16),
    serial: frame.readUInt32BE(20),
    status: frame.readInt32BE(24),
    payload: frame.subarray(headerSize),
  };
}
