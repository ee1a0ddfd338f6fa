import type { Random } from './random.js';

/** How a guest works over time. */
export type Profile = 'idle' | 'periodic' | 'bursty' | 'busy';

type Range = readonly [low: number, high: number];

interface ProfileShape {
  /** Share of a vCPU that is always used, with its two slow waves (shares of that). */
  readonly mean: Range;
  readonly waves: number;
  /** Share of a vCPU that bursts add at their peak. */
  readonly burst: Range;
  /** Seconds from burst to burst. */
  readonly period: Range;
  /** Bytes per second of disk and network at full load. */
  readonly disk: Range;
  readonly net: Range;
}

const mega = 1e6;

const shapes: Readonly<Record<Profile, ProfileShape>> = {
  idle: {
    mean: [0.004, 0.02],
    waves: 0.5,
    burst: [0.01, 0.08],
    period: [120, 600],
    disk: [0.05e6, 0.4e6],
    net: [0.01e6, 0.1e6],
  },
  periodic: {
    mean: [0.08, 0.25],
    waves: 0.9,
    burst: [0.1, 0.3],
    period: [40, 180],
    disk: [1e6, 8e6],
    net: [2e6, 20e6],
  },
  bursty: {
    mean: [0.02, 0.06],
    waves: 0.4,
    burst: [0.6, 0.85],
    period: [25, 120],
    disk: [10e6, 120e6],
    net: [1e6, 60e6],
  },
  busy: {
    mean: [0.4, 0.6],
    waves: 0.3,
    burst: [0.08, 0.18],
    period: [15, 60],
    disk: [5e6, 40e6],
    net: [4e6, 50e6],
  },
};

/** A booting guest keeps its vCPUs this busy, less what its profile adds. */
const bootLoad = 0.95;
/** Bytes read by a booting guest. */
const bootReads = 180 * mega;

/** The mean of ((1 + sin x) / 2)^4, the form of a burst. */
const burstMean = 35 / 128;

/**
 * The load of one domain since its start as closed formulas of time: any counter at any moment costs a few
 * sines, nothing has to tick, and what was read does not depend on how often it was read.
 *
 * vCPU load is `mean * (1 + two slow waves) + burst * ((1 + sin)/2)^4`, never under 0 nor over 1; the counters
 * are its integrals.
 */
export class Load {
  /** Mean load of one vCPU, 0 to 1. */
  readonly mean: number;
  readonly #base: number;
  readonly #waves: number;
  readonly #slow: number;
  readonly #slowPhase: number;
  readonly #fast: number;
  readonly #fastPhase: number;
  readonly #burst: number;
  readonly #burstSpeed: number;
  readonly #burstPhase: number;
  /** burstIntegral at the power-on, by vCPU. */
  readonly #burstStarts: number[] = [];
  readonly #boot: number;
  readonly #bootSeconds: number;
  readonly #disk: number;
  readonly #net: number;

  constructor(profile: Profile, bootSeconds: number, random: Random) {
    const shape = shapes[profile];
    const draw = ([low, high]: Range) => random.between(low, high);
    this.#base = draw(shape.mean);
    this.#waves = shape.waves / 2;
    this.#slow = (2 * Math.PI) / random.between(600, 3600);
    this.#slowPhase = random.between(0, 6.28);
    this.#fast = (2 * Math.PI) / random.between(20, 90);
    this.#fastPhase = random.between(0, 6.28);
    this.#burst = draw(shape.burst);
    this.#burstSpeed = (2 * Math.PI) / draw(shape.period);
    this.#burstPhase = random.between(0, 6.28);
    this.#bootSeconds = bootSeconds;
    this.#boot = Math.max(0, bootLoad - this.#base * (1 + shape.waves) - this.#burst);
    this.#disk = draw(shape.disk);
    this.#net = draw(shape.net);
    this.mean = this.#base + this.#burst * burstMean;
  }

  /** Seconds of CPU that each of the first `count` vCPUs has used `seconds` after the start, into `into`. */
  vcpuSeconds(count: number, seconds: number, into: Float64Array): void {
    const base = this.#baseSeconds(seconds);
    for (let index = 0; index < count; index += 1) into[index] = base + this.#burstSeconds(index, seconds);
  }

  /** As vcpuSeconds, for the first vCPU alone. */
  firstVcpuSeconds(seconds: number): number {
    return this.#baseSeconds(seconds) + this.#burstSeconds(0, seconds);
  }

  /** The part of a vCPU's seconds that is the same for all of them. */
  #baseSeconds(seconds: number): number {
    const waves =
      (Math.cos(this.#slowPhase) - Math.cos(this.#slow * seconds + this.#slowPhase)) / this.#slow +
      (Math.cos(this.#fastPhase) - Math.cos(this.#fast * seconds + this.#fastPhase)) / this.#fast;
    const boot = this.#boot * Math.min(seconds, this.#bootSeconds);
    return this.#base * (seconds + this.#waves * waves) + boot;
  }

  /** Bytes read from disks. `work` is firstVcpuSeconds: guests that compute also read and write. */
  bytesRead(seconds: number, work: number): number {
    const boot = bootReads * Math.min(1, seconds / this.#bootSeconds);
    return boot + 0.45 * this.#disk * work;
  }

  bytesWritten(seconds: number, work: number): number {
    return 0.55 * this.#disk * work + 3000 * seconds;
  }

  bytesReceived(seconds: number, work: number): number {
    return 0.4 * this.#net * work + 300 * seconds;
  }

  bytesSent(seconds: number, work: number): number {
    return 0.6 * this.#net * work + 120 * seconds;
  }

  /** The share of its memory that the guest uses itself, caches left out. */
  memoryShare(seconds: number): number {
    const settled = Math.min(1, seconds / (4 * this.#bootSeconds));
    return settled * (0.28 + 0.3 * this.mean + 0.06 * Math.sin(this.#slow * seconds + this.#slowPhase));
  }

  /** The vCPUs' bursts come one after the other, not at once. */
  #burstSeconds(index: number, seconds: number): number {
    const phase = this.#burstPhase + 1.7 * index;
    let start = this.#burstStarts[index];
    if (start === undefined) {
      start = burstIntegral(phase);
      this.#burstStarts[index] = start;
    }
    return (this.#burst * (burstIntegral(this.#burstSpeed * seconds + phase) - start)) / this.#burstSpeed;
  }
}

/** The integral of ((1 + sin x) / 2)^4 = (1 + 4s + 6s² + 4s³ + s⁴) / 16, by one sine and one cosine. */
function burstIntegral(x: number): number {
  const s = Math.sin(x);
  const c = Math.cos(x);
  const square = (x - s * c) / 2;
  const cube = (c * c * c) / 3 - c;
  const fourth = (3 * x) / 8 - (s * c) / 2 + (s * c * (1 - 2 * s * s)) / 8;
  return (x - 4 * c + 6 * square + 4 * cube + fourth) / 16;
}
