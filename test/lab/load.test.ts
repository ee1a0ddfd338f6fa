import { describe, expect, it } from 'vitest';
import { Load, type Profile } from '../../source/lab/world/load.js';
import { Random } from '../../source/lab/world/random.js';

const profiles: readonly Profile[] = ['idle', 'periodic', 'bursty', 'busy'];

describe.each(profiles)('the load of a guest that is %s', (profile) => {
  const load = new Load(profile, 8, new Random(7));
  const times = Array.from({ length: 2000 }, (_, index) => index * 0.5);
  const used = times.map((seconds) => {
    const into = new Float64Array(2);
    load.vcpuSeconds(2, seconds, into);
    return into;
  });

  it('starts at nothing', () => {
    expect([...(used[0] ?? [])].map((seconds) => Math.round(seconds * 1e6))).toEqual([0, 0]);
  });

  it('never goes back, and never takes more than the vCPU has', () => {
    for (let index = 1; index < used.length; index += 1) {
      for (const vcpu of [0, 1]) {
        const rate = ((used[index]?.[vcpu] ?? 0) - (used[index - 1]?.[vcpu] ?? 0)) / 0.5;
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(rate).toBeLessThanOrEqual(1);
      }
    }
  });

  it('comes to its mean in the long run', () => {
    const [early, late] = [100_000, 1_100_000].map((seconds) => load.firstVcpuSeconds(seconds));
    expect(((late ?? 0) - (early ?? 0)) / 1e6).toBeCloseTo(load.mean, 2);
  });

  it('moves disks and networks forward only', () => {
    const counters = times.map((seconds) => {
      const work = load.firstVcpuSeconds(seconds);
      return [
        load.bytesRead(seconds, work),
        load.bytesWritten(seconds, work),
        load.bytesReceived(seconds, work),
        load.bytesSent(seconds, work),
      ];
    });
    for (let index = 1; index < counters.length; index += 1) {
      for (const [kind, value] of (counters[index] ?? []).entries()) {
        expect(value).toBeGreaterThanOrEqual(counters[index - 1]?.[kind] ?? 0);
      }
    }
  });
});

it('two guests of one profile are not the same', () => {
  const [one, other] = [1, 2].map((seed) => new Load('busy', 8, new Random(seed)).firstVcpuSeconds(1000));
  expect(one).not.toBe(other);
});
