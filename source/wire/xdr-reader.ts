import { WireError } from './errors.js';
import type { Interner } from './interner.js';

/**
 * A cursor over one message's payload. Every read checks the bytes that are left, so that a short message
 * is a `decode` error and never a value made of other memory. XDR: RFC 4506, everything big-endian and
 * padded to 4 bytes.
 */
export class XdrReader {
  readonly #bytes: Buffer;
  #offset: number;

  constructor(bytes: Buffer, offset = 0) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u32(): number {
    const offset = this.#take(4);
    const b = this.#bytes;
    return (
      (((b[offset] as number) << 24) |
        ((b[offset + 1] as number) << 16) |
        ((b[offset + 2] as number) << 8) |
        (b[offset + 3] as number)) >>>
      0
    );
  }

  i32(): number {
    return this.u32() | 0;
  }

  u64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8));
  }

  i64(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  /** An unsigned 64-bit value as a number: exact up to 2^53, the nearest number above. */
  u64Number(): number {
    const high = this.u32();
    return high * 0x1_0000_0000 + this.u32();
  }

  /** A signed 64-bit value as a number: exact within ±2^53. */
  i64Number(): number {
    const high = this.i32();
    return high * 0x1_0000_0000 + this.u32();
  }

  f64(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }

  /** `length` raw bytes and their padding; a view, not a copy. */
  opaque(length: number): Buffer {
    const start = this.#take(padded(length));
    return this.#bytes.subarray(start, start + length);
  }

  /** A length word of at most `limit`, followed by that many raw bytes and padding. */
  variableOpaque(limit: number): Buffer {
    return this.opaque(this.length(limit, 1));
  }

  string(limit: number): string {
    const length = this.length(limit, 1);
    const start = this.#take(padded(length));
    return utf8Text(this.#bytes, start, start + length);
  }

  /** As `string`, through a table of strings seen before: for the few names that come again and again. */
  internedString(limit: number, interner: Interner): string {
    const length = this.length(limit, 1);
    const start = this.#take(padded(length));
    return interner.text(this.#bytes, start, start + length);
  }

  /** 16 bytes as a lower-case UUID with dashes. */
  uuid(interner?: Interner): string {
    const start = this.#take(16);
    return interner === undefined
      ? uuidText(this.#bytes, start)
      : interner.text(this.#bytes, start, start + 16);
  }

  /**
   * A count word, refused above `limit` and also when the elements, of at least `elementSize` bytes each,
   * cannot be in what is left: a forged count must not make the program allocate.
   */
  length(limit: number, elementSize: number): number {
    const count = this.u32();
    if (count > limit) throw new WireError('decode', `length ${count} is over the limit of ${limit}`);
    if (count * elementSize > this.remaining) {
      throw new WireError('decode', `length ${count} does not fit in the ${this.remaining} bytes left`);
    }
    return count;
  }

  /** Throws when bytes are left: the message is not what its definition says. */
  end(): void {
    if (this.remaining !== 0) throw new WireError('decode', `${this.remaining} bytes too many`);
  }

  #take(size: number): number {
    const offset = this.#offset;
    const next = offset + size;
    if (next > this.#bytes.length) {
      throw new WireError('decode', `${size} bytes wanted, ${this.#bytes.length - offset} left`);
    }
    this.#offset = next;
    return offset;
  }
}

/** `length` rounded up to XDR's unit of 4 bytes. */
export function padded(length: number): number {
  return (length + 3) & ~3;
}

/** The 16 bytes from `start` as a lower-case UUID with dashes. */
export function uuidText(bytes: Buffer, start: number): string {
  let at = 0;
  for (let i = 0; i < 16; i += 1) {
    if (i === 4 || i === 6 || i === 8 || i === 10) at += 1;
    const byte = bytes[start + i] as number;
    uuidForm[at] = hexDigits[byte >> 4] as number;
    uuidForm[at + 1] = hexDigits[byte & 15] as number;
    at += 2;
  }
  // One flat string at once: one made of pieces is put together when it is first looked up in a map.
  return uuidForm.toString('latin1');
}

const hexDigits = Buffer.from('0123456789abcdef');
const uuidForm = Buffer.from('00000000-0000-0000-0000-000000000000');

/** UTF-8 bytes as text. */
export function utf8Text(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, end);
}
