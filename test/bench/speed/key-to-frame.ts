import { setTimeout as delay } from 'node:timers/promises';
import { type Bench, median, quantile } from './figures.js';
import { Recording, replay } from './recording.js';
import { selectedRow } from './screen-cells.js';

/**
 * Time from a key's write to the pseudo-terminal until the bytes had arrived that show the selection moved.
 * Keys come at uneven times while statistics arrive, so that some meet a tick.
 */
export async function keyToFrame(bench: Bench, presses: number): Promise<void> {
  await using recording = new Recording(bench);
  // Past the first frames, and past what the compiler does in the first seconds.
  await delay(6000);
  const sent: number[] = [];
  const settled = recording.chunks.length;
  for (let press = 0; press < presses; press += 1) {
    // Down, then up again, within the screen: no press is lost at an end of the list.
    const down = Math.floor(press / 8) % 2 === 0;
    sent.push(recording.send(down ? 'j' : 'k'));
    await recording.output(1000);
    await delay(40 + Math.random() * 80);
  }
  const changes: { at: number; row: number }[] = [];
  for await (const { chunk, screen } of replay(recording.chunks)) {
    changes.push({ at: chunk.at, row: selectedRow(screen) });
  }
  const times = sent.map((at, press) => {
    const before = changes.findLast((change) => change.at < at)?.row;
    const until = sent[press + 1] ?? Number.POSITIVE_INFINITY;
    const moved = changes.find(
      (change) => change.at >= at && change.at < until && change.row !== before && change.row !== -1,
    );
    return moved === undefined ? Number.NaN : moved.at - at;
  });
  const seen = times.filter((time) => !Number.isNaN(time));
  if (seen.length < presses * 0.95) throw new Error(`${presses - seen.length} presses moved nothing`);
  const frames = recording.chunks.length - settled;
  if (frames < presses) throw new Error(`${frames} frames for ${presses} keys`);
  const at = `${bench.domains} domains`;
  bench.report({ name: `key to frame, median, ${at}`, value: median(seen), unit: 'ms', goal: null });
  bench.report({ name: `key to frame, p95, ${at}`, value: quantile(seen, 0.95), unit: 'ms', goal: 16 });
  bench.report({ name: `key to frame, worst, ${at}`, value: quantile(seen, 1), unit: 'ms', goal: null });
}
