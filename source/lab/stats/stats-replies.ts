import { headerSize } from '../../wire/framing.js';
import type { Definition } from '../world/definition.js';
import type { LabDomain } from '../world/domain.js';
import { describeStats, layoutOf, momentKey } from './describe.js';
import { type Shape, ShapeLearner, textRoom, ValueCollector, writeShape } from './shape.js';

/** Shapes of one moment key; a host has a few dozen in all. */
const shapesKept = 1000;
/** Answers smaller than this are not worth keeping their memory, in bytes. */
const spareFrom = 2 ** 20;

/**
 * Writes replies of CONNECT_GET_ALL_DOMAIN_STATS. At 10,000 domains one holds some 400,000 parameters: they
 * are copies of what records have alike, with the numbers filled in.
 */
export class StatsReplies {
  readonly #shapes = new Map<number, Map<string, Shape>>();
  readonly #layouts = new WeakMap<Definition, { readonly vcpus: number; readonly layout: string }>();
  readonly #values = new ValueCollector();
  /** Bytes that a record took in the answer before. */
  #recordSize = 2048;
  #spare: Buffer | undefined;

  /**
   * The frame of a reply, its header still empty.
   *
   * @param wanted bits of virDomainStatsTypes
   * @param busy domains in a long job, of which only what needs no waiting is told
   */
  frame(
    domains: readonly LabDomain[],
    wanted: number,
    busy: (domain: LabDomain) => boolean,
    now: number,
  ): Buffer {
    const values = this.#values;
    const room = headerSize + 4 + domains.length * this.#recordSize + 4096;
    let bytes = this.#take(room);
    let view = viewOf(bytes);
    let offset = headerSize + 4;
    view.setUint32(headerSize, domains.length);
    for (const domain of domains) {
      const monitor = !busy(domain);
      const shape = this.#shapeOf(domain, wanted, monitor, now);
      values.restart();
      describeStats(domain, wanted, monitor, now, values);
      const needed = offset + domain.wireHead.length + 4 + shape.size + roomFor(values.texts);
      if (needed > bytes.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.ceil(bytes.length * 1.5)));
        bytes.copy(larger, 0, 0, offset);
        bytes = larger;
        view = viewOf(bytes);
      }
      bytes.set(domain.wireHead, offset);
      offset += domain.wireHead.length;
      view.setInt32(offset, domain.id);
      offset = writeShape(shape, values, bytes, view, offset + 4);
    }
    if (domains.length > 0) this.#recordSize = Math.ceil((offset / domains.length) * 1.02);
    return bytes.subarray(0, offset);
  }

  /** Gives back a frame's memory once nobody reads it any more: a large answer's pages cost more than its bytes. */
  release(frame: Buffer): void {
    const bytes = Buffer.from(frame.buffer);
    if (bytes.length > (this.#spare?.length ?? spareFrom)) this.#spare = bytes;
  }

  #take(room: number): Buffer {
    const spare = this.#spare;
    if (spare === undefined || spare.length < room) return Buffer.allocUnsafeSlow(room);
    this.#spare = undefined;
    return spare;
  }

  #shapeOf(domain: LabDomain, wanted: number, monitor: boolean, now: number): Shape {
    const key = momentKey(domain, wanted, monitor, now);
    let ofKey = this.#shapes.get(key);
    if (ofKey === undefined) {
      ofKey = new Map();
      this.#shapes.set(key, ofKey);
    }
    const layout = this.#layoutOf(domain.definition);
    let shape = ofKey.get(layout);
    if (shape === undefined) {
      const learner = new ShapeLearner();
      describeStats(domain, wanted, monitor, now, learner);
      shape = learner.finish();
      if (ofKey.size >= shapesKept) ofKey.clear();
      ofKey.set(layout, shape);
    }
    return shape;
  }

  #layoutOf(definition: Definition): string {
    const known = this.#layouts.get(definition);
    if (known?.vcpus === definition.vcpus) return known.layout;
    const layout = layoutOf(definition);
    this.#layouts.set(definition, { vcpus: definition.vcpus, layout });
    return layout;
  }
}

function roomFor(texts: readonly string[]): number {
  let room = 0;
  for (const text of texts) room += textRoom(text);
  return room;
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
