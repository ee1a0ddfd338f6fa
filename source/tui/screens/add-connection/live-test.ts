import type { OpenHypervisor } from '../../../inventory/host-connection.js';
import { type CheckDetails, type CheckStep, checkConnection } from '../../../libvirt/connection-check.js';
import { LibvirtError } from '../../../libvirt/errors.js';

export type StepOutcome = 'waiting' | 'running' | 'ok' | 'failed' | 'cancelled';

export interface TestStep {
  readonly step: CheckStep;
  readonly outcome: StepOutcome;
  /** Of a step that has ended. */
  readonly details?: CheckDetails;
}

/** A test of a connection, as far as it has come. */
export interface TestState {
  readonly uri: string;
  readonly steps: readonly TestStep[];
  /** Every step is done, one has failed, or it was cancelled. */
  readonly over: boolean;
  readonly failure: { readonly message: string; readonly hint: string | undefined } | undefined;
}

/** Tries a connection while the form goes on; its state changes as the steps come to their ends. */
export class LiveTest {
  readonly #open: OpenHypervisor;
  readonly #changed: () => void;
  readonly #life = new AbortController();
  #state: TestState;

  /** Begins at once. @param changed called at every change of the state */
  constructor(uri: string, checkSteps: readonly CheckStep[], open: OpenHypervisor, changed: () => void) {
    this.#open = open;
    this.#changed = changed;
    const steps = checkSteps.map((step): TestStep => ({ step, outcome: 'waiting' }));
    this.#state = { uri, steps, over: false, failure: undefined };
    void this.#run();
  }

  get state(): TestState {
    return this.#state;
  }

  /** Gives up, whatever the test waits for. What was connected is closed. */
  cancel(): void {
    if (this.#state.over) return;
    this.#life.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#life;
    const cancelled = new Promise<'cancelled'>((resolve) => {
      // A moment later, once the step under way has reported its own failure.
      signal.addEventListener('abort', () => setTimeout(() => resolve('cancelled'), 50), { once: true });
    });
    const check = checkConnection(this.#state.uri, {
      steps: this.#state.steps.map(({ step }) => step),
      open: this.#open,
      signal,
      report: {
        begin: (step) => this.#set({ step, outcome: 'running' }),
        end: (step, outcome, details) =>
          this.#set({
            step,
            outcome: outcome === 'failed' && signal.aborted ? 'cancelled' : outcome,
            details,
          }),
      },
    }).catch((error: unknown) => error);
    const result = await Promise.race([check, cancelled]);
    if (result === 'cancelled' || signal.aborted) this.#end('cancelled', undefined);
    else if (result === undefined) this.#end('ok', undefined);
    else this.#end('failed', result);
  }

  #set(now: TestStep): void {
    if (this.#state.over) return;
    const steps = this.#state.steps.map((one) => (one.step === now.step ? now : one));
    this.#state = { ...this.#state, steps };
    this.#changed();
  }

  /** What is still under way shares the outcome of the whole. */
  #end(outcome: StepOutcome, error: unknown): void {
    const steps = this.#state.steps.map((one) => (one.outcome === 'running' ? { ...one, outcome } : one));
    this.#state = { ...this.#state, steps, over: true, failure: failureOf(error) };
    this.#changed();
  }
}

function failureOf(error: unknown): TestState['failure'] {
  if (error === undefined) return undefined;
  const message = error instanceof Error ? error.message : String(error);
  return { message, hint: error instanceof LibvirtError ? error.hint : undefined };
}
