import { LibvirtError } from '../../../libvirt/errors.js';
import type { Hypervisor } from '../../../libvirt/hypervisor.js';
import { RateMeter } from '../../../libvirt/transfer/progress.js';
import type { AddressProgress } from '../../../provision/address.js';
import { type CreationEvent, create, type Outcome } from '../../../provision/create.js';
import { CreationJournal, creationsFolder } from '../../../provision/journal.js';
import { haltHint, outcomeText, sshLine } from '../../../provision/outcome-text.js';
import type { MachinePlan, Plan } from '../../../provision/plan.js';
import { prepare } from '../../../provision/prepare.js';
import type { VmRequest } from '../../../provision/request/vm-request.js';
import type { PlanHost, UndoneState } from '../../../provision/run-plan.js';
import type { Endpoint } from '../../../transport/endpoint.js';
import { connectionOf } from '../../services/live-connection.js';
import { hush, say } from '../../services/messages.js';
import type { ScreenHost } from '../../services/screen-host.js';
import type { TaskControl, TaskProgress } from '../../services/tasks.js';
import { doingOf, fateOf, namesText } from './creation-text.js';

/** Where a step of a creation is. */
export interface StepState {
  /** Undefined for what all machines share. */
  readonly machine: string | undefined;
  readonly id: string;
  readonly title: string;
  state: 'waiting' | 'running' | 'done' | 'failed';
  text: string | undefined;
  progress: TaskProgress | undefined;
}

/** Something that is taken back, after a failure. */
export interface UndoState {
  readonly what: string;
  state: UndoneState;
  text: string | undefined;
}

export interface CreationSpec {
  /** None: only what is done before. */
  readonly requests: readonly VmRequest[];
  /** Undefined: it is made when the task begins. */
  readonly plan: Plan | undefined;
  /** Leads to its progress, from the list of tasks. */
  readonly open: (creation: Creation) => void;
  /**
   * Done first, on the same connection; e.g. what a creation that was cut off has left is removed. Resolves with the
   * names of machines that turned out to be whole.
   */
  readonly before?: (host: PlanHost, creation: Creation) => Promise<readonly string[]>;
}

/** How long an address is waited for, in milliseconds: an emulated guest on a busy host takes minutes. */
const patience = 900_000;
/** Data arrive in thousands of pieces a second; only some of them cause a redraw. */
const tellEvery = 150;

/** A creation as a task of the program, which outlives its screens. */
export class Creation {
  readonly names: readonly string[];
  readonly connectionId: string;
  /** What opens its host, for commands that a person is to type. */
  readonly connection: string | undefined;
  readonly startedAt = Date.now();
  readonly steps: StepState[] = [];
  readonly undone: UndoState[] = [];
  readonly addresses = new Map<string, AddressProgress>();
  readonly outcomes = new Map<string, Outcome>();
  /** Why it could not even begin. */
  failure: { readonly text: string; readonly hint: string | undefined } | undefined;
  machines: readonly MachinePlan[] = [];
  endedAt: number | undefined;
  /** Resolves when it has ended, well or not. */
  readonly finished: Promise<void>;
  readonly #host: ScreenHost;
  readonly #meters = new Map<StepState, RateMeter>();
  #control: TaskControl | undefined;
  #taskId = 0;
  #whole: readonly string[] = [];
  #endpoint: Endpoint | undefined;
  #toldAt = 0;

  constructor(host: ScreenHost, connectionId: string, spec: CreationSpec, title?: string) {
    this.#host = host;
    this.connectionId = connectionId;
    this.connection = connectionOf({ host, connectionId })?.uri;
    this.names = spec.requests.map(({ name }) => name);
    if (spec.plan !== undefined) this.#take(spec.plan);
    this.finished = this.#begin(spec, title ?? `create ${namesText(this.names)}`);
  }

  get ended(): boolean {
    return this.endedAt !== undefined;
  }

  get cancelling(): boolean {
    return this.#host.tasks.tasks.find(({ id }) => id === this.#taskId)?.cancelling === true;
  }

