import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { statsAnswer } from '../../source/libvirt/remote/stats-decoder.js';
import { Channel } from '../../source/wire/channel.js';
import { RemoteError, WireError } from '../../source/wire/errors.js';
import { domainEvents } from '../../source/wire/events.js';
import { type Frame, FrameReader } from '../../source/wire/framing.js';
import type { Procedure } from '../../source/wire/procedure.js';
import { procedures } from '../../source/wire/procedures.js';
import { type Codec, decode } from '../../source/wire/xdr.js';
import { mutated, type Sample, samples } from './fuzz-cases.js';
import { Random } from './random.js';

const cases = 100_000;
const casesPerChannel = 25;
/** Of the whole run; without a leak it needs a small part of it. */
const memoryCap = 300 * 1024 * 1024;

const all = samples();
const decoders: readonly Codec<unknown>[] = [
  ...all.flatMap(({ codec }) => codec ?? []),
  statsAnswer as Codec<unknown>,
];
const table = Object.values(procedures as unknown as Record<string, Procedure<unknown, unknown>>);

describe('a peer that sends anything at all', () => {
  it('gets typed errors or is understood; nothing crashes, hangs or grows', {
    timeout: 180_000,
  }, async () => {
    const before = usedMemory();
    const outcomes = { decoded: 0, refused: 0, frames: 0, unreadable: 0, settled: 0 };
    let bench: ChannelBench | undefined;
    for (let seed = 0; seed < cases; seed += 1) {
      const random = new Random(seed);
      const sample = random.pick(all);
      const bytes = caseBytes(sample, random);
      const pieces = random.split(bytes, random.pick([3, 40, 100_000]));
      try {
        readFrames(pieces, sample, random, outcomes);
        if (bench?.usable !== true || seed % casesPerChannel === 0) {
          outcomes.settled += (await bench?.end()) ?? 0;
          bench = new ChannelBench(random);
        }
        bench.receive(pieces);
      } catch (error) {
        throw new Error(`seed ${seed} (${sample.name}): ${(error as Error).stack}`, { cause: error });
      }
      if (seed % 5000 === 0) {
        expect(usedMemory() - before, `bytes in use after seed ${seed}`).toBeLessThan(memoryCap);
      }
    }
    outcomes.settled += (await bench?.end()) ?? 0;
    // Both ways out are really taken: a fuzzer that only meets one of them tests nothing.
    expect(outcomes.decoded).toBeGreaterThan(cases / 20);
    expect(outcomes.refused).toBeGreaterThan(cases / 20);
    expect(outcomes.frames).toBeGreaterThan(cases / 4);
    expect(outcomes.unreadable).toBeGreaterThan(cases / 100);
    expect(outcomes.settled).toBeGreaterThan(cases / 20);
  });
});

/** Mostly damaged messages, sometimes good ones or noise, sometimes several in a row. */
function caseBytes(sample: Sample, random: Random): Buffer {
  const kind = random.fraction();
  if (kind < 0.1) return random.bytes(random.int(0, 80));
  if (kind < 0.2) return sample.frame;
  if (kind < 0.3) return Buffer.concat([sample.frame, mutated(random.pick(all).frame, random)]);
  return mutated(sample.frame, random);
}

/** Reads the pieces as messages, and each payload as what it should be and as something else. */
function readFrames(
  pieces: readonly Buffer[],
  sample: Sample,
  random: Random,
  outcomes: { decoded: number; refused: number; frames: number; unreadable: number },
): void {
  const reader = new FrameReader();
  const frames: Frame[] = [];
  const readable = typed(() => {
    for (const piece of pieces) frames.push(...reader.push(piece));
  }, 'protocol');
  if (!readable) outcomes.unreadable += 1;
  outcomes.frames += frames.length;
  for (const { payload } of frames) {
    for (const codec of [sample.codec, random.pick(decoders)]) {
      if (codec === undefined) continue;
      if (typed(() => decode(codec, payload), 'decode')) outcomes.decoded += 1;
      else outcomes.refused += 1;
    }
  }
}

/** True when `action` worked, false for a WireError of that kind; anything else is a failure of the test. */
function typed(action: () => unknown, kind: WireError['kind']): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof WireError && error.kind === kind) return false;
    throw error;
  }
}

/** A channel with a stream as its first call, other calls and listeners, fed by hand. */
class ChannelBench {
  readonly #duplex = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  readonly #channel = new Channel(this.#duplex);
  readonly #ends: Promise<unknown>[];

  constructor(random: Random) {
    const known = all[0] as Sample;
    const { args } = random.pick(table);
    // What the call asks for does not matter here, what comes back does.
    const anything = { ...random.pick(table), args: { ...args, encode() {} } };
    const opening = this.#channel.openStream(anything, undefined as never).then(async ({ stream }) => {
      for await (const _ of stream);
    });
    const call = this.#channel.call({ ...anything, ret: known.codec as Codec<unknown> }, undefined);
    this.#ends = [opening, call];
    for (const message of Object.values(domainEvents)) this.#channel.listen(message as never, () => {});
  }

  get usable(): boolean {
    return !this.#channel.isOver;
  }

  receive(pieces: readonly Buffer[]): void {
    for (const piece of pieces) this.#duplex.emit('data', piece);
  }

  /** Ends it; every call must have come to an end of its own kind. Resolves with their number. */
  async end(): Promise<number> {
    await this.#channel.close();
    for (const result of await Promise.allSettled(this.#ends)) {
      if (result.status === 'fulfilled') continue;
      if (result.reason instanceof WireError || result.reason instanceof RemoteError) continue;
      throw result.reason;
    }
    return this.#ends.length;
  }
}

function usedMemory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
