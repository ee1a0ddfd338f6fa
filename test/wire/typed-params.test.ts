import { describe, expect, it } from 'vitest';
import { ParamType, type TypedParam, typedParams, visitParams } from '../../source/wire/typed-params.js';
import { decode, encode } from '../../source/wire/xdr.js';
import { XdrReader } from '../../source/wire/xdr-reader.js';
import { failureOf } from './failure-of.js';

const codec = typedParams(16);
const every: readonly TypedParam[] = [
  { field: 'int', type: ParamType.int, value: -5 },
  { field: 'uint', type: ParamType.uint, value: 4_000_000_000 },
  { field: 'llong', type: ParamType.llong, value: -5_000_000_000 },
  { field: 'ullong', type: ParamType.ullong, value: 5_000_000_000 },
  { field: 'double', type: ParamType.double, value: 0.25 },
  { field: 'boolean', type: ParamType.boolean, value: true },
  { field: 'string', type: ParamType.string, value: 'virtio' },
];

describe('typed parameters', () => {
  it('carries all seven types', () => {
    const bytes = encode(codec, every);
    expect(decode(codec, bytes)).toEqual(every);
    const visited: unknown[] = [];
    visitParams(new XdrReader(bytes), 16, (field, value) => visited.push([field, value]));
    expect(visited).toEqual(every.map(({ field, value }) => [field, value]));
  });

  it('lies on the wire as field, type, value', () => {
    const bytes = encode(codec, [{ field: 'x', type: ParamType.ullong, value: 1 }]);
    expect(bytes.toString('hex')).toBe('000000010000000178000000000000040000000000000001');
  });

  it.each([0, 8, -1, 0x7fff_ffff])('refuses the unknown type %i', (tag) => {
    const bytes = encode(codec, [{ field: 'x', type: ParamType.int, value: 1 }]);
    bytes.writeInt32BE(tag, 12);
    expect(failureOf(() => decode(codec, bytes)).kind).toBe('decode');
    expect(failureOf(() => visitParams(new XdrReader(bytes), 16, () => {})).kind).toBe('decode');
  });

  it('refuses more than the limit, both ways', () => {
    const many = Array.from({ length: 3 }, () => every[0] as TypedParam);
    expect(failureOf(() => encode(typedParams(2), many)).kind).toBe('encode');
    expect(failureOf(() => decode(typedParams(2), encode(typedParams(3), many))).kind).toBe('decode');
  });

  it('refuses a count that cannot be true', () => {
    const bytes = encode(codec, every);
    bytes.writeUInt32BE(16, 0);
    expect(failureOf(() => decode(codec, bytes)).kind).toBe('decode');
  });

  it.each([
    ['a fraction', ParamType.ullong, 1.5],
    ['a negative size', ParamType.ullong, -1],
    ['a word', ParamType.llong, 'many'],
    ['a word for a small number', ParamType.int, 'many'],
    ['a number above 32 bits', ParamType.uint, 2 ** 32],
  ] as const)('refuses to send %s as a number', (_, type, value) => {
    expect(failureOf(() => encode(codec, [{ field: 'x', type, value }])).kind).toBe('encode');
  });

  it('refuses to send a type that does not exist', () => {
    const param = { field: 'x', type: 9, value: 1 } as unknown as TypedParam;
    expect(failureOf(() => encode(codec, [param])).kind).toBe('encode');
  });
});
