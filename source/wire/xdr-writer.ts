import { WireError } from './errors.js';
import { padded } from './xdr-reader.js';

/** Builds one message's payload; grows by doubling. */
export class XdrWriter {
  #bytes: Buffer;
  #offset = 0;

  constructor(capacity = 256) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#offset;
  }

  u32(value: number): void {
    checkRange(value, 0, 0xffff_ffff);
    const offset = this.#grow(4);
    this.#bytes.writeUInt32BE(value, offset);
  }

  i32(value: number): void {
    checkRange(value, -0x8000_0000, 0x7fff_ffff);
    const offset = this.#grow(4);
    this.#bytes.writeInt32BE(value, offset);
  }

  u64(value: bigint): void {
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw outOfRange(value);
    const offset = this.#grow(8);
    this.#bytes.writeBigUInt64BE(value, offset);
  }

  i64(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw outOfRange(value);
    const offset = this.#grow(8);
    this.#bytes.writeBigInt64BE(value, offset);
  }

  f64(value: number): void {
    const offset = this.#grow(8);
    this.#bytes.writeDoubleBE(value, offset);
  }

  /** Raw bytes and padding, without a length word. */
  opaque(value: Uint8Array): void {
    const size = padded(value.length);
    const offset = this.#grow(size);
    this.#bytes.set(value, offset);
    this.#bytes.fill(0, offset + value.length, offset + size);
  }

  string(value: string, limit: number): void {
    const bytes = Buffer.from(value, 'utf8');
    this.count(bytes.length, limit);
    this.opaque(bytes);
  }

  /** A length word; over the limit it is an `encode` error (the daemon would drop the connection). */
  count(value: number, limit: number): void {
    if (value > limit) throw new WireError('encode', `length ${value} is over the limit of ${limit}`);
    this.u32(value);
  }

  uuid(value: string): void {
    const bytes = Buffer.from(value.replaceAll('-', ''), 'hex');
    if (bytes.length !== 16) throw new WireError('encode', `not a UUID: ${value}`);
    this.opaque(bytes);
  }

  /** What was written; a view, valid until the next write. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#offset);
  }

  /** Makes room and returns where it begins. Replaces `#bytes`: call it before taking hold of them. */
  #grow(size: number): number {
    const offset = this.#offset;
    const wanted = offset + size;
    if (wanted > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(wanted, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, offset);
      this.#bytes = larger;
    }
    this.#offset = wanted;
    return offset;
  }
}

function checkRange(value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) throw outOfRange(value);
}

function outOfRange(value: number | bigint): WireError {
  return new WireError('encode', `${value} is out of range`);
}
