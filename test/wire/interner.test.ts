import { describe, expect, it } from 'vitest';
import { Interner } from '../../source/wire/interner.js';

describe('texts that come again', () => {
  it('are decoded once', () => {
    let decoded = 0;
    const interner = new Interner((bytes, start, end) => {
      decoded += 1;
      return bytes.toString('utf8', start, end);
    });
    const bytes = Buffer.from('cpu.time cpu.time');
    expect(interner.text(bytes, 0, 8)).toBe('cpu.time');
    expect(interner.text(bytes, 9, 17)).toBe('cpu.time');
    expect(decoded).toBe(1);
  });

  it('are told apart even when they have the same hash', () => {
    const interner = new Interner((bytes, start, end) => bytes.toString('utf8', start, end));
    // Two words with one 32-bit FNV-1a value.
    for (const word of ['costarring', 'liquid', 'costarring']) {
      expect(interner.text(Buffer.from(word), 0, word.length)).toBe(word);
    }
  });

  it('do not stay when the bytes are reused for something else', () => {
    const interner = new Interner((bytes, start, end) => bytes.toString('utf8', start, end));
    const bytes = Buffer.from('one');
    expect(interner.text(bytes, 0, 3)).toBe('one');
    bytes.write('two');
    expect(interner.text(bytes, 0, 3)).toBe('two');
    expect(interner.text(Buffer.from('one'), 0, 3)).toBe('one');
  });

  it('are forgotten rather than piled up by a peer that always sends new ones', () => {
    let decoded = 0;
    const interner = new Interner((bytes, start, end) => {
      decoded += 1;
      return bytes.toString('utf8', start, end);
    }, 4);
    for (const text of ['a', 'b', 'c', 'd', 'e', 'a']) interner.text(Buffer.from(text), 0, 1);
    expect(decoded).toBe(6);
  });

  it('are not kept when they are long: a forged name must not fill the memory', () => {
    let decoded = 0;
    const interner = new Interner((bytes, start, end) => {
      decoded += 1;
      return bytes.toString('utf8', start, end);
    });
    const long = Buffer.alloc(100_000, 'x');
    interner.text(long, 0, long.length);
    interner.text(long, 0, long.length);
    expect(decoded).toBe(2);
  });

  it('that are made to collide are told apart, and only a few of them are kept to walk past', () => {
    let decoded = 0;
    const interner = new Interner((bytes, start, end) => {
      decoded += 1;
      return bytes.toString('utf8', start, end);
    });
    const names = colliding(10);
    for (let pass = 0; pass < 2; pass += 1)
      for (const name of names) expect(interner.text(Buffer.from(name), 0, name.length)).toBe(name);
    expect(names).toHaveLength(1024);
    expect(decoded).toBeGreaterThan(2 * names.length - 20);
  });
});

/** 2^n texts of one FNV-1a value: at each step either of two pieces leads to the same value. */
function colliding(steps: number): readonly string[] {
  let state = 0x811c9dc5;
  let names = [''];
  for (let step = 0; step < steps; step += 1) {
    const seen = new Map<number, string>();
    for (let number = 0; ; number += 1) {
      const piece = number.toString(36).padStart(4, '0');
      const next = [...piece].reduce((hash, c) => Math.imul(hash ^ c.charCodeAt(0), 0x01000193), state);
      const other = seen.get(next);
      if (other !== undefined) {
        names = names.flatMap((name) => [name + piece, name + other]);
        state = next;
        break;
      }
      seen.set(next, piece);
    }
  }
  return names;
}
