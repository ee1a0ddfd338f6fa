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
});
