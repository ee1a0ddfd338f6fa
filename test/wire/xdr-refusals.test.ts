import { describe, expect, it } from 'vitest';
import {
  type Codec,
  charArray,
  decode,
  encode,
  fixedText,
  i32,
  i64,
  list,
  maybe,
  opaque,
  str,
  stringLimit,
  struct,
  u32,
  u64,
  uuid,
} from '../../source/wire/xdr.js';
import { failureOf } from './failure-of.js';

type Loose = Codec<never>;

describe('bytes that are refused', () => {
  const cases: readonly [string, Loose, string][] = [
    ['a short number', u32, '0000'],
    ['a short 64-bit number', u64, '00000000ffff'],
    ['an empty payload', i32, ''],
    ['bytes left over', u32, '0000000000000000'],
    ['a string without its text', str, '00000004'],
    ['a string without its padding', str, '0000000161'],
    ['a string longer than the payload', str, 'ffffffff61626364'],
    ['a string over the limit', str, '00400001'],
    ['a short uuid', uuid, '00'.repeat(15)],
    ['raw bytes over the limit', opaque(2), '00000003010203ff'],
    ['raw bytes cut off', opaque(64), '0000000801020304'],
    ['chars over the limit', charArray(1), '000000020000000100000001'],
    ['chars cut off', charArray(64), '0000000200000001'],
    ['short fixed text', fixedText(2), '00000061'],
    ['an optional that is neither there nor not', maybe(u32), '00000002'],
    ['an optional cut off', maybe(u32), '00000001'],
    ['a list over its limit', list(u32, 1), '000000020000000100000002'],
    ['a list longer than the payload', list(u32, 1000), '0000000300000001'],
    ['a struct cut off', struct({ a: u32, b: u32 }), '00000001'],
  ] as unknown as readonly [string, Loose, string][];

  it.each(cases)('%s', (_, codec, bytes) => {
    expect(failureOf(() => decode(codec, Buffer.from(bytes, 'hex'))).kind).toBe('decode');
  });

  it('does not build a list whose count cannot be true', () => {
    // 16,383 elements of 4 bytes each are claimed, 8 bytes are there: refused before the first is read.
    let read = 0;
    const counted: Codec<number> = {
      encode: i32.encode,
      decode: (reader) => {
        read += 1;
        return reader.i32();
      },
      minSize: 4,
    };
    const bytes = Buffer.from('00003fff0000000100000002', 'hex');
    expect(failureOf(() => decode(list(counted, 16_384), bytes)).kind).toBe('decode');
    expect(read).toBe(0);
  });
});

describe('values that are refused', () => {
  const cases: readonly [string, Loose, unknown][] = [
    ['i32 too large', i32, 0x8000_0000],
    ['i32 too small', i32, -0x8000_0001],
    ['i32 with a fraction', i32, 1.5],
    ['i32 that is no number', i32, Number.NaN],
    ['u32 negative', u32, -1],
    ['u32 too large', u32, 0x1_0000_0000],
    ['u64 negative', u64, -1],
    ['u64 of 2^64', u64, 2 ** 64],
    ['u64 with a fraction', u64, 0.5],
    ['u64 without end', u64, Number.POSITIVE_INFINITY],
    ['i64 of 2^63', i64, 2 ** 63],
    ['a uuid of 15 bytes', uuid, '00'.repeat(15)],
    ['a uuid that is none', uuid, 'vm-1'],
    ['a string over the limit', str, 'x'.repeat(stringLimit + 1)],
    ['raw bytes over the limit', opaque(2), Buffer.alloc(3)],
    ['chars over the limit', charArray(2), Buffer.alloc(3)],
    ['text that does not fit', fixedText(3), 'abc'],
    ['a list over its limit', list(u32, 1), [1, 2]],
  ] as unknown as readonly [string, Loose, unknown][];

  it.each(cases)('%s', (_, codec, value) => {
    expect(failureOf(() => encode(codec, value as never)).kind).toBe('encode');
  });

  it('takes a string of exactly the limit', () => {
    const longest = 'x'.repeat(stringLimit);
    expect(decode(str, encode(str, longest))).toBe(longest);
  });
});