  /** True where nothing of it is there: it can be corrected and tried again. */
  get failed(): boolean {
    if (this.failure !== undefined) return true;
    return [...this.outcomes.values()].some(({ state }) => state === 'failed' || state === 'cancelled');
  }

  /** All its steps are done: whatever comes, it stays. */
  isWhole(name: string): boolean {
    const { state } = this.outcomes.get(name) ?? {};
    if (state !== undefined) return state !== 'failed' && state !== 'cancelled';
    const own = this.steps.filter(({ machine }) => machine === name);
    return own.length > 0 && own.every((step) => step.state === 'done');
  }

  /** All its steps are done, and its address is waited for. */
  boots(name: string): boolean {
    const machine = this.machines.find((one) => one.name === name);
    if (machine === undefined || machine.waiting === 'none' || !machine.started) return false;
    return this.steps.every((step) => step.machine !== name || step.state === 'done');
  }

  /** The line that logs in; undefined where there is no way, or none yet. */
  sshLine(name: string): string | undefined {
    const machine = this.machines.find((one) => one.name === name);
    return machine && sshLine(machine, this.outcomes.get(name), this.#endpoint);
  }

  cancel(): void {
    this.#host.tasks.cancel(this.#taskId);
  }

  /** Takes in what is taken back before the plan is run. */
  readonly heard = (event: CreationEvent): void => this.#hear(event);

  async #begin(spec: CreationSpec, title: string): Promise<void> {
    const host = this.#host;
    // What an earlier attempt said is over.
    hush(host);
    const tasks = host.tasks;
    const connection = connectionOf({ host, connectionId: this.connectionId });
    const ended = tasks.run({
      title,
      connection: connection?.name ?? this.connectionId,
      whenCancelled: 'cancelled; what had been made is removed',
      fate: () => fateOf(this),
      open: () => spec.open(this),
      work: (control) => this.#work(spec, connection?.uri, control),
    });
    this.#taskId = tasks.tasks[0]?.id ?? 0;
    const { state, outcome, hint } = await ended;
    const levels = { running: 'info', done: 'success', failed: 'error', cancelled: 'warning' } as const;
    const text =
      state === 'done' && this.names.length > 0 ? (outcome ?? '') : `${title}: ${outcome ?? state}`;
    say(host, { level: levels[state], text, hint });
    void host.inventory.refresh(this.connectionId);
  }

  /** @throws LibvirtError that says what failed; the task shows it */
  async #work(spec: CreationSpec, uri: string | undefined, control: TaskControl): Promise<string> {
    this.#control = control;
    const { inventory } = this.#host;
    // What is taken back after a cancel needs connections as well.
    const connect = (): Promise<Hypervisor> =>
      inventory.openAnother(this.connectionId, new AbortController().signal);
    let hypervisor: Hypervisor | undefined;
    try {
      hypervisor = await inventory.openAnother(this.connectionId, control.signal);
      this.#endpoint = hypervisor.endpoint;
      const host: PlanHost = { hypervisor, connect };
      this.#whole = (await spec.before?.(host, this)) ?? [];
      const requests = spec.requests.filter(({ name }) => !this.#whole.includes(name));
      if (requests.length > 0) await this.#create({ ...spec, requests }, host, uri, control);
    } catch (error) {
      const { message, hint } = error as LibvirtError;
      this.failure = { text: message, hint };
      throw error;
    } finally {
      this.endedAt = Date.now();
      await hypervisor?.close();
    }
    return this.#summary(control.signal);
  }

