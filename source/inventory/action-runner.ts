import type { LibvirtError } from '../libvirt/errors.js';
import type { DomainEvent } from '../libvirt/events.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { Clock, Timer } from './clock.js';
import {
  type ActionSubject,
  type DomainAction,
  type DomainActionId,
  domainActions,
} from './domain-actions.js';
import type { DomainRecord } from './domain-record.js';
import { relapse } from './resume.js';
import type { Notice } from './types.js';

/** What came of an action; `text` is ready to show, as in the notices. */
export type ActionOutcome =
  | { readonly ok: true; readonly text: string }
  | {
      readonly ok: false;
      readonly text: string;
      readonly hint?: string | undefined;
      readonly error?: LibvirtError | undefined;
    };

export type Notify = (notice: Pick<Notice, 'level' | 'text' | 'hint'>) => void;

export interface ActionContext {
  readonly clock: Clock;
  /** The connection's name. */
  readonly name: string;
  /** The open connection, while there is one. */
  readonly hypervisor: Hypervisor | undefined;
  notify: Notify;
  changed(): void;
  readList(): Promise<void>;
}

/** A guest that was asked has this long to do it. */
const guestPatience = 60_000;
/** The host has said yes: the proof is on its way, by an event or the next statistics. */
const hostPatience = 30_000;

interface Waiting {
  readonly action: DomainAction;
  readonly record: DomainRecord;
  /** The domain as it was when the action was called. */
  readonly before: ActionSubject;
  /** Clock time when the host accepted the call; undefined until then. */
  acceptedAt: number | undefined;
  /** The event that proves it, where it came before the call's answer. */
  proof: DomainEvent | undefined;
  timer: Timer | undefined;
  /** Ends the waiting; `quiet` where something else already tells the person. */
  end(outcome: ActionOutcome, quiet?: boolean): void;
}

/**
 * Carries out the actions on one connection's domains. Each resolves with what has happened (the event that
 * proves it, not the accepted request), never rejects, and leaves its outcome as a notice.
 */
export class ActionRunner {
  readonly #context: ActionContext;
  /** At most one action for each domain, by uuid. */
  readonly #waiting = new Map<string, Waiting>();

  constructor(context: ActionContext) {
    this.#context = context;
  }

  async run(id: DomainActionId, record: DomainRecord): Promise<ActionOutcome> {
    const action = domainActions[id];
    const { hypervisor, name } = this.#context;
    if (hypervisor === undefined) return this.#refuse(`${record.name}: ${name} is not connected`);
    const earlier = this.#waiting.get(record.uuid);
    const refusal =
      earlier?.action === action
        ? `${record.name} is already ${action.pending(earlier.before)}`
        : action.refusal(record);
    if (refusal !== undefined) return this.#refuse(refusal);
    earlier?.end(
      { ok: false, text: `${record.name}: ${earlier.action.title(earlier.before)} gave way` },
      true,
    );
    return new Promise((resolve) => {
      const waiting = this.#begin(action, record, resolve);
      void this.#call(hypervisor, waiting);
    });
  }

  /** An event, after it was applied. */
  onEvent(event: DomainEvent): void {
    const waiting = this.#waiting.get(event.domain.uuid);
    if (waiting === undefined) return;
    const { action, before } = waiting;
    if (action.confirmedBy(event, before)) {
      waiting.proof = event;
      if (waiting.acceptedAt !== undefined) this.#done(waiting);
    } else if (event.type === 'lifecycle' && event.event === 'stopped' && waiting.acceptedAt !== undefined) {
      const text = `${before.name}: shut off (${event.detail}) while ${action.pending(before)}`;
      waiting.end({ ok: false, text });
    }
  }

