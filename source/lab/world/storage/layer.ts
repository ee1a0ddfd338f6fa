import { seedFor } from '../random.js';
import { blockSize } from './block-store.js';

/** Data and holes of a thin file take turns in pieces of this size. */
export const extent = 1024 ** 2;
const blocksPerExtent = extent / blockSize;

/** Contents that need no memory: what a file had before anybody wrote to it. */
export interface Layer {
  /** Bytes from the beginning of the file. */
  readonly end: number;
  /** Absent: zeros that are allocated. */
  readonly seed: number | undefined;
  /** The share that is data, not hole. */
  readonly density: number;
}

/** A block in the making: written as numbers, read as bytes. */
const numbers = new Int32Array(blockSize / 4);
const bytesOfNumbers = new Uint8Array(numbers.buffer);

/** True when a block of a layer is data. */
export function isData({ end, density }: Layer, block: number): boolean {
  if (block * blockSize >= end) return false;
  if (density >= 1) return true;
  const index = Math.floor(block / blocksPerExtent);
  return Math.ceil((index + 1) * density) > Math.ceil(index * density);
}

/** The number of the first block after `block` that may differ from it in being data or hole. */
export function nextChange({ end, density }: Layer, block: number): number {
  const blocks = Math.ceil(end / blockSize);
  if (block >= blocks) return Number.POSITIVE_INFINITY;
  return density >= 1
    ? blocks
    : Math.min(blocks, (Math.floor(block / blocksPerExtent) + 1) * blocksPerExtent);
}

/** Writes a block of a layer: numbers that follow from its seed and place alone, zeros after its end. */
export function fillBlock({ end, seed }: Layer, block: number, target: Buffer): void {
  const length = Math.max(0, Math.min(blockSize, end - block * blockSize));
  if (seed === undefined || length === 0) {
    target.fill(0);
    return;
  }
  let state = seedFor(seed, block) | 1;
  for (let index = 0; index < numbers.length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    numbers[index] = state;
  }
  target.set(bytesOfNumbers);
  target.fill(0, length);
}
