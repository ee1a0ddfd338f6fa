import { describe, expect, it } from 'vitest';
import {
  type Codec,
  charArray,
  decode,
  encode,
  fixedText,
  flag,
  i32,
  i64,
  internedStr,
  internedUuid,
  lazy,
  list,
  maybe,
  opaque,
  str,
  struct,
  u32,
  u64,
  uuid,
} from '../../source/wire/xdr.js';

const hex = (bytes: Buffer) => bytes.toString('hex');
const dashed = '0f0e0d0c-0b0a-4908-8706-050403020100';

describe('values on the wire', () => {
  const cases: readonly [string, Codec<never>, unknown, string][] = [
    ['i32 zero', i32, 0, '00000000'],
    ['i32 -1', i32, -1, 'ffffffff'],
    ['i32 smallest', i32, -0x8000_0000, '80000000'],
    ['i32 largest', i32, 0x7fff_ffff, '7fffffff'],
    ['u32 largest', u32, 0xffff_ffff, 'ffffffff'],
    ['flag yes', flag, true, '00000001'],
    ['flag no', flag, false, '00000000'],
    ['u64 above 32 bits', u64, 0x1_0000_0002, '0000000100000002'],
    ['u64 exact limit', u64, Number.MAX_SAFE_INTEGER, '001fffffffffffff'],
    ['i64 -1', i64, -1, 'ffffffffffffffff'],
    ['i64 below -2^32', i64, -0x1_0000_0001, 'fffffffeffffffff'],
    ['i64 smallest exact', i64, -Number.MAX_SAFE_INTEGER, 'ffe0000000000001'],
    ['i64 smallest of all', i64, -(2 ** 63), '8000000000000000'],
    ['empty string', str, '', '00000000'],
    ['string of one padding byte', str, 'abc', '0000000361626300'],
    ['string without padding', str, 'abcd', '0000000461626364'],
    ['string counted in bytes, not characters', str, 'né仮', '000000066ec3a9e4bbae0000'],
    ['string outside the basic plane', str, '🖥', '00000004f09f96a5'],
    ['uuid', uuid, dashed, '0f0e0d0c0b0a49088706050403020100'],
    ['raw bytes', opaque(8), Buffer.from([1, 2, 3, 4, 5]), '000000050102030405000000'],
    ['chars in four bytes each', charArray(4), Uint8Array.of(1, 255), '0000000200000001000000ff'],
    ['fixed text', fixedText(4), 'ab', '00000061000000620000000000000000'],
    ['absent', maybe(u32), undefined, '00000000'],
    ['present', maybe(u32), 7, '0000000100000007'],
    ['empty list', list(u32, 3), [], '00000000'],
    ['list', list(u32, 3), [1, 2], '000000020000000100000002'],
    ['nothing', struct({}), {}, ''],
    ['fields in order', struct({ b: u32, a: str }), { b: 1, a: 'x' }, '000000010000000178000000'],
    ['a codec built at first use', lazy(() => struct({ n: i32 })), { n: 3 }, '00000003'],
  ] as unknown as readonly [string, Codec<never>, unknown, string][];

  it.each(cases)('%s', (_, codec, value, bytes) => {
    expect(hex(encode(codec, value as never))).toBe(bytes);
    expect(decode(codec, Buffer.from(bytes, 'hex'))).toEqual(value);
  });

  it('takes a negative char as the byte that rpcgen means by it', () => {
    expect(decode(charArray(1), Buffer.from('00000001ffffffff', 'hex'))).toEqual(Uint8Array.of(255));
  });

  it('fills fixed text without a NUL to its end', () => {
    const bytes = Buffer.from('00000061000000620000006300000064', 'hex');
    expect(decode(fixedText(4), bytes)).toBe('abcd');
  });

  it('reads counters above 2^53 as the nearest number', () => {
    expect(decode(u64, Buffer.from('ffffffffffffffff', 'hex'))).toBe(2 ** 64);
    expect(decode(u64, Buffer.from('8000000000000000', 'hex'))).toBe(2 ** 63);
  });

  it('turns bytes that are no UTF-8 into replacement characters', () => {
    expect(decode(str, Buffer.from('00000003ff41fe00', 'hex'))).toBe('\ufffdA\ufffd');
  });

  it('accepts UUIDs in capitals and without dashes, and returns them in lower case', () => {
    const bytes = encode(uuid, dashed.replaceAll('-', '').toUpperCase());
    expect(decode(uuid, bytes)).toBe(dashed);
  });

  it('decodes from an offset on', () => {
    expect(decode(u32, Buffer.from('ffffffff00000005', 'hex'), 4)).toBe(5);
  });

  it('gives the same text for the same bytes, again and again', () => {
    const name = internedStr(4);
    const id = internedUuid(4);
    for (let round = 0; round < 20; round += 1) {
      const text = `vm-${round % 6}`;
      expect(decode(name, encode(name, text))).toBe(text);
      const other = dashed.replace('0f', `0${round % 6}`);
      expect(decode(id, encode(id, other))).toBe(other);
    }
  });

  it('grows its buffer as much as a value needs', () => {
    const long = 'x'.repeat(1_000_001);
    const codec = struct({ a: str, b: list(str, 10), c: u32 });
    const value = { a: long, b: [long, 'y', long], c: 9 };
    expect(decode(codec, encode(codec, value))).toEqual(value);
  });
});
