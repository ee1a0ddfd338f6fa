import type { Duplex } from 'node:stream';
import {
  encodeFrame,
  frameLimit,
  headerSize,
  MessageStatus,
  MessageType,
  Program,
} from '../../wire/framing.js';
import type { Clock } from '../world/clock.js';
import type { Random } from '../world/random.js';
import type { Damage, Link } from './faults.js';

interface Waiting {
  readonly due: number;
  readonly send: () => void;
}

/** What leaves the host for one client: late, where the link says so, but in order; damaged, where asked. */
export class Outlet {
  readonly #duplex: Duplex;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #link: () => Link;
  readonly #waiting: Waiting[] = [];
  #cancel: (() => void) | undefined;
  #lastDue = 0;
  #dropped = false;

  constructor(duplex: Duplex, clock: Clock, random: Random, link: () => Link) {
    this.#duplex = duplex;
    this.#clock = clock;
    this.#random = random;
    this.#link = link;
  }

  /** @param written called when the other side has the bytes */
  send(frame: Buffer, written?: () => void): void {
    this.#later(() => this.#write(frame, written));
  }

  /** Sends what a fault makes of a reply. */
  sendDamaged(frame: Buffer, damage: Damage): void {
    this.#later(() => this.#damages[damage](frame));
  }

  /** Ends the connection after everything that was sent. */
  end(): void {
    this.#later(() => this.#duplex.end());
  }

  /** Forgets what was not sent yet. */
  stop(): void {
    this.#cancel?.();
    this.#waiting.length = 0;
  }

  readonly #damages: Readonly<Record<Damage, (frame: Buffer) => void>> = {
    drop: (frame) => {
      // Nothing may follow the half frame: it would be taken for the rest of it.
      if (this.#dropped) return;
      this.#dropped = true;
      // Never the whole: an answer without content is a header alone.
      const length = Math.min(frame.length - 4, Math.max(headerSize, frame.length >> 1));
      this.#duplex.write(frame.subarray(0, length), () => this.#duplex.destroy());
    },
    truncate: (frame) => {
      // XDR comes in units of 4 bytes; half of them go.
      const length = headerSize + ((frame.length - headerSize) >> 3) * 4;
      const cut = Buffer.from(frame.subarray(0, length));
      cut.writeUInt32BE(length, 0);
      this.#write(cut);
    },
    oversize: (frame) => {
      const head = Buffer.from(frame.subarray(0, headerSize));
      head.writeUInt32BE(frameLimit + 4, 0);
      this.#write(head);
    },
    garbage: () => {
      const noise = this.#random.bytes(256);
      // A length word that can be no frame's, so that the client need not wait for the rest of one.
      noise.writeUInt32BE(3, 0);
      this.#write(noise);
    },
  };

  #later(send: () => void): void {
    const { latency, jitter } = this.#link();
    if (latency + jitter === 0 && this.#waiting.length === 0) {
      send();
      return;
    }
    const due = this.#clock.now() + latency + jitter * this.#random.next();
    this.#lastDue = Math.max(this.#lastDue, due);
    this.#waiting.push({ due: this.#lastDue, send });
    if (this.#waiting.length === 1) this.#wait();
  }

  #wait(): void {
    const first = this.#waiting[0];
    if (first === undefined) return;
    this.#cancel = this.#clock.after(first.due - this.#clock.now(), () => this.#flush());
  }

  #flush(): void {
    // A timer may fire up to a millisecond early; nobody minds.
    const now = this.#clock.now() + 1;
    while (this.#waiting[0] !== undefined && this.#waiting[0].due <= now) this.#waiting.shift()?.send();
    this.#wait();
  }

  #write(frame: Buffer, written: () => void = () => {}): void {
    if (!this.#dropped && !this.#duplex.destroyed && !this.#duplex.writableEnded)
      this.#duplex.write(frame, written);
  }
}

/** Writes a reply's header over the first bytes of a frame that was made by hand. */
export function fillHeader(
  frame: Buffer,
  reply: { program: number; procedure: number; serial: number },
): Buffer {
  if (frame.length > frameLimit) throw new Error('the frame is over the limit');
  const { program, procedure, serial } = reply;
  frame.set(encodeFrame({ program, procedure, serial, type: MessageType.reply, status: MessageStatus.ok }));
  frame.writeUInt32BE(frame.length, 0);
  return frame;
}

/** An event's frame. */
export function eventFrame(procedure: number, payload: Buffer): Buffer {
  const { remote: program } = Program;
  return encodeFrame(
    { program, procedure, type: MessageType.message, serial: 0, status: MessageStatus.ok },
    payload,
  );
}
