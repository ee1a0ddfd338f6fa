import { WireError } from './errors.js';
import { type Codec, i64, internedStr, str, u64 } from './xdr.js';
import type { XdrReader } from './xdr-reader.js';
import type { XdrWriter } from './xdr-writer.js';

/** virTypedParameterType. */
export const ParamType = { int: 1, uint: 2, llong: 3, ullong: 4, double: 5, boolean: 6, string: 7 } as const;

export type ParamType = (typeof ParamType)[keyof typeof ParamType];

/** One of libvirt's self-describing values. 64-bit numbers are exact up to 2^53. */
export interface TypedParam {
  readonly field: string;
  readonly type: ParamType;
  readonly value: number | boolean | string;
}

/** Called for each parameter of a message, in order. */
export type ParamVisitor = (field: string, value: number | boolean | string) => void;

interface ParamCodec {
  encode(writer: XdrWriter, value: number | boolean | string): void;
  decode(reader: XdrReader): number | boolean | string;
}

const byType: Readonly<Record<ParamType, ParamCodec>> = {
  [ParamType.int]: { encode: (w, v) => w.i32(Number(v)), decode: (r) => r.i32() },
  [ParamType.uint]: { encode: (w, v) => w.u32(Number(v)), decode: (r) => r.u32() },
  [ParamType.llong]: { encode: (w, v) => i64.encode(w, Number(v)), decode: (r) => r.i64Number() },
  [ParamType.ullong]: { encode: (w, v) => u64.encode(w, Number(v)), decode: (r) => r.u64Number() },
  [ParamType.double]: { encode: (w, v) => w.f64(Number(v)), decode: (r) => r.f64() },
  [ParamType.boolean]: { encode: (w, v) => w.i32(v === true ? 1 : 0), decode: (r) => r.i32() !== 0 },
  [ParamType.string]: { encode: (w, v) => str.encode(w, String(v)), decode: (r) => str.decode(r) },
};

const fieldName = internedStr(8192);
/** Field (4 bytes at least), tag, and the smallest value. */
const paramMinSize = 12;

/** A counted list of typed parameters. */
export function typedParams(limit: number): Codec<readonly TypedParam[]> {
  return {
    encode(writer, params) {
      writer.count(params.length, limit);
      for (const { field, type, value } of params) {
        if (!(type in byType)) throw new WireError('encode', `typed parameter of the unknown type ${type}`);
        fieldName.encode(writer, field);
        writer.i32(type);
        byType[type].encode(writer, value);
      }
    },
    decode(reader) {
      const params: TypedParam[] = [];
      const count = reader.length(limit, paramMinSize);
      for (let i = 0; i < count; i += 1) {
        const field = fieldName.decode(reader);
        const type = paramType(reader);
        params.push({ field, type, value: byType[type].decode(reader) });
      }
      return params;
    },
    minSize: 4,
  };
}

/**
 * Reads a counted list of typed parameters without building it: bulk answers hold 25 of them for each of
 * up to 16,384 domains.
 */
export function visitParams(reader: XdrReader, limit: number, visit: ParamVisitor): void {
  const count = reader.length(limit, paramMinSize);
  for (let i = 0; i < count; i += 1) {
    const field = fieldName.decode(reader);
    const type = paramType(reader);
    // The two types that nearly every statistic has, without the detour through the table.
    if (type === ParamType.ullong) visit(field, reader.u64Number());
    else if (type === ParamType.uint) visit(field, reader.u32());
    else visit(field, byType[type].decode(reader));
  }
}

function paramType(reader: XdrReader): ParamType {
  const tag = reader.i32();
  if (!(tag >= ParamType.int && tag <= ParamType.string)) {
    throw new WireError('decode', `typed parameter of the unknown type ${tag}`);
  }
  return tag as ParamType;
}
