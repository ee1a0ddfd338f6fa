import { type Frame, MessageStatus, MessageType } from '../../wire/framing.js';
import { HOLE } from '../../wire/stream.js';
import { decode } from '../../wire/xdr.js';
import { refuse } from '../errors.js';
import type { CallFaults } from './call-faults.js';
import type { Damage } from './faults.js';
import { dataFrame, endFrame, errorFrame, holeFrame, type Identity } from './frames.js';
import type { HostItem, HostStream } from './host-stream.js';

/** Packets that are on their way to the client at once, so that a far link is not idle. */
const window = 8;

interface OpenStream {
  readonly call: Identity;
  readonly host: HostStream;
  readonly faults: CallFaults;
  over: boolean;
  /** Ends when all packets that came so far are dealt with: they may be slow, but keep their order. */
  taken: Promise<void>;
}

/** How packets leave the host. */
export interface PacketOutlet {
  send(frame: Buffer, written?: () => void): void;
  sendDamaged(frame: Buffer, damage: Damage): void;
}

/**
 * The streams of one client. Faults strike their packets as if each were one more call of the procedure that
 * opened the stream.
 */
export class ClientStreams {
  readonly #outlet: PacketOutlet;
  /** By the serial of the call that opened it. */
  readonly #open = new Map<number, OpenStream>();

  constructor(outlet: PacketOutlet) {
    this.#outlet = outlet;
  }

  /** Begins a stream; the reply to its call must have been sent. */
  open(call: Identity, host: HostStream, faults: CallFaults): void {
    const stream = { call, host, faults, over: false, taken: Promise.resolve() };
    this.#open.set(call.serial, stream);
    if (host.next !== undefined) void this.#pump(stream);
  }

  /** Deals with a packet of the client; resolves when that is done. */
  take(frame: Frame): Promise<void> {
    const stream = this.#open.get(frame.serial);
    // Packets of a stream that is over here may still be under way.
    if (stream === undefined) return Promise.resolve();
    stream.taken = stream.taken.then(() => this.#consume(stream, frame));
    return stream.taken;
  }

  /** The client is gone. */
  closeAll(): void {
    for (const stream of this.#open.values()) this.#close(stream);
  }

  async #pump(stream: OpenStream): Promise<void> {
    const { call, host, faults } = stream;
    const sent: Promise<void>[] = [];
    try {
      for (let more = true; more; ) {
        await faults.delay();
        if (sent.length >= window) await sent.shift();
        if (stream.over) return;
        faults.refuse();
        const next = host.next?.();
        const item = next instanceof Promise ? await next : next;
        if (stream.over) return;
        more = item !== undefined;
        const frame = frameOf(call, item);
        const damage = faults.damage();
        if (damage !== undefined) this.#outlet.sendDamaged(frame, damage);
        else sent.push(new Promise((resolve) => this.#outlet.send(frame, resolve)));
      }
    } catch (error) {
      this.#fail(stream, errorFrame(call, error, MessageType.stream));
    }
  }

  async #consume(stream: OpenStream, frame: Frame): Promise<void> {
    const { call, host, faults } = stream;
    try {
      await faults.delay();
      if (stream.over) return;
      // What the client ends is over, whatever else goes wrong.
      if (frame.status !== MessageStatus.continue) {
        this.#close(stream);
        this.#outlet.send(endFrame(call));
        return;
      }
      faults.refuse();
      const damage = faults.damage(true);
      if (damage !== undefined) {
        this.#close(stream);
        this.#outlet.sendDamaged(endFrame(call), damage);
      } else if (host.take === undefined) throw refuse.rpc('unexpected stream packet');
      else host.take(itemOf(frame));
    } catch (error) {
      // libvirt answers a hole that it does not take as if it were a call.
      const type = frame.type === MessageType.streamHole ? MessageType.reply : MessageType.stream;
      this.#fail(stream, errorFrame(call, error, type));
    }
  }

  #fail(stream: OpenStream, frame: Buffer): void {
    if (stream.over) return;
    this.#close(stream);
    this.#outlet.send(frame);
  }

  #close(stream: OpenStream): void {
    if (stream.over) return;
    stream.over = true;
    this.#open.delete(stream.call.serial);
    stream.host.close();
  }
}

function frameOf(call: Identity, item: HostItem | undefined): Buffer {
  if (item === undefined) return dataFrame(call, new Uint8Array());
  return 'hole' in item ? holeFrame(call, item.hole) : dataFrame(call, item.data);
}

function itemOf({ type, payload }: Frame): HostItem {
  return type === MessageType.streamHole ? { hole: decode(HOLE, payload).length } : { data: payload };
}
