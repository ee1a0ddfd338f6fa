import { WireError } from '../../source/wire/errors.js';
import type { Codec } from '../../source/wire/xdr.js';
import type { XdrReader } from '../../source/wire/xdr-reader.js';
import type { Random } from './random.js';

const texts = ['', 'a', 'vm-1', 'née', '仮想', '🖥', 'x'.repeat(33), 'state.state', 'cpu.time', 'a\u0000b'];

/**
 * A value that `codec` can carry, whatever the codec is: its own decoder is run on a reader that makes values
 * up instead of reading them.
 */
export function randomValue<T>(codec: Codec<T>, random: Random): T {
  for (;;) {
    try {
      return codec.decode(new InventedReader(random) as unknown as XdrReader);
    } catch (error) {
      // A made-up number that is no parameter type or no "present" mark: another try.
      if (!(error instanceof WireError)) throw error;
    }
  }
}

/** The reading half of XDR, with invented answers; small numbers are frequent, since tags and marks are small. */
class InventedReader {
  readonly remaining = 0;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  u32(): number {
    return this.#random.chance(0.95) ? this.#random.int(0, 1) : this.#random.int(0, 0xffff_ffff);
  }

  i32(): number {
    const random = this.#random;
    // Zeros are frequent: one ends a fixed text.
    if (random.chance(0.95)) return Math.max(0, random.int(-3, 7));
    // The bytes of a fixed text come this way too: beyond ASCII they would be more when they are written again.
    return random.int(-0x8000_0000, 0x7fff_ffff) & ~0x80;
  }

  u64Number(): number {
    return this.#random.int(0, Number.MAX_SAFE_INTEGER);
  }

  i64Number(): number {
    return this.#random.int(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  }

  f64(): number {
    return this.#random.fraction() * 1000 - 500;
  }

  variableOpaque(limit: number): Buffer {
    return this.#random.bytes(this.#random.int(0, Math.min(limit, 9)));
  }

  string(): string {
    return this.#random.pick(texts);
  }

  internedString(): string {
    return this.string();
  }

  uuid(): string {
    const hex = this.#random.bytes(16).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  length(limit: number): number {
    return this.#random.int(0, Math.min(limit, 3));
  }
}
