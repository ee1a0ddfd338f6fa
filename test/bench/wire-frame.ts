/**
 * Time to put together a reply of 20 MB (all statistics of some thousand domains) that arrives in pieces of
 * various sizes: `npx tsx test/bench/wire-frame.ts`. The times of one length must hardly differ per byte.
 */
import { encodeFrame, FrameReader, headerSize, MessageType, Program } from '../../source/wire/framing.js';

const rounds = 5;

for (const length of [10_000_000, 20_000_000]) {
  const frame = encodeFrame(
    { program: Program.remote, procedure: 344, type: MessageType.reply, serial: 1, status: 0 },
    Buffer.alloc(length - headerSize),
  );
  for (const size of [65_536, 1000, 100]) {
    const times = Array.from({ length: rounds }, () => milliseconds(frame, size)).sort((a, b) => a - b);
    const median = times[Math.floor(rounds / 2)] as number;
    const perByte = ((median * 1e6) / length).toFixed(2);
    console.log(
      `${length / 1e6} MB in pieces of ${size} bytes: ${median.toFixed(0)} ms, ${perByte} ns per byte`,
    );
  }
}

function milliseconds(frame: Buffer, size: number): number {
  const reader = new FrameReader();
  const start = performance.now();
  let frames = 0;
  for (let offset = 0; offset < frame.length; offset += size) {
    for (const _ of reader.push(frame.subarray(offset, offset + size))) frames += 1;
  }
  if (frames !== 1) throw new Error(`${frames} messages instead of one`);
  return performance.now() - start;
}
