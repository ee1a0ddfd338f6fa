import type { Duplex } from 'node:stream';
import {
  encodeFrame,
  type Frame,
  FrameReader,
  MessageStatus,
  MessageType,
  Program,
} from '../../wire/framing.js';
import { Keepalive } from '../../wire/keepalive.js';
import { ERROR } from '../../wire/objects.js';
import { decode, encode } from '../../wire/xdr.js';
import { From, LabError, refuse } from '../errors.js';
import type { StatsReplies } from '../stats/stats-replies.js';
import type { Clock } from '../world/clock.js';
import type { RaisedEvent } from '../world/events.js';
import type { Random } from '../world/random.js';
import type { World } from '../world/world.js';
import { checkAccess } from './access.js';
import { type DispatchTable, type Entry, entryKey } from './dispatch-table.js';
import type { Faults } from './faults.js';
import { PreparedReply, type Session } from './handler.js';
import { eventFrame, fillHeader, Outlet } from './outlet.js';
import { Registrations } from './registrations.js';

/** max_client_requests of libvirtd.conf: messages of one client in work at once. */
const requestLimit = 5;
/** keepalive_interval and keepalive_count of libvirtd.conf. */
const keepalive = { interval: 5000, count: 5 };
const damages = ['drop', 'truncate', 'oversize', 'garbage'] as const;

/** What all clients of a lab have in common. */
export interface ServerSide {
  readonly world: World;
  readonly table: DispatchTable;
  readonly stats: StatsReplies;
  readonly faults: Faults;
  /** The time of latencies and slow calls; the world's may run faster. */
  readonly clock: Clock;
  readonly random: Random;
}

/** One client as a daemon sees it. */
export class LabClient implements Session {
  readonly registrations = new Registrations();
  uri: string | undefined;
  readOnly = false;
  readonly #side: ServerSide;
  readonly #duplex: Duplex;
  readonly #frames = new FrameReader();
  readonly #outlet: Outlet;
  readonly #keepalive: Keepalive;
  readonly #stopListening: () => void;
  /** Messages that were read, but for which there was no place yet. */
  readonly #waiting: Frame[] = [];
  #inWork = 0;

  constructor(duplex: Duplex, side: ServerSide, onGone: () => void) {
    this.#duplex = duplex;
    this.#side = side;
    this.#outlet = new Outlet(duplex, side.clock, side.random, () => side.faults.link);
    this.#keepalive = new Keepalive(
      keepalive,
      (frame) => this.#send(frame),
      () => duplex.destroy(),
    );
    this.#stopListening = side.world.listen((event) => this.#tell(event));
    duplex.on('data', (chunk: Buffer) => this.#receive(chunk));
    duplex.on('end', () => duplex.end());
    // A client that goes away in the middle of something is none of the host's troubles.
    duplex.on('error', () => {});
    duplex.on('close', () => {
      this.#release();
      onGone();
    });
  }

  startKeepalive(): void {
    this.#keepalive.start();
  }

  end(): void {
    this.#outlet.end();
  }

  /** Drops the client without a word, as a daemon does that is killed. */
  drop(): void {
    this.#release();
    this.#duplex.destroy();
  }

