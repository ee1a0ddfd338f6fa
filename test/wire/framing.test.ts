import { describe, expect, it } from 'vitest';
import {
  encodeFrame,
  type Frame,
  FrameReader,
  frameLimit,
  headerSize,
  MessageType,
  Program,
} from '../../source/wire/framing.js';
import { failureOf } from './failure-of.js';
import { Random } from './random.js';

const header = { program: Program.remote, procedure: 1, type: MessageType.reply, serial: 1, status: 0 };

function read(reader: FrameReader, pieces: readonly Buffer[]): Frame[] {
  // The payload may be a view of the piece: kept as a copy, as bytes that a later piece may not change.
  return pieces.flatMap((piece) =>
    [...reader.push(piece)].map((frame) => ({ ...frame, payload: Buffer.from(frame.payload) })),
  );
}

describe('cutting a byte stream into messages', () => {
  it('keeps every field of the header', () => {
    const extreme = {
      program: 0xffff_ffff,
      procedure: -1,
      type: 6,
      serial: 0xffff_ffff,
      status: -0x8000_0000,
    };
    const [frame] = read(new FrameReader(), [encodeFrame(extreme, Buffer.from('data'))]);
    expect(frame).toEqual({ ...extreme, payload: Buffer.from('data') });
  });

  it('gives the same messages however the stream is cut', () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const random = new Random(seed);
      const sent = Array.from({ length: random.int(1, 12) }, (_, serial) => ({
        ...header,
        procedure: random.int(1, 450),
        serial,
        payload: random.bytes(random.chance(0.1) ? random.int(0, 5_000) : random.int(0, 60)),
      }));
      const stream = Buffer.concat(sent.map(({ payload, ...rest }) => encodeFrame(rest, payload)));
      const reader = new FrameReader();
      const got = read(reader, random.split(stream, random.pick([1, 3, 29, 100, 10_000])));
      expect(got, `seed ${seed}`).toEqual(sent);
      expect(reader.idle, `seed ${seed}`).toBe(true);
    }
  });

  it('grows past its first buffer for a long message', () => {
    const payload = new Random(1).bytes(300_000);
    const frame = encodeFrame(header, payload);
    for (const size of [1, 4, 65_536, 65_537, 299_999]) {
      const pieces = [frame.subarray(0, size), frame.subarray(size)];
      const [message] = read(new FrameReader(), pieces);
      expect(message?.payload.equals(payload)).toBe(true);
    }
  });

  it('knows whether it stands between two messages', () => {
    const reader = new FrameReader();
    const frame = encodeFrame(header, Buffer.alloc(8));
    expect(reader.idle).toBe(true);
    read(reader, [frame.subarray(0, 2)]);
    expect(reader.idle).toBe(false);
    read(reader, [frame.subarray(2)]);
    expect(reader.idle).toBe(true);
  });

  it('tells the first line of a text that comes instead of messages, as from a shell that greets', () => {
    const push = (text: string) => () => [...new FrameReader().push(Buffer.from(text, 'latin1'))];
    expect(push('This account is currently not available.\r\nBye.\r\n')).toThrow(
      `text came where libvirt's messages were expected: "This account is currently not available."`,
    );
    expect(push('\r\n\r\nWelcome to lab2\u001b[2J!')).toThrow(': "Welcome to lab2"');
    expect(push('\n\n\n\n')).toThrow('a message cannot have the length');
    expect(push('ab\u0000\u0001')).toThrow('a message cannot have the length');
  });

  it.each([0, 4, 27, frameLimit + 1, 0x7fff_ffff, 0xffff_ffff])('refuses the length %i', (length) => {
    const bytes = encodeFrame(header);
    bytes.writeUInt32BE(length, 0);
    expect(failureOf(() => read(new FrameReader(), [bytes])).kind).toBe('protocol');
    const byByte = [...bytes].map((byte) => Buffer.from([byte]));
    expect(failureOf(() => read(new FrameReader(), byByte)).kind).toBe('protocol');
  });

  it('refuses another version of the protocol', () => {
    const bytes = encodeFrame(header);
    bytes.writeUInt32BE(2, 8);
    expect(failureOf(() => read(new FrameReader(), [bytes])).kind).toBe('protocol');
  });

  it('gives the messages that stand before a bad one', () => {
    const frames: Frame[] = [];
    const failure = failureOf(() => {
      const bytes = Buffer.concat([encodeFrame(header), Buffer.alloc(28)]);
      for (const frame of new FrameReader().push(bytes)) frames.push(frame);
    });
    expect(failure.kind).toBe('protocol');
    expect(frames).toHaveLength(1);
  });

  it('takes the largest message there is, and sends no larger one', () => {
    const largest = encodeFrame(header, Buffer.alloc(frameLimit - headerSize));
    const [frame] = [...new FrameReader().push(largest)];
    expect(frame?.payload.length).toBe(frameLimit - headerSize);
    expect(failureOf(() => encodeFrame(header, Buffer.alloc(frameLimit - headerSize + 1))).kind).toBe(
      'encode',
    );
  });
});

describe('the cost of a message that arrives in small pieces', () => {
  it.each([1_000, 100])('is linear in its length, in pieces of %i bytes', (size) => {
    const ten = work(10_000_000, size);
    const twenty = work(20_000_000, size);
    // Each byte is copied in once, and moved once more on average while the buffer doubles.
    expect(twenty.copied).toBeLessThan(3 * 20_000_000);
    expect(twenty.copied).toBeLessThan(2.2 * ten.copied);
    expect(twenty.allocated).toBeLessThan(4 * 20_000_000);
  });

  it('allocates next to nothing for a length that only claims to be large', () => {
    const bytes = encodeFrame(header, Buffer.alloc(100));
    bytes.writeUInt32BE(frameLimit, 0);
    expect(counting(() => read(new FrameReader(), [bytes])).allocated).toBeLessThanOrEqual(65_536);
  });
});

/** What it takes to read one message of `length` bytes in pieces of `size`. */
function work(length: number, size: number): { copied: number; allocated: number } {
  const frame = encodeFrame(header, Buffer.alloc(length - headerSize));
  return counting(() => {
    const reader = new FrameReader();
    let messages = 0;
    for (let offset = 0; offset < length; offset += size) {
      for (const { payload } of reader.push(frame.subarray(offset, offset + size))) {
        messages += 1;
        expect(payload.length).toBe(length - headerSize);
      }
    }
    expect(messages).toBe(1);
  });
}

/** Counts the bytes that `action` allocates in buffers and copies between them. */
function counting(action: () => void): { copied: number; allocated: number } {
  const { copy } = Buffer.prototype;
  const { allocUnsafe } = Buffer;
  const counted = { copied: 0, allocated: 0 };
  Buffer.prototype.copy = function count(this: Buffer, ...args: Parameters<Buffer['copy']>) {
    const bytes = copy.apply(this, args);
    counted.copied += bytes;
    return bytes;
  };
  Buffer.allocUnsafe = (size: number) => {
    counted.allocated += size;
    return allocUnsafe(size);
  };
  try {
    action();
  } finally {
    Buffer.prototype.copy = copy;
    Buffer.allocUnsafe = allocUnsafe;
  }
  return counted;
}
