import { ParamType } from '../../wire/typed-params.js';
import { str } from '../../wire/xdr.js';
import { padded } from '../../wire/xdr-reader.js';
import { XdrWriter } from '../../wire/xdr-writer.js';
import type { ParamSink } from './sink.js';

const small = 4;
const large = 8;
const overHighWord = 1 / 0x1_0000_0000;

/** Bytes that are the same in every record of a shape, with holes for numbers, and a text behind them. */
interface Piece {
  readonly bytes: Buffer;
  /** Where each number stands in `bytes`, and how long it is (4 or 8), in pairs. */
  readonly holes: Int32Array;
}

/** How records with the same fields look on the wire: written once, then only the values are filled in. */
export interface Shape {
  readonly pieces: readonly Piece[];
  /** Bytes of all pieces, texts left out. */
  readonly size: number;
}

/** Learns a shape by listening to one record being told. */
export class ShapeLearner implements ParamSink {
  readonly #pieces: Piece[] = [];
  #holes: number[] = [];
  #writer = new XdrWriter();
  #count = 0;

  constructor() {
    // The number of parameters comes first, and is known last.
    this.#writer.u32(0);
  }

  int(field: string): void {
    this.#number(field, ParamType.int, small);
  }

  uint(field: string): void {
    this.#number(field, ParamType.uint, small);
  }

  ullong(field: string): void {
    this.#number(field, ParamType.ullong, large);
  }

  text(field: string): void {
    this.#head(field, ParamType.string);
    this.#cut();
  }

  finish(): Shape {
    this.#cut();
    this.#pieces[0]?.bytes.writeUInt32BE(this.#count, 0);
    return { pieces: this.#pieces, size: this.#pieces.reduce((sum, { bytes }) => sum + bytes.length, 0) };
  }

  #number(field: string, type: ParamType, size: number): void {
    this.#head(field, type);
    this.#holes.push(this.#writer.length, size);
    this.#writer.opaque(new Uint8Array(size));
  }

  #head(field: string, type: ParamType): void {
    str.encode(this.#writer, field);
    this.#writer.i32(type);
    this.#count += 1;
  }

  #cut(): void {
    this.#pieces.push({ bytes: Buffer.from(this.#writer.finish()), holes: Int32Array.from(this.#holes) });
    this.#writer = new XdrWriter();
    this.#holes = [];
  }
}

/** Gathers the values of one record. */
export class ValueCollector implements ParamSink {
  readonly numbers: Float64Array;
  readonly texts: string[] = [];
  count = 0;

  constructor(capacity = 16_384) {
    this.numbers = new Float64Array(capacity);
  }

  restart(): void {
    this.count = 0;
    this.texts.length = 0;
  }

  int(_field: string, value: number): void {
    this.numbers[this.count++] = value;
  }

  uint(_field: string, value: number): void {
    this.numbers[this.count++] = value;
  }

  ullong(_field: string, value: number): void {
    this.numbers[this.count++] = value;
  }

  text(_field: string, value: string): void {
    this.texts.push(value);
  }
}

/**
 * Writes a record's parameters at `offset`; the caller has made room. Returns the offset behind them.
 */
export function writeShape(
  { pieces }: Shape,
  values: ValueCollector,
  bytes: Buffer,
  view: DataView,
  start: number,
): number {
  const { numbers, texts } = values;
  let offset = start;
  let next = 0;
  for (let index = 0; index < pieces.length; index += 1) {
    const piece = pieces[index] as Piece;
    const { holes } = piece;
    bytes.set(piece.bytes, offset);
    for (let hole = 0; hole < holes.length; hole += 2) {
      const at = offset + (holes[hole] as number);
      const value = numbers[next++] as number;
      // The holes are zero already, and so are many counters.
      if (value === 0) continue;
      if (holes[hole + 1] === large) {
        // `>>> 0` takes a number modulo 2^32, exact for every whole number; so is the product.
        view.setUint32(at, Math.floor(value * overHighWord));
        view.setUint32(at + 4, value >>> 0);
      } else view.setUint32(at, value >>> 0);
    }
    offset += piece.bytes.length;
    const text = texts[index];
    if (text !== undefined) offset = writeText(text, bytes, view, offset);
  }
  return offset;
}

/** Bytes that `text` may take on the wire at most. */
export function textRoom(text: string): number {
  return 8 + 3 * text.length;
}

function writeText(text: string, bytes: Buffer, view: DataView, offset: number): number {
  const start = offset + 4;
  let length = text.length;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x80) bytes[start + index] = code;
    else {
      // Names are ASCII nearly always, and short: Buffer.write costs more than the loop.
      length = bytes.write(text, start, 'utf8');
      break;
    }
  }
  view.setUint32(offset, length);
  const end = start + padded(length);
  for (let index = start + length; index < end; index += 1) bytes[index] = 0;
  return end;
}
