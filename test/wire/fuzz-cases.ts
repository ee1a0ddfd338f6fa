import { domainEvents, objectEvents } from '../../source/wire/events.js';
import { encodeFrame, MessageStatus, MessageType } from '../../source/wire/framing.js';
import type { Procedure } from '../../source/wire/procedure.js';
import { procedures } from '../../source/wire/procedures.js';
import { HOLE } from '../../source/wire/stream.js';
import { type Codec, encode } from '../../source/wire/xdr.js';
import { errorPayload, keepaliveFrame } from './peer.js';
import { Random } from './random.js';
import { randomValue } from './random-values.js';

export interface Sample {
  readonly name: string;
  /** A valid message; its serial is 1. */
  readonly frame: Buffer;
  /** What its payload is, where it has a definition. */
  readonly codec: Codec<unknown> | undefined;
}

const table = Object.entries(procedures as unknown as Record<string, Procedure<unknown, unknown>>);
const serial = 1;
const { ok, error, continue: more } = MessageStatus;

/** Valid messages of every kind that a peer could send, some of them of every procedure and event. */
export function samples(): Sample[] {
  const random = new Random(2024);
  const message = (type: number, status: number, of: { program: number; number: number }, payload: Buffer) =>
    encodeFrame({ program: of.program, procedure: of.number, type, serial, status }, Buffer.from(payload));
  const calls = table.flatMap(([name, procedure]) => [
    sample(`${name} answer`, procedure.ret, (payload) => message(MessageType.reply, ok, procedure, payload)),
    sample(`${name} arguments`, procedure.args, (payload) =>
      message(MessageType.call, ok, procedure, payload),
    ),
  ]);
  const events = Object.entries({ ...domainEvents, ...objectEvents }).map(([name, event]) =>
    sample(name, event.body as Codec<unknown>, (payload) => message(MessageType.message, ok, event, payload)),
  );
  const [, any] = table[0] as (typeof table)[0];
  const others: Sample[] = [
    plain('an error', message(MessageType.reply, error, any, errorPayload(42, 'Domain not found'))),
    plain('a stream error', message(MessageType.stream, error, any, errorPayload(38, 'disk gone'))),
    plain('stream data', message(MessageType.stream, more, any, random.bytes(200))),
    plain('end of data', message(MessageType.stream, more, any, Buffer.alloc(0))),
    plain('a confirmation', message(MessageType.stream, ok, any, Buffer.alloc(0))),
    {
      ...plain(
        'a hole',
        message(MessageType.streamHole, more, any, encode(HOLE, { length: 4096, flags: 0 })),
      ),
      codec: HOLE as Codec<unknown>,
    },
    plain('a ping', keepaliveFrame(1)),
    plain('a pong', keepaliveFrame(2)),
  ];
  return [...calls, ...events, ...others];

  function sample(name: string, codec: Codec<unknown>, build: (payload: Buffer) => Buffer): Sample {
    return { name, codec, frame: build(encode(codec, randomValue(codec, random))) };
  }
}

function plain(name: string, frame: Buffer): Sample {
  return { name, frame, codec: undefined };
}

/** Numbers at which decoders tend to break. */
const nasty = [
  0, 1, 2, 7, 8, 27, 28, 0xff, 16_384, 16_385, 65_536, 4_194_304, 4_194_305, 33_554_436, 0x7fff_ffff,
  0x8000_0000, 0xffff_fffc, 0xffff_ffff,
];

/** A damaged copy of a message. The length word is mostly mended, so that the damage reaches the payload. */
export function mutated(frame: Buffer, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(frame);
  for (let count = random.int(1, 4); count > 0; count -= 1) bytes = mutate(bytes, random);
  if (bytes.length >= 4 && random.chance(0.8)) bytes.writeUInt32BE(bytes.length, 0);
  return bytes;
}

function mutate(bytes: Buffer, random: Random): Buffer {
  const at = random.int(0, Math.max(0, bytes.length - 1));
  const word = Math.max(0, Math.min(at - (at % 4), bytes.length - 4));
  const other = random.bytes(random.int(1, 24));
  switch (random.int(0, 6)) {
    case 0:
      if (bytes.length > 0) bytes[at] = random.int(0, 255);
      return bytes;
    case 1:
      if (bytes.length > 0) bytes[at] = (bytes[at] as number) ^ (1 << random.int(0, 7));
      return bytes;
    case 2:
      if (bytes.length >= 4) bytes.writeUInt32BE(random.pick(nasty), word);
      return bytes;
    case 3:
      return bytes.subarray(0, at);
    case 4:
      return Buffer.concat([bytes, other]);
    case 5:
      return Buffer.concat([bytes.subarray(0, word), other, bytes.subarray(word)]);
    default:
      return Buffer.concat([
        bytes.subarray(0, word),
        bytes.subarray(Math.min(word + 4 * random.int(1, 8), bytes.length)),
      ]);
  }
}
