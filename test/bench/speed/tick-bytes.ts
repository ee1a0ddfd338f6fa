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

/** Bytes and changed cells of each interval that ends between two times, written to or not. */
export async function idleTicks(
  chunks: readonly Chunk[],
  from: number,
  until: number,
  interval: number,
): Promise<Pick<TickBytes, 'bytes' | 'cells'>[]> {
  const ticks = Array.from({ length: Math.floor((until - from) / interval) }, () => ({ bytes: 0, cells: 0 }));
  const first = chunks.filter(({ at }) => at < from).length;
  for await (const { at, bytes, before, after } of changes(chunks, first, 1)) {
    const tick = ticks[Math.floor((at - from) / interval)];
    if (tick === undefined) continue;
    tick.bytes += bytes;
    tick.cells += changedCells(before, after).length;
  }
  return ticks;
}

async function* changes(
  chunks: readonly Chunk[],
  first: number,
  gap: number,
): AsyncGenerator<{
  readonly at: number;
  readonly bytes: number;
  readonly before: Screen;
  readonly after: Screen;
}> {
  const earlier: Chunk = {
    at: 0,
    data: chunks
      .slice(0, first)
      .map(({ data }) => data)
      .join(''),
  };
  let before: Screen | undefined;
  for await (const { chunk, screen } of replay([earlier, ...framesOf(chunks.slice(first), gap)])) {
    if (before !== undefined)
      yield { at: chunk.at, bytes: Buffer.byteLength(chunk.data), before, after: screen };
    before = screen;
  }
}
