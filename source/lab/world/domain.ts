import { DomainState } from '../../libvirt/domain-state.js';
import type { DOM } from '../../wire/objects.js';
import { str, uuid, type Value } from '../../wire/xdr.js';
import { padded } from '../../wire/xdr-reader.js';
import { XdrWriter } from '../../wire/xdr-writer.js';
import type { Definition } from './definition.js';
import { Load } from './load.js';
import { Random } from './random.js';

export interface DomainJob {
  /** The daemon's function, as libvirt names it when others have to wait. */
  readonly owner: string;
  /** Ends the job early. */
  abort(): void;
}

/** Whoever has the domain's serial console open. */
export interface DomainConsole {
  /** The domain's state is another, or its guest boots. */
  changed(): void;
  /** Somebody else gets it. */
  end(): void;
}

export type AgentState = 'none' | 'disconnected' | 'connected';

/** An interface as a guest's agent tells it. */
export interface AgentInterface {
  readonly name: string;
  readonly hwaddr: string | undefined;
  /** `type` is virIPAddrType: 0 is IPv4, 1 is IPv6. */
  readonly addrs: readonly { readonly type: number; readonly addr: string; readonly prefix: number }[];
}

/** A domain's power and counters at one moment. All times are the world's, in milliseconds. */
export class LabDomain {
  definition: Definition;
  /** -1 while inactive. */
  id = -1;
  state: DomainState = DomainState.shutOff;
  /** Its meaning depends on the state: virDomainRunningReason and so on. */
  reason = 0;
  autostart = false;
  persistent = true;
  managedSave = false;
  agent: AgentState = 'none';
  /** What the agent says its interfaces are, whatever they are; undefined: the truth. */
  agentAnswer: readonly AgentInterface[] | undefined;
  /** The guest has asked for an address. */
  hasLease = false;
  /** The file with the settings of its UEFI exists. */
  hasNvram = false;
  /** Guest time of the last boot, in seconds: 0 for a power-on. */
  bootedAt = 0;
  console: DomainConsole | undefined;
  /** When the domain came to its present state. */
  stateSince: number;
  /** KiB that the balloon leaves to the guest. */
  balloon: number;
  load: Load;
  /** Name and UUID as they stand in every answer. */
  wireHead: Buffer;
  /** Its number among all domains that ever were: decides its addresses. */
  readonly ordinal: number;
  /** A long job that keeps others away, e.g. a managed save. */
  job: DomainJob | undefined;
  /** What is still to happen because of the last power action: how to call it off. */
  #plans: Set<() => void> | undefined;
  /** Plans whose time came while the guest stood still. */
  #stalled: (() => void)[] | undefined;
  /** Guest time that passed before `#runsSince`, and since when it passes; absent while it stands still. */
  #ran = 0;
  #runsSince: number | undefined;

  constructor(definition: Definition, ordinal: number, seed: number, now: number) {
    this.definition = definition;
    this.ordinal = ordinal;
    this.balloon = definition.currentMemory;
    this.stateSince = now;
    this.load = loadOf(definition, seed);
    this.wireHead = headOf(definition);
  }

  get name(): string {
    return this.definition.name;
  }

  get uuid(): string {
    return this.definition.uuid;
  }

  get active(): boolean {
    return this.id !== -1;
  }

  get wire(): Value<typeof DOM> {
    return { name: this.name, uuid: this.uuid, id: this.id };
  }

  /** Seconds for which the guest has run since its power-on. */
  guestSeconds(now: number): number {
    return (this.#ran + (this.#runsSince === undefined ? 0 : now - this.#runsSince)) / 1000;
  }

  /** Guest time starts at `seconds` (0: power-on) and passes from now on. */
  resetGuestTime(now: number, seconds = 0): void {
    this.#ran = seconds * 1000;
    this.#runsSince = now;
  }

  /** Guest time passes, or stands still (paused, suspended, off). */
  letRun(running: boolean, now: number): void {
    if (running === (this.#runsSince !== undefined)) return;
    if (this.#runsSince !== undefined) this.#ran += now - this.#runsSince;
    this.#runsSince = running ? now : undefined;
  }

  setState(state: DomainState, reason: number, now: number): void {
    this.state = state;
    this.reason = reason;
    this.stateSince = now;
    this.letRun(state === DomainState.running, now);
    this.console?.changed();
  }

  /** Takes over another definition of the same domain. */
  redefine(definition: Definition, seed: number): void {
    this.definition = definition;
    if (!this.active) this.balloon = definition.currentMemory;
    this.load = loadOf(definition, seed);
    this.wireHead = headOf(definition);
  }

  /** Remembers how to call off something that will happen; the returned function forgets it again. */
  plan(cancel: () => void): () => void {
    this.#plans ??= new Set();
    this.#plans.add(cancel);
    return () => this.#plans?.delete(cancel);
  }

  /** Keeps something for the moment at which the guest goes on. */
  stall(run: () => void): void {
    this.#stalled ??= [];
    this.#stalled.push(run);
  }

  /** What was kept for now. */
  takeStalled(): readonly (() => void)[] {
    return this.#stalled?.splice(0) ?? [];
  }

  /** Calls off whatever was still to happen. */
  cancelPlans(): void {
    for (const cancel of this.#plans ?? []) cancel();
    this.#plans = undefined;
    this.#stalled = undefined;
  }
}

function loadOf({ profile, os }: Definition, seed: number): Load {
  return new Load(profile, os.leaseAfter, new Random(seed));
}

function headOf({ name, uuid: id }: Definition): Buffer {
  // Exactly as large as needed: there are up to 16,384 of them.
  const writer = new XdrWriter(4 + padded(Buffer.byteLength(name)) + uuid.minSize);
  str.encode(writer, name);
  uuid.encode(writer, id);
  return writer.finish();
}
