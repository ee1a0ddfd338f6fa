import { WireError } from './errors.js';
import { Interner } from './interner.js';
import { utf8Text, uuidText, XdrReader } from './xdr-reader.js';
import { XdrWriter } from './xdr-writer.js';

/** One definition of a value on the wire, for both directions. */
export interface Codec<T> {
  encode(writer: XdrWriter, value: T): void;
  decode(reader: XdrReader): T;
  /** The fewest bytes a value takes: bounds what a count word may claim. */
  readonly minSize: number;
}

export type Value<C> = C extends Codec<infer T> ? T : never;
export type StructValue<F> = { -readonly [K in keyof F]: F[K] extends Codec<infer T> ? T : never };

/** REMOTE_STRING_MAX: the longest string of the protocol, in bytes. */
export const stringLimit = 4_194_304;

export const i32: Codec<number> = {
  encode: (writer, value) => writer.i32(value),
  decode: (reader) => reader.i32(),
  minSize: 4,
};

export const u32: Codec<number> = {
  encode: (writer, value) => writer.u32(value),
  decode: (reader) => reader.u32(),
  minSize: 4,
};

/** An i32 that means yes (1) or no (0). */
export const flag: Codec<boolean> = {
  encode: (writer, value) => writer.i32(value ? 1 : 0),
  decode: (reader) => reader.i32() !== 0,
  minSize: 4,
};

/** Unsigned 64 bits as a number: counters, sizes, times. Exact up to 2^53. */
export const u64: Codec<number> = {
  encode: (writer, value) => writer.u64(toBigInt(value)),
  decode: (reader) => reader.u64Number(),
  minSize: 8,
};

/** Signed 64 bits as a number. Exact within ±2^53. */
export const i64: Codec<number> = {
  encode: (writer, value) => writer.i64(toBigInt(value)),
  decode: (reader) => reader.i64Number(),
  minSize: 8,
};

export const str: Codec<string> = {
  encode: (writer, value) => writer.string(value, stringLimit),
  decode: (reader) => reader.string(stringLimit),
  minSize: 4,
};

export const uuid: Codec<string> = {
  encode: (writer, value) => writer.uuid(value),
  decode: (reader) => reader.uuid(),
  minSize: 16,
};

/** A string that the same peer sends again and again (names of domains, of statistics). */
export function internedStr(capacity?: number): Codec<string> {
  const interner = new Interner(utf8Text, capacity);
  return { ...str, decode: (reader) => reader.internedString(stringLimit, interner) };
}

/** A UUID that the same peer sends again and again. */
export function internedUuid(capacity?: number): Codec<string> {
  const interner = new Interner(uuidText, capacity);
  return { ...uuid, decode: (reader) => reader.uuid(interner) };
}

/** Raw bytes with a length word. */
export function opaque(limit: number): Codec<Uint8Array> {
  return {
    encode(writer, value) {
      writer.count(value.length, limit);
      writer.opaque(value);
    },
    decode: (reader) => reader.variableOpaque(limit),
    minSize: 4,
  };
}

/** rpcgen's `char x<limit>`: a count, then every char in 4 bytes. */
export function charArray(limit: number): Codec<Uint8Array> {
  return {
    encode(writer, value) {
      writer.count(value.length, limit);
      for (const char of value) writer.i32(char);
    },
    decode(reader) {
      const bytes = new Uint8Array(reader.length(limit, 4));
      for (let i = 0; i < bytes.length; i += 1) bytes[i] = reader.i32() & 0xff;
      return bytes;
    },
    minSize: 4,
  };
}

/** rpcgen's `char x[size]` holding text: `size` times 4 bytes, the text ends at the first NUL. */
export function fixedText(size: number): Codec<string> {
  return {
    encode(writer, value) {
      const bytes = Buffer.from(value, 'utf8');
      if (bytes.length >= size)
        throw new WireError('encode', `text of ${bytes.length} bytes, ${size - 1} fit`);
      for (let i = 0; i < size; i += 1) writer.i32(bytes[i] ?? 0);
    },
    decode(reader) {
      const bytes = Buffer.alloc(size);
      for (let i = 0; i < size; i += 1) bytes[i] = reader.i32() & 0xff;
      const end = bytes.indexOf(0);
      return bytes.toString('utf8', 0, end < 0 ? size : end);
    },
    minSize: 4 * size,
  };
}

/** An XDR optional: undefined is absent. */
export function maybe<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    encode(writer, value) {
      writer.u32(value === undefined ? 0 : 1);
      if (value !== undefined) codec.encode(writer, value);
    },
    decode(reader) {
      const present = reader.u32();
      if (present > 1) throw new WireError('decode', `optional marked with ${present}`);
      return present === 1 ? codec.decode(reader) : undefined;
    },
    minSize: 4,
  };
}

/** A counted array. */
export function list<T>(codec: Codec<T>, limit: number): Codec<readonly T[]> {
  return {
    encode(writer, values) {
      writer.count(values.length, limit);
      for (const value of values) codec.encode(writer, value);
    },
    decode(reader) {
      const count = reader.length(limit, codec.minSize);
      const values: T[] = [];
      for (let i = 0; i < count; i += 1) values.push(codec.decode(reader));
      return values;
    },
    minSize: 4,
  };
}

/** Fields one after the other, without framing. */
export function struct<F extends { readonly [K in keyof F]: Codec<never> | Codec<unknown> }>(
  fields: F,
): Codec<StructValue<F>> {
  const entries = Object.entries(fields) as [string, Codec<unknown>][];
  return {
    encode(writer, value) {
      for (const [name, codec] of entries) codec.encode(writer, (value as Record<string, unknown>)[name]);
    },
    decode(reader) {
      const value: Record<string, unknown> = {};
      for (const [name, codec] of entries) value[name] = codec.decode(reader);
      return value as StructValue<F>;
    },
    minSize: entries.reduce((sum, [, codec]) => sum + codec.minSize, 0),
  };
}

/** A codec that is built at its first use: the procedure table costs nothing at start-up. */
export function lazy<T>(build: () => Codec<T>): Codec<T> {
  let built: Codec<T> | undefined;
  const get = () => {
    built ??= build();
    return built;
  };
  return {
    encode: (writer, value) => get().encode(writer, value),
    decode: (reader) => get().decode(reader),
    get minSize() {
      return get().minSize;
    },
  };
}

/** The bytes of a value. */
export function encode<T>(codec: Codec<T>, value: T): Buffer {
  const writer = new XdrWriter();
  codec.encode(writer, value);
  return writer.finish();
}

/** The value of a whole payload: bytes too few or too many are a `decode` error. */
export function decode<T>(codec: Codec<T>, bytes: Buffer, offset = 0): T {
  const reader = new XdrReader(bytes, offset);
  const value = codec.decode(reader);
  reader.end();
  return value;
}

function toBigInt(value: number): bigint {
  if (!Number.isInteger(value)) throw new WireError('encode', `${value} is not a whole number`);
  return BigInt(value);
}
