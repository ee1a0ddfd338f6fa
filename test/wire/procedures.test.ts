import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { domainEvents, objectEvents } from '../../source/wire/events.js';
import { Program } from '../../source/wire/framing.js';
import type { Procedure } from '../../source/wire/procedure.js';
import { procedures } from '../../source/wire/procedures.js';
import { type Codec, decode, encode } from '../../source/wire/xdr.js';
import { Random } from './random.js';
import { randomValue } from './random-values.js';

const table = Object.entries(procedures as unknown as Record<string, Procedure<unknown, unknown>>);
const messages = Object.entries({ ...domainEvents, ...objectEvents });

/** Numbers of remote_protocol.x, for names from every part of the table. */
const numbers = {
  CONNECT_OPEN: 1,
  CONNECT_CLOSE: 2,
  NODE_GET_INFO: 6,
  DOMAIN_CREATE_XML: 10,
  DOMAIN_GET_XML_DESC: 14,
  DOMAIN_SUSPEND: 34,
  DOMAIN_LOOKUP_BY_NAME: 23,
  CONNECT_SUPPORTS_FEATURE: 60,
  AUTH_LIST: 66,
  AUTH_POLKIT: 70,
  STORAGE_POOL_REFRESH: 83,
  STORAGE_VOL_CREATE_XML: 93,
  CONNECT_GET_LIB_VERSION: 157,
  DOMAIN_MANAGED_SAVE: 182,
  DOMAIN_CREATE_WITH_FLAGS: 196,
  DOMAIN_OPEN_CONSOLE: 201,
  STORAGE_VOL_UPLOAD: 208,
  STORAGE_VOL_DOWNLOAD: 209,
  DOMAIN_SCREENSHOT: 211,
  DOMAIN_GET_STATE: 212,
  NODE_GET_CPU_STATS: 227,
  DOMAIN_DESTROY_FLAGS: 234,
  CONNECT_LIST_ALL_DOMAINS: 273,
  CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY: 316,
  CONNECT_GET_ALL_DOMAIN_STATS: 344,
  DOMAIN_DEFINE_XML_FLAGS: 350,
  DOMAIN_INTERFACE_ADDRESSES: 353,
  CONNECT_REGISTER_CLOSE_CALLBACK: 360,
} satisfies Partial<Record<keyof typeof procedures, number>>;

describe('the table of procedures', () => {
  it('has libvirt’s numbers', () => {
    const own = Object.keys(numbers).map((name) => [name, procedures[name as keyof typeof numbers].number]);
    expect(Object.fromEntries(own)).toEqual(numbers);
  });

  it('uses each number once in its program', () => {
    const used = [...table, ...messages].map(([, { program, number }]) => `${program}/${number}`);
    expect(new Set(used).size).toBe(used.length);
  });

  it('holds no procedure without a caller, in the program, its lab or another test', async () => {
    const files = [...filesBelow('source'), ...filesBelow('test')].filter(
      (path) => !/(wire.procedures.|procedures\.test\.ts$)/.test(path),
    );
    const texts = await Promise.all(files.map((path) => readFile(path, 'utf8')));
    const called = new Set(texts.flatMap((text) => text.match(/\b[A-Z][A-Z0-9_]+\b/g) ?? []));
    expect(table.map(([name]) => name).filter((name) => !called.has(name))).toEqual([]);
  });

  it('is of the program remote', () => {
    for (const [name, { program }] of table) expect(program, name).toBe(Program.remote);
  });

  it('has every domain event at its own id, 0 to 27', () => {
    expect(Object.values(domainEvents).map(({ id }) => id)).toEqual(
      Array.from({ length: 28 }, (_, id) => id),
    );
  });
});

describe('what goes over the wire comes back as it was sent', () => {
  it('the arguments of every procedure', () => {
    for (const [name, { args }] of table) expectRoundTrips(name, args);
  });

  it('the answer of every procedure', () => {
    for (const [name, { ret }] of table) expectRoundTrips(name, ret);
  });

  it('every event message', () => {
    for (const [name, { body }] of messages) expectRoundTrips(name, body as Codec<unknown>);
  });
});

function expectRoundTrips(name: string, codec: Codec<unknown>): void {
  const random = new Random(name.length);
  for (let round = 0; round < 20; round += 1) {
    const value = randomValue(codec, random);
    const bytes = encode(codec, value);
    expect(bytes.length % 4, name).toBe(0);
    expect(bytes.length, name).toBeGreaterThanOrEqual(codec.minSize);
    const again = decode(codec, Buffer.from(bytes));
    expect(again, name).toEqual(value);
    expect(encode(codec, again), name).toEqual(bytes);
  }
}

function filesBelow(folder: string): string[] {
  const names = readdirSync(join(import.meta.dirname, '../..', folder), {
    recursive: true,
    encoding: 'utf8',
  });
  return names
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(import.meta.dirname, '../..', folder, name));
}
