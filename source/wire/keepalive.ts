import { encodeFrame, MessageStatus, MessageType, Program } from './framing.js';

const ping = 1;
const pong = 2;
/** Answers that the transport has not taken; above that a peer that only asks and never reads would fill the memory. */
const mostUnsent = 16;

export interface KeepaliveOptions {
  /** Milliseconds without any message before a ping is sent. The C client's default is 5,000. */
  readonly interval: number;
  /** Unanswered pings before the peer counts as dead. */
  readonly count: number;
}

/**
 * libvirt's keepalive program: answers the peer's pings at once, sends its own after `interval` of silence,
 * and gives up after `count` of them. Any message that arrives counts as a sign of life.
 */
export class Keepalive {
  #options: KeepaliveOptions | undefined;
  readonly #send: (frame: Buffer, sent?: () => void) => void;
  readonly #onDead: (silence: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #unanswered = 0;
  #held = false;
  #unsent = 0;

  constructor(
    options: KeepaliveOptions | undefined,
    send: (frame: Buffer, sent?: () => void) => void,
    onDead: (silence: number) => void,
  ) {
    this.#options = options;
    this.#send = send;
    this.#onDead = onDead;
  }

  /** Begins to watch the peer; without options its pings are answered and none is sent. */
  start(): void {
    const options = this.#options;
    if (options) this.#timer ??= setTimeout(() => this.#silent(options), options.interval).unref();
  }

  /** Begins anew, with another patience. */
  watch(options: KeepaliveOptions): void {
    this.stop();
    this.#options = options;
    this.#unanswered = 0;
    this.start();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Call for every message that arrives. */
  alive(): void {
    this.#unanswered = 0;
    this.#timer?.refresh();
  }

  /**
   * Nothing is read from the peer until it is let go: its answers cannot be seen, and count for nothing. Pings are
   * still sent, so that it takes this side for alive.
   */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) this.alive();
  }

  /** Call for every message of the keepalive program. */
  receive(procedure: number): void {
    if (procedure !== ping || this.#unsent >= mostUnsent) return;
    this.#unsent += 1;
    this.#send(frameOf(pong), () => {
      this.#unsent -= 1;
    });
  }

  #silent({ interval, count }: KeepaliveOptions): void {
    if (this.#unanswered >= count) {
      this.stop();
      this.#onDead(interval * (count + 1));
      return;
    }
    if (!this.#held) this.#unanswered += 1;
    this.#timer?.refresh();
    this.#send(frameOf(ping));
  }
}

function frameOf(procedure: number): Buffer {
  return encodeFrame({
    program: Program.keepalive,
    procedure,
    type: MessageType.message,
    serial: 0,
    status: MessageStatus.ok,
  });
}