  async #create(
    spec: CreationSpec,
    host: PlanHost,
    connection: string | undefined,
    { signal }: TaskControl,
  ): Promise<void> {
    const { environment: env, inventory } = this.#host;
    const journal = new CreationJournal(creationsFolder(env));
    const { requests } = spec;
    let { plan } = spec;
    if (plan === undefined) {
      const prepared = await prepare(host.hypervisor, requests, { connection, env, journal, signal });
      plan = prepared.plan;
      const [finding] = prepared.findings;
      if (plan === undefined)
        throw new LibvirtError({
          kind: 'libvirt',
          message: finding?.message ?? 'there is no plan',
          hint: finding?.fix,
        });
      this.#take(plan);
    }
    const known = inventory.store.getState().connections.find(({ id }) => id === this.connectionId);
    const outcomes = await create({
      plan,
      requests,
      connection,
      uri: known?.info?.uri ?? connection ?? '',
      host,
      journal,
      signal,
      wait: { timeout: patience },
      onEvent: (event) => this.#hear(event),
    });
    for (const [name, outcome] of outcomes) this.outcomes.set(name, outcome);
  }

  #take({ shared, machines }: Plan): void {
    this.machines = machines;
    const waiting = { state: 'waiting', text: undefined, progress: undefined } as const;
    for (const { id, title } of shared) this.steps.push({ machine: undefined, id, title, ...waiting });
    for (const { name, steps } of machines)
      for (const { id, title } of steps) this.steps.push({ machine: name, id, title, ...waiting });
  }

  #hear(event: CreationEvent): void {
    if (event.type === 'address') this.addresses.set(event.machine, event.progress);
    else if (event.type === 'end') this.outcomes.set(event.machine, event.outcome);
    else if (event.type === 'undo') this.#hearUndo(event);
    else this.#hearStep(event);
    this.#control?.say(doingOf(this));
    const now = Date.now();
    if (event.type === 'progress' && now - this.#toldAt < tellEvery) return;
    this.#toldAt = now;
    this.#host.redraw();
  }

  #hearUndo({ what, state, text }: Extract<CreationEvent, { type: 'undo' }>): void {
    const known = this.undone.find((one) => one.what === what && one.state === 'running');
    if (known === undefined) this.undone.push({ what, state, text });
    else Object.assign(known, { state, text });
  }

  #hearStep(event: Extract<CreationEvent, { type: 'step' | 'progress' | 'say' }>): void {
    const step = this.steps.find(({ machine, id }) => machine === event.machine && id === event.step);
    if (step === undefined) return;
    if (event.type === 'step') Object.assign(step, { state: event.state, text: event.text });
    else if (event.type === 'say') step.text = event.text;
    else {
      const meter = this.#meters.get(step) ?? new RateMeter();
      this.#meters.set(step, meter);
      const at = Date.now();
      step.progress = { ...meter.at(at, event.bytes, event.total, event.checking), at };
      if (!event.checking) this.#tellTask();
    }
  }

  /** The task shows all that is moved as one amount. */
  #tellTask(): void {
    const moved = this.steps.flatMap(({ progress }) => (progress === undefined ? [] : [progress]));
    const sum = (of: (progress: TaskProgress) => number): number =>
      moved.reduce((all, one) => all + of(one), 0);
    this.#control?.progress(
      sum(({ bytes }) => bytes),
      sum(({ bytes, total }) => total ?? bytes),
    );
  }

  /** What came of it in a sentence. @throws LibvirtError where one of them is not there */
  #summary(signal: AbortSignal): string {
    if (this.names.length === 0) return 'nothing of it is left';
    const texts = [
      ...this.#whole.map((name) => `${name} runs: it is whole, and stays as it is`),
      ...[...this.outcomes].map(([name, outcome]) => outcomeText(name, outcome)),
    ];
    const bad = [...this.outcomes.values()].find(({ state }) => state === 'failed' || state === 'cancelled');
    const halted = [...this.outcomes].find(([, { state }]) => state === 'halted');
    if (bad === undefined && halted !== undefined) {
      const [name, outcome] = halted;
      const hint = outcome.state === 'halted' ? haltHint(name, outcome.fix, this.connection) : undefined;
      throw new LibvirtError({ kind: 'libvirt', message: texts.join('; '), hint });
    }
    if (bad === undefined || !('error' in bad)) return texts.join('; ');
    if (signal.aborted && bad.left.length === 0)
      throw new LibvirtError({ kind: 'aborted', message: 'cancelled' });
    throw new LibvirtError({ kind: 'libvirt', message: texts.join('; '), hint: bad.error.hint });
  }
}