  /** Statistics asked for at `asked` were applied: on hosts that tell no events they are the proof. */
  onStats(asked: number): void {
    for (const waiting of [...this.#waiting.values()]) {
      const { action, acceptedAt, record, before } = waiting;
      if (acceptedAt !== undefined && asked > acceptedAt && action.reached?.(record, before))
        this.#done(waiting);
    }
  }

  /** The connection is over: nobody will tell what happens. */
  abandon(): void {
    for (const { before, action, end } of [...this.#waiting.values()]) {
      const text = `${before.name}: the connection ended before it was known whether ${action.title(before)} worked`;
      end({ ok: false, text });
    }
  }

  #begin(action: DomainAction, record: DomainRecord, resolve: (outcome: ActionOutcome) => void): Waiting {
    const { name, uuid, id, state, autostart, persistent, managedSave } = record;
    const waiting: Waiting = {
      action,
      record,
      before: { name, uuid, id, state, autostart, persistent, managedSave },
      acceptedAt: undefined,
      proof: undefined,
      timer: undefined,
      end: (outcome, quiet = false) => {
        if (this.#waiting.get(uuid) !== waiting) return;
        this.#waiting.delete(uuid);
        this.#context.clock.clearTimeout(waiting.timer);
        this.#setPending(record, undefined);
        if (!quiet) this.#tell(outcome);
        resolve(outcome);
      },
    };
    this.#waiting.set(uuid, waiting);
    this.#setPending(record, action.pending(waiting.before));
    return waiting;
  }

  async #call(hypervisor: Hypervisor, waiting: Waiting): Promise<void> {
    const { action, before } = waiting;
    try {
      await action.call(hypervisor, before);
    } catch (error) {
      // The answer may have been lost on its way while the event was not.
      const failure = error as LibvirtError;
      if (waiting.proof && failure.kind === 'timeout') this.#done(waiting);
      else waiting.end(failed(waiting, failure));
      return;
    }
    if (this.#waiting.get(before.uuid) !== waiting) return;
    waiting.acceptedAt = this.#context.clock.now();
    if (waiting.proof) this.#done(waiting);
    else if (action.confirmedByList) await this.#confirmByList(waiting);
    else this.#wait(waiting);
  }

  #wait(waiting: Waiting): void {
    const { clock } = this.#context;
    const { action, before } = waiting;
    const { guestDecides } = action;
    if (guestDecides) this.#context.notify({ level: 'info', text: guestDecides.asked(before) });
    const text =
      guestDecides?.ignored(before) ??
      `${before.name}: ${action.title(before)} was accepted, but nothing has been heard of it since`;
    const patience = guestDecides ? guestPatience : hostPatience;
    waiting.timer = clock.setTimeout(() => waiting.end({ ok: false, text }), patience);
  }

  async #confirmByList(waiting: Waiting): Promise<void> {
    await this.#context.readList();
    const { action, before, record } = waiting;
    if (action.reached?.(record, before)) this.#done(waiting);
    else waiting.end({ ok: false, text: `${before.name}: ${action.title(before)} had no effect` });
  }

  #done({ action, record, before, proof, end }: Waiting): void {
    // Under its new name, should it have been renamed meanwhile, and with its new flags.
    const { name, uuid, id, state, autostart, persistent, managedSave } = record;
    const after = { ...before, name, uuid, id, state, autostart, persistent, managedSave };
    // The answer may come after the events of both, the success and the failure behind it.
    const again = action.setsGoing ? relapse(state, record.reason) : undefined;
    if (again !== undefined) end({ ok: false, text: `${name}: ${again.text}`, hint: again.hint });
    else end({ ok: true, text: action.done(after, proof) });
  }

  #refuse(text: string): ActionOutcome {
    const outcome: ActionOutcome = { ok: false, text };
    this.#tell(outcome);
    return outcome;
  }

  #tell(outcome: ActionOutcome): void {
    const level = outcome.ok ? 'success' : outcome.error === undefined ? 'warning' : 'error';
    this.#context.notify({ level, text: outcome.text, hint: outcome.ok ? undefined : outcome.hint });
  }

  #setPending(record: DomainRecord, pending: string | undefined): void {
    record.pending = pending;
    record.revision += 1;
    this.#context.changed();
  }
}

function failed({ action, before }: Waiting, error: LibvirtError): ActionOutcome {
  const text = `${before.name}: ${action.title(before)} failed: ${error.message}`;
  return { ok: false, text, hint: error.hint, error };
}
