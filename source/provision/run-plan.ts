import type { LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { CreationLedger } from './ledger.js';
import type { Made, Step, StepControl, StepId } from './plan.js';
import { nameOfMade, timeOfUndo, undo, undoByHand } from './undo.js';

/** What happens while steps are run; `machine` is undefined for what all machines share. */
export type StepEvent = { readonly machine: string | undefined } & (
  | {
      readonly type: 'step';
      readonly step: StepId;
      readonly title: string;
      readonly state: 'running' | 'done' | 'failed';
      /** What came of it, or why it failed. */
      readonly text: string | undefined;
    }
  | {
      readonly type: 'progress';
      readonly step: StepId;
      /** Bytes. */
      readonly bytes: number;
      readonly total: number | undefined;
      /** It is being read back, from 0 again. */
      readonly checking: boolean;
    }
  | { readonly type: 'say'; readonly step: StepId; readonly text: string }
  | {
      readonly type: 'undo';
      /** "volume web-1.qcow2 of the pool default" */
      readonly what: string;
      /** `kept`: somebody else needs it by now. */
      readonly state: 'running' | 'done' | 'kept' | 'failed';
      readonly text: string | undefined;
    }
);

/** The host that a plan is run on. */
export interface PlanHost {
  readonly hypervisor: Hypervisor;
  /** Another connection to the same host. */
  connect(): Promise<Hypervisor>;
}

export type UndoneState = Extract<StepEvent, { type: 'undo' }>['state'];

export interface StepsOptions {
  readonly host: PlanHost;
  readonly ledger: CreationLedger;
  readonly machine: string | undefined;
  readonly signal: AbortSignal;
  readonly onEvent: (event: StepEvent) => void;
}

/** Why a creation ended before its end, and what became of what it had made. */
export class CreationError extends Error {
  override readonly name = 'CreationError';
  readonly hint: string | undefined;
  /** The step that failed; undefined where it was none of them. */
  readonly step: Step | undefined;
  readonly cancelled: boolean;

  constructor(step: Step | undefined, cause: unknown, cancelled: boolean) {
    const { message, hint } = reasonOf(cause);
    super(message, { cause });
    this.step = step;
    this.hint = hint;
    this.cancelled = cancelled;
  }
}

/** Runs steps one after the other. @throws CreationError; what was made until then is in the ledger */
export async function runSteps(steps: readonly Step[], options: StepsOptions): Promise<void> {
  for (const step of steps) await runStep(step, options);
}

async function runStep(step: Step, options: StepsOptions): Promise<void> {
  const { machine, signal, onEvent, host, ledger } = options;
  const { id, title } = step;
  const tell = (state: 'running' | 'done' | 'failed', text?: string): void =>
    onEvent({ type: 'step', machine, step: id, title, state, text });
  const control: StepControl = {
    hypervisor: host.hypervisor,
    connect: () => host.connect(),
    signal,
    progress: (bytes, total, checking = false) =>
      onEvent({ type: 'progress', machine, step: id, bytes, total, checking }),
    say: (text) => onEvent({ type: 'say', machine, step: id, text }),
    make: (made, work) => ledger.make(made, machine, work),
    unmake: (made, work) => ledger.unmake(made, machine, work),
  };
  try {
    signal.throwIfAborted();
    tell('running');
    const text = await step.run(control);
    signal.throwIfAborted();
    tell('done', text);
  } catch (error) {
    const failure = new CreationError(step, error, signal.aborted);
    tell('failed', failure.cancelled ? 'cancelled' : failure.message);
    throw failure;
  }
}

/** What could not be taken back, and how a person does it. */
export interface LeftBehind {
  readonly what: string;
  readonly why: string;
  readonly byHand: string;
}

/**
 * Takes back what the ledger has of a machine (or of what all share), the newest first; also by another
 * connection, where the first one is over.
 *
 * @param longAgo it is of a creation that was cut off
 * @returns what is still there
 */
export async function undoAll({
  host,
  ledger,
  machine,
  onEvent,
  longAgo = false,
}: Omit<StepsOptions, 'signal'> & { readonly longAgo?: boolean }): Promise<readonly LeftBehind[]> {
  const left: LeftBehind[] = [];
  let answers = true;
  const connection = new SpareConnection(host);
  try {
    const wanted = new Set(ledger.madeBy(machine).flatMap(({ made, unwanted }) => (unwanted ? [] : [made])));
    // Before it is asked who is at work: whoever begins later waits until this is settled.
    await ledger.giveUp(machine, longAgo ? images : undefined).catch(() => {});
    for (const noted of ledger.madeBy(machine).reverse()) {
      const { made, sure } = noted;
      const what = nameOfMade(made);
      const tell = (state: UndoneState, text?: string): void =>
        onEvent({ type: 'undo', machine, what, state, text });
      const stays = (why: string): void => {
        left.push({ what, why, byHand: undoByHand(made, ledger.record.connection) });
        tell('failed', why);
      };
      if (!answers) {
        stays('not tried, since the host does not answer');
        continue;
      }
      tell('running', timeOfUndo(made));
      try {
        const options = {
          longAgo,
          wanted: wanted.has(made),
          sure,
          maybeInUse: left.length > 0,
          others: () => ledger.othersAtWork(),
        };
        const kept = await connection.use((hypervisor) => undo(hypervisor, made, options));
        // What a domain that could not be removed uses goes with it, another time.
        if (kept === undefined || left.length === 0) await ledger.forget(noted);
        tell(kept === undefined ? 'done' : 'kept', kept);
      } catch (error) {
        // Where one call is not answered the next ones would be waited for as long.
        const { kind } = error as Partial<LibvirtError>;
        answers = kind !== 'timeout' && kind !== 'aborted';
        stays(reasonOf(error).message);
      }
    }
  } finally {
    await connection.close();
  }
  return left;
}

/** Of a creation that was cut off only these are nobody's yet; the others may be in use. */
const images: ReadonlySet<Made['kind']> = new Set(['image']);

/** The host's connection, or a new one once that is over. */
class SpareConnection {
  readonly #host: PlanHost;
  #spare: Hypervisor | undefined;

  constructor(host: PlanHost) {
    this.#host = host;
  }

  async use<T>(work: (hypervisor: Hypervisor) => Promise<T>): Promise<T> {
    try {
      return await work(this.#spare ?? this.#host.hypervisor);
    } catch (error) {
      if ((error as LibvirtError).kind !== 'closed' || this.#spare !== undefined) throw error;
      this.#spare = await this.#host.connect();
      return await work(this.#spare);
    }
  }

  async close(): Promise<void> {
    await this.#spare?.close();
  }
}

function reasonOf(error: unknown): { readonly message: string; readonly hint: string | undefined } {
  const { message = String(error), hint } = error as Partial<LibvirtError>;
  return { message, hint };
}
