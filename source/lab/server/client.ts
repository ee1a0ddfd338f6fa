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
import { decode, encode } from '../../wire/xdr.js';
import { refuse } from '../errors.js';
import type { StatsReplies } from '../stats/stats-replies.js';
import type { Clock } from '../world/clock.js';
import type { RaisedEvent } from '../world/events.js';
import type { Random } from '../world/random.js';
import type { World } from '../world/world.js';
import { parseXml, textOf } from '../xml/tree.js';
import { checkAccess } from './access.js';
import { CallFaults } from './call-faults.js';
import { ClientStreams } from './client-streams.js';
import { type DispatchTable, type Entry, entryKey } from './dispatch-table.js';
import type { Faults } from './faults.js';
import { errorFrame } from './frames.js';
import { type Caller, PreparedReply, StreamReply } from './handler.js';
import type { HostStream } from './host-stream.js';
import { eventFrame, fillHeader, Outlet } from './outlet.js';
import { Registrations } from './registrations.js';

/** max_client_requests of libvirtd.conf: messages of one client in work at once. */
const requestLimit = 5;
/** keepalive_interval and keepalive_count of libvirtd.conf. */
const keepalive = { interval: 5000, count: 5 };

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
export class LabClient implements Caller {
  readonly registrations = new Registrations();
  uri: string | undefined;
  readOnly = false;
  readonly #side: ServerSide;
  readonly #duplex: Duplex;
  readonly #frames = new FrameReader();
  readonly #outlet: Outlet;
  readonly #keepalive: Keepalive;
  readonly #streams: ClientStreams;
  readonly #stopListening: () => void;
  /** Messages that were read, but for which there was no place yet. */
  readonly #waiting: Frame[] = [];
  #inWork = 0;

  constructor(duplex: Duplex, side: ServerSide, onGone: () => void) {
    this.#duplex = duplex;
    this.#side = side;
    this.#outlet = new Outlet(duplex, side.clock, side.random, () => side.faults.link);
    this.#streams = new ClientStreams({
      send: (frame, written) => this.#send(frame, written),
      sendDamaged: (frame, damage) => this.#outlet.sendDamaged(frame, damage),
    });
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
    this.#streams.closeAll();
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
    else if (frame.type === MessageType.call) void this.#occupy(this.#serve(frame));
    else if (frame.type === MessageType.stream || frame.type === MessageType.streamHole) {
      void this.#occupy(this.#streams.take(frame));
    }
  }

  /** Takes one of the client's places until the work is done. */
  async #occupy(work: Promise<void>): Promise<void> {
    this.#inWork += 1;
    await work;
    this.#inWork -= 1;
    if (this.#waiting.length > 0) this.#work();
  }

  async #serve(frame: Frame): Promise<void> {
    const { faults, clock, world, stats } = this.#side;
    let trouble = new CallFaults(faults, clock, '', []);
    let reply: Buffer;
    let release: (() => void) | undefined;
    let stream: HostStream | undefined;
    try {
      const entry = this.#entry(frame);
      trouble = new CallFaults(faults, clock, entry.name, []);
      const args = decode(entry.procedure.args, frame.payload);
      trouble = new CallFaults(faults, clock, entry.name, objectsOf(args));
      checkAccess(entry, this);
      await trouble.delay();
      trouble.refuse();
      const answered = entry.handler(args, { world, caller: this, stats });
      const answer = answered instanceof Promise ? await answered : answered;
      if (answer instanceof PreparedReply) release = answer.release;
      if (answer instanceof StreamReply) stream = answer.stream;
      reply = replyFrame(
        frame,
        entry,
        stream === undefined ? answer : (answer as StreamReply<unknown>).answer,
      );
    } catch (error) {
      reply = errorFrame(frame, error);
    }
    const damage = trouble.damage();
    if (damage) this.#outlet.sendDamaged(reply, damage);
    else this.#send(reply, release);
    if (stream === undefined) return;
    if (this.#duplex.destroyed) stream.close();
    else this.#streams.open(frame, stream, trouble);
  }

  #entry({ program, procedure }: Frame): Entry {
    const entry = this.#side.table.get(entryKey(program, procedure));
    if (entry !== undefined) return entry;
    const known = program === Program.remote || program === Program.qemu;
    throw refuse.rpc(known ? `unknown procedure: ${procedure}` : `Cannot find program ${program} version 1`);
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
    return encodeFrame(header, encode(entry.procedure.ret, answer ?? {}));
  } catch {
    throw refuse.rpc('Unable to encode message payload');
  }
}

/** The names of what a call is about: a new volume's and its pool's. */
function objectsOf(args: unknown): readonly string[] {
  const { dom, vol, clonevol, net, pool } = args as Readonly<Record<string, { name?: string } | undefined>>;
  const { name, xml, xml_desc } = args as Readonly<Record<string, string | undefined>>;
  const handle = dom ?? vol ?? clonevol ?? net ?? pool;
  return [handle?.name, name, nameIn(xml ?? xml_desc)].filter((each) => each !== undefined);
}

/** What a definition calls its object. */
function nameIn(xml: string | undefined): string | undefined {
  try {
    return xml === undefined ? undefined : textOf(parseXml(xml, undefined), 'name');
  } catch {
    return undefined;
  }
}
