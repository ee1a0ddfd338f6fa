import { encodeFrame, type Frame, MessageStatus, MessageType } from '../../wire/framing.js';
import { ERROR } from '../../wire/objects.js';
import { HOLE } from '../../wire/stream.js';
import { encode } from '../../wire/xdr.js';
import { LabError, refuse } from '../errors.js';

/** What ties a packet to its call. */
export type Identity = Pick<Frame, 'program' | 'procedure' | 'serial'>;

/** A reply, or a packet of a stream that ends it, with the error in it. */
export function errorFrame(call: Identity, error: unknown, type: number = MessageType.reply): Buffer {
  const failure =
    error instanceof LabError ? error : refuse.rpc(`Unable to decode message payload: ${String(error)}`);
  const body = {
    code: failure.code,
    domain: failure.domain,
    message: failure.message,
    level: 2,
    dom: undefined,
    str1: failure.message,
    str2: undefined,
    str3: undefined,
    int1: -1,
    int2: -1,
    net: undefined,
  };
  return encodeFrame({ ...identityOf(call), type, status: MessageStatus.error }, encode(ERROR, body));
}

/** A packet of data; an empty one is the end of data. */
export function dataFrame(call: Identity, data: Uint8Array): Buffer {
  const header = { ...identityOf(call), type: MessageType.stream, status: MessageStatus.continue };
  return encodeFrame(header, data);
}

export function holeFrame(call: Identity, length: number): Buffer {
  const header = { ...identityOf(call), type: MessageType.streamHole, status: MessageStatus.continue };
  return encodeFrame(header, encode(HOLE, { length, flags: 0 }));
}

/** Confirms that a stream is over. */
export function endFrame(call: Identity): Buffer {
  return encodeFrame({ ...identityOf(call), type: MessageType.stream, status: MessageStatus.ok });
}

function identityOf({ program, procedure, serial }: Identity): Identity {
  return { program, procedure, serial };
}
