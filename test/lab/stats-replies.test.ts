import { describe, expect, it } from 'vitest';
import { allGroups, describeStats } from '../../source/lab/stats/describe.js';
import type { ParamSink } from '../../source/lab/stats/sink.js';
import { StatsReplies } from '../../source/lab/stats/stats-replies.js';
import type { LabDomain } from '../../source/lab/world/domain.js';
import { statsAnswer } from '../../source/libvirt/remote/stats-decoder.js';
import { headerSize } from '../../source/wire/framing.js';
import { procedures } from '../../source/wire/procedures.js';
import { ParamType, type TypedParam } from '../../source/wire/typed-params.js';
import { decode } from '../../source/wire/xdr.js';
import { stillLab } from './bed.js';

/** The slow way: one parameter after the other. */
class PlainSink implements ParamSink {
  readonly params: TypedParam[] = [];
  int = this.#taker(ParamType.int);
  uint = this.#taker(ParamType.uint);
  ullong = this.#taker(ParamType.ullong);

  text(field: string, value: string): void {
    this.params.push({ field, type: ParamType.string, value });
  }

  #taker(type: ParamType) {
    return (field: string, value: number) => void this.params.push({ field, type, value });
  }
}

const { ret } = procedures.CONNECT_GET_ALL_DOMAIN_STATS;
const nobody = () => false;

describe('the reply to the bulk statistics call', () => {
  const { lab } = stillLab({ domains: 300, names: ['düster', '東京'] });
  const domains = [...lab.world.domains.values()];
  const now = lab.world.now();

  it.each([allGroups, 1, 3, 32])('says the same as the codec would, groups %i', (wanted) => {
    const frame = new StatsReplies().frame(domains, wanted, nobody, now);
    const { retStats } = decode(ret, frame, headerSize);
    expect(retStats).toEqual(
      domains.map((domain) => {
        const sink = new PlainSink();
        describeStats(domain, wanted, true, now, sink);
        return { dom: domain.wire, params: sink.params };
      }),
    );
  });

  it('is read by the client’s own decoder', () => {
    const frame = new StatsReplies().frame(domains, allGroups, nobody, now);
    const records = decode(statsAnswer, frame, headerSize);
    expect(records.map(({ uuid, state }) => ({ uuid, state }))).toEqual(
      domains.map(({ uuid, state }) => ({ uuid, state })),
    );
  });

  it('leaves out of a busy domain what would need waiting', () => {
    const domain = domains.find(({ active }) => active) as LabDomain;
    const frame = new StatsReplies().frame([domain], allGroups, () => true, now);
    const fields = decode(ret, frame, headerSize).retStats[0]?.params.map(({ field }) => field);
    expect(fields).toContain('cpu.time');
    expect(fields).not.toContain('balloon.rss');
    expect(fields).not.toContain('vcpu.0.time');
  });

  it('may be written again into the memory of one that is done with', () => {
    const replies = new StatsReplies();
    const large = Array.from({ length: 8 }, () => domains).flat();
    const first = replies.frame(large, allGroups, nobody, now);
    const copy = Buffer.from(first.subarray(headerSize));
    replies.release(first);
    const second = replies.frame(large, allGroups, nobody, now);
    expect(second.buffer).toBe(first.buffer);
    expect(second.subarray(headerSize).equals(copy)).toBe(true);
  });
});