  #release(): void {
    this.#stopListening();
    this.#keepalive.stop();
    this.#outlet.stop();
  }

  #receive(chunk: Buffer): void {
    this.#keepalive.alive();
    try {
      for (const frame of this.#frames.push(chunk)) this.#waiting.push(frame);
    } catch {
      // Nothing that follows can be read: a daemon closes the connection.
      this.drop();
      return;
    }
    this.#work();
  }

  /** Takes on what there is a place for; beyond that the socket is not read, pings included. */
  #work(): void {
    if (this.#duplex.destroyed) return;
    while (this.#inWork < requestLimit) {
      const frame = this.#waiting.shift();
      if (frame === undefined) break;
      this.#take(frame);
    }
    if (this.#waiting.length > 0) this.#duplex.pause();
    else if (this.#duplex.isPaused()) this.#duplex.resume();
  }

  #take(frame: Frame): void {
    if (this.#side.faults.isSilent) return;
    if (frame.program === Program.keepalive) this.#keepalive.receive(frame.procedure);
    else if (frame.type === MessageType.call) void this.#serve(frame);
    // Stream packets belong to calls that the lab does not have yet.
  }

  async #serve(frame: Frame): Promise<void> {
    this.#inWork += 1;
    const { faults } = this.#side;
    let name = '';
    let domain: string | undefined;
    let reply: Buffer;
    let release: (() => void) | undefined;
    try {
      const entry = this.#entry(frame);
      name = entry.name;
      const args = decode(entry.procedure.args, frame.payload);
      domain = domainOf(args);
      checkAccess(entry, this);
      await this.#delay(name, domain);
      const failure = faults.strike(['error'], name, domain);
      if (failure)
        throw new LabError(failure.code, failure.from ?? From.qemu, failure.message ?? 'a fault of the lab');
      const { world, stats } = this.#side;
      const answered = entry.handler(args, { world, session: this, stats });
      const answer = answered instanceof Promise ? await answered : answered;
      if (answer instanceof PreparedReply) release = answer.release;
      reply = replyFrame(frame, entry, answer);
    } catch (error) {
      reply = errorFrame(frame, error);
    }
    const damage = faults.isSilent ? undefined : faults.strike(damages, name, domain);
    if (damage) this.#outlet.sendDamaged(reply, damage.fault);
    else this.#send(reply, release);
    this.#inWork -= 1;
    if (this.#waiting.length > 0) this.#work();
  }

  #entry({ program, procedure }: Frame): Entry {
    const entry = this.#side.table.get(entryKey(program, procedure));
    if (entry !== undefined) return entry;
    const known = program === Program.remote || program === Program.qemu;
    throw refuse.rpc(known ? `unknown procedure: ${procedure}` : `Cannot find program ${program} version 1`);
  }

  #delay(name: string, domain: string | undefined): Promise<void> | undefined {
    const slow = this.#side.faults.strike(['slow'], name, domain);
    if (slow === undefined) return undefined;
    return new Promise((resolve) => {
      this.#side.clock.after(slow.milliseconds, resolve);
    });
  }

  #tell(event: RaisedEvent): void {
    for (const callbackID of this.registrations.matching(event)) {
      const payload = encode(event.message.body, { callbackID, ...event.fields });
      this.#send(eventFrame(event.message.number, payload));
    }
  }

  #send(frame: Buffer, written?: () => void): void {
    if (!this.#side.faults.isSilent) this.#outlet.send(frame, written);
  }
}

function replyFrame(call: Frame, entry: Entry, answer: unknown): Buffer {
  try {
    if (answer instanceof PreparedReply) return fillHeader(answer.frame, call);
    const { program, procedure, serial } = call;
    const header = { program, procedure, serial, type: MessageType.reply, status: MessageStatus.ok };
    return encodeFrame(header, encode(entry.procedure.ret, answer));
  } catch {
    throw refuse.rpc('Unable to encode message payload');
  }
}

function errorFrame(call: Frame, error: unknown): Buffer {
  const { program, procedure, serial } = call;
  const failure =
    error instanceof LabError ? error : refuse.rpc(`Unable to decode message payload: ${String(error)}`);
  const body = {
    code: failure.code,
    domain: failure.domain,
    message: failure.message,
    level: 2,
    dom: undefined,
    str1: failure.message,
    str2: undefined,
    str3: undefined,
    int1: -1,
    int2: -1,
    net: undefined,
  };
  const header = { program, procedure, serial, type: MessageType.reply, status: MessageStatus.error };
  return encodeFrame(header, encode(ERROR, body));
}

/** The name of the domain that a call is about. */
function domainOf(args: unknown): string | undefined {
  const { dom, name } = args as { dom?: { name?: string }; name?: string };
  return dom?.name ?? name;
}
