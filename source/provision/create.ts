import { randomUUID } from 'node:crypto';
import { inTurns } from '../inventory/in-turns.js';
import type { LibvirtError } from '../libvirt/errors.js';
import { ownMark } from '../state/process-mark.js';
import { type AddressProgress, AddressTimeout, awaitAddress, type FoundAddress } from './address.js';
import { GuestHalted, type HaltFix } from './guest-halted.js';
import type { CreationJournal } from './journal.js';
import { CreationLedger } from './ledger.js';
import type { MachinePlan, Plan } from './plan.js';
import type { VmRequest } from './request/vm-request.js';
import {
  CreationError,
  type LeftBehind,
  type PlanHost,
  runSteps,
  type StepEvent,
  undoAll,
} from './run-plan.js';

/** What happens while machines are made and waited for. */
export type CreationEvent =
  | StepEvent
  | { readonly type: 'address'; readonly machine: string; readonly progress: AddressProgress }
  | { readonly type: 'end'; readonly machine: string; readonly outcome: Outcome };

/** What came of one machine. */
export type Outcome =
  /** It runs and its address is known. */
  | { readonly state: 'up'; readonly found: FoundAddress }
  /** It is there; nothing was waited for, or no longer. */
  | { readonly state: 'made'; readonly running: boolean; readonly note: string | undefined }
  /** It exists and runs, and has no address yet. */
  | { readonly state: 'timeout'; readonly progress: AddressProgress }
  /** It exists, and does not run (any more): it has stopped, or libvirt has paused it. */
  | {
      readonly state: 'halted';
      readonly message: string;
      readonly fix: HaltFix;
      readonly console: readonly string[];
    }
  /** It is not there; what had been made is gone again, but for what is left. */
  | {
      readonly state: 'failed' | 'cancelled';
      readonly error: CreationError;
      readonly left: readonly LeftBehind[];
    };

export interface CreateOptions {
  readonly plan: Plan;
  /** As they were asked for: so that a creation that is cut off can be gone on with. */
  readonly requests: readonly VmRequest[];
  readonly connection: string | undefined;
  /** Of the host, as its daemon says it. */
  readonly uri: string;
  readonly host: PlanHost;
  readonly journal: CreationJournal;
  readonly signal: AbortSignal;
  /** How long an address is waited for, in milliseconds (undefined: as long as it takes); false: not at all. */
  readonly wait: { readonly timeout: number | undefined } | false;
  readonly onEvent: (event: CreationEvent) => void;
}

/** Machines that are made at once: a daemon works on five requests of a client. */
const atOnce = 3;

/**
 * Runs a plan: what all share, then the machines side by side, and waits for their addresses. A machine that fails
 * takes back what it has made and leaves the others alone; what all share goes when none is left.
 *
 * @returns by the machines' names; it does not reject
 */
export async function create(options: CreateOptions): Promise<ReadonlyMap<string, Outcome>> {
  const { plan, requests, connection, uri, journal } = options;
  const ledger = new CreationLedger(journal, {
    version: 1,
    id: randomUUID(),
    connection,
    uri,
    startedAt: new Date().toISOString(),
    process: await ownMark(),
    requests,
    made: [],
    finished: [],
  });
  const creation = new Creation(options, ledger);
  const failure = await creation.share();
  if (failure !== undefined) return creation.failAll(failure);
  await inTurns(plan.machines, atOnce, (machine) => creation.make(machine));
  await creation.settle();
  return creation.outcomes();
}

class Creation {
  readonly #options: CreateOptions;
  readonly #ledger: CreationLedger;
  readonly #outcomes = new Map<string, Promise<Outcome>>();
  #whole = 0;
  #left = 0;

  constructor(options: CreateOptions, ledger: CreationLedger) {
    this.#options = options;
    this.#ledger = ledger;
  }

  /** Does what all machines share; resolves with why it failed. */
  async share(): Promise<CreationError | undefined> {
    const { plan } = this.#options;
    try {
      await this.#ledger.begin();
      await runSteps(plan.shared, this.#context(undefined));
      return undefined;
    } catch (error) {
      return error instanceof CreationError ? error : new CreationError(undefined, error, false);
    }
  }

  async failAll(error: CreationError): Promise<ReadonlyMap<string, Outcome>> {
    const left = await this.#undo(undefined);
    const state = error.cancelled ? 'cancelled' : 'failed';
    for (const { name } of this.#options.plan.machines) this.#end(name, { state, error, left });
    await this.#endLedger();
    return this.outcomes();
  }

  /** Makes one machine; its address is waited for by `outcomes`. */
  async make(machine: MachinePlan): Promise<void> {
    const { name } = machine;
    try {
      await runSteps(machine.steps, this.#context(name));
      await this.#ledger.finish(name);
      this.#whole += 1;
    } catch (reason) {
      const error = reason instanceof CreationError ? reason : new CreationError(undefined, reason, false);
      const left = await this.#undo(name);
      this.#end(name, { state: error.cancelled ? 'cancelled' : 'failed', error, left });
      return;
    }
    const outcome = this.#wait(machine);
    this.#outcomes.set(name, outcome);
    void outcome.then((ended) => this.#options.onEvent({ type: 'end', machine: name, outcome: ended }));
  }

  /** All machines are made or gone: what they share stays with those that are. */
  async settle(): Promise<void> {
    if (this.#whole === 0) await this.#undo(undefined);
    await this.#endLedger();
  }

  async outcomes(): Promise<ReadonlyMap<string, Outcome>> {
    const ended = await Promise.all(
      [...this.#outcomes].map(async ([name, outcome]) => [name, await outcome] as const),
    );
    return new Map(ended);
  }

  /** What cannot be written down now is found by the end of this process. */
  async #endLedger(): Promise<void> {
    await this.#ledger.end(this.#left === 0).catch(() => {});
  }

  #end(machine: string, outcome: Outcome): void {
    this.#outcomes.set(machine, Promise.resolve(outcome));
    this.#options.onEvent({ type: 'end', machine, outcome });
  }

  async #undo(machine: string | undefined): Promise<readonly LeftBehind[]> {
    const left = await undoAll(this.#context(machine));
    this.#left += left.length;
    return left;
  }

  #context(machine: string | undefined) {
    const { host, signal, onEvent } = this.#options;
    return { host, ledger: this.#ledger, machine, signal, onEvent };
  }

  /** @returns never rejects: the machine is there, whatever becomes of the waiting */
  async #wait({ name, uuid, waiting, started }: MachinePlan): Promise<Outcome> {
    const { wait, signal, host, onEvent } = this.#options;
    const made = (note?: string): Outcome => ({ state: 'made', running: started, note });
    if (wait === false || waiting === 'none' || !started) return made();
    try {
      const found = await awaitAddress(
        host.hypervisor,
        { name, uuid, id: -1 },
        {
          source: waiting,
          signal,
          timeout: wait.timeout,
          connect: () => host.connect(),
          onProgress: (progress) => onEvent({ type: 'address', machine: name, progress }),
        },
      );
      return { state: 'up', found };
    } catch (error) {
      if (error instanceof AddressTimeout) return { state: 'timeout', progress: error.progress };
      if (error instanceof GuestHalted) {
        const { message, fix, console } = error;
        return { state: 'halted', message, fix, console };
      }
      if (signal.aborted) return made('not waited for any longer');
      // Whoever waits is told so where the connection has ended.
      const { message, hint } = error as LibvirtError;
      return made([message, hint].filter(Boolean).join('. '));
    }
  }
}
