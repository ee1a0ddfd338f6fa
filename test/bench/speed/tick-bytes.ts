import { type Chunk, framesOf, replay } from './recording.js';
import type { Screen } from './screen-cells.js';
import { changedCells, smallestUpdate } from './smallest-update.js';

/** What one tick wrote, and what it had to. */
export interface TickBytes {
  readonly bytes: number;
  readonly smallest: number;
  readonly cells: number;
}

/** The ticks among the chunks from `first` on: what comes together belongs to one. */
export async function tickBytes(
  chunks: readonly Chunk[],
  first: number,
  interval: number,
): Promise<TickBytes[]> {
  const ticks: TickBytes[] = [];
  for await (const { bytes, before, after } of changes(chunks, first, interval / 4)) {
    const cells = changedCells(before, after).length;
    ticks.push({ bytes, smallest: smallestUpdate(before, after), cells });
  }
  if (ticks.length === 0) throw new Error('no tick wrote anything');
  return ticks;
}

/** All bytes of the chunks from `first` on, and how many cells they changed. */
export async function idleBytes(
  chunks: readonly Chunk[],
  first: number,
): Promise<Pick<TickBytes, 'bytes' | 'cells'>> {
  const sum = { bytes: 0, cells: 0 };
  for await (const { bytes, before, after } of changes(chunks, first, 1)) {
    sum.bytes += bytes;
    sum.cells += changedCells(before, after).length;
  }
  return sum;
}

async function* changes(
  chunks: readonly Chunk[],
  first: number,
  gap: number,
): AsyncGenerator<{ readonly bytes: number; readonly before: Screen; readonly after: Screen }> {
  const earlier: Chunk = {
    at: 0,
    data: chunks
      .slice(0, first)
      .map(({ data }) => data)
      .join(''),
  };
  let before: Screen | undefined;
  for await (const { chunk, screen } of replay([earlier, ...framesOf(chunks.slice(first), gap)])) {
    if (before !== undefined) yield { bytes: Buffer.byteLength(chunk.data), before, after: screen };
    before = screen;
  }
}
