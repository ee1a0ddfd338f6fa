import { homedir } from 'node:os';
import type { LibvirtError } from '../../../libvirt/errors.js';
import { readKeys } from '../../../provision/cloud-init/ssh-keys.js';
import { CreationJournal, creationsFolder } from '../../../provision/journal.js';
import { type Prepared, prepare } from '../../../provision/prepare.js';
import type { VmRequest } from '../../../provision/request/vm-request.js';
import { keyOf, requestsOf } from './draft.js';
import type { PlacedProblem } from './problems.js';
import { hasAccess } from './suits.js';
import type { Wizard } from './wizard.js';

/** What the review has come to. */
export type ReviewState =
  /** Something is wrong with the fields: the host is not asked. */
  | { readonly state: 'problems'; readonly problems: readonly PlacedProblem[] }
  | { readonly state: 'preparing' }
  | { readonly state: 'failed'; readonly text: string; readonly hint: string | undefined }
  | { readonly state: 'ready'; readonly requests: readonly VmRequest[]; readonly prepared: Prepared };

/** The plan for the draft, prepared in the background: it may wait for the network. */
export class Review {
  readonly #wizard: Wizard;
  #state: ReviewState = { state: 'preparing' };
  #abort: AbortController | undefined;

  constructor(wizard: Wizard) {
    this.#wizard = wizard;
  }

  get state(): ReviewState {
    return this.#state;
  }

  /** Makes the plan anew. */
  begin(): void {
    this.cancel();
    this.#wizard.tryAll();
    const abort = new AbortController();
    this.#abort = abort;
    this.#state = { state: 'preparing' };
    void this.#outcome(abort.signal).then((state) => {
      if (abort.signal.aborted) return;
      this.#state = state;
      this.#wizard.redraw();
    });
  }

  /** Leaves it where it is. */
  cancel(): void {
    this.#abort?.abort();
    this.#abort = undefined;
  }

  async #outcome(signal: AbortSignal): Promise<ReviewState> {
    const wizard = this.#wizard;
    try {
      // The name that is suggested depends on what the host has.
      await wizard.reader.settled;
      const moreKeys = await this.#moreKeys(signal);
      if (signal.aborted) return { state: 'preparing' };
      wizard.keepPool();
      const problems = wizard.allProblems();
      if (problems.length > 0) return { state: 'problems', problems };
      const requests = requestsOf(wizard.draft, wizard.around, moreKeys);
      const prepared = await this.#prepare(requests, signal);
      // What can be chosen instead is looked at anew.
      if (prepared.findings.some(({ level, field }) => level === 'error' && field === 'pool'))
        wizard.reader.again();
      return { state: 'ready', requests, prepared };
    } catch (error) {
      const { message, hint } = error as LibvirtError;
      return { state: 'failed', text: message, hint };
    }
  }

  #prepare(requests: readonly VmRequest[], signal: AbortSignal): Promise<Prepared> {
    const { host, connectionId, uri } = this.#wizard;
    const { environment: env, inventory } = host;
    const journal = new CreationJournal(creationsFolder(env));
    return inventory.ask(connectionId, (hypervisor) =>
      prepare(hypervisor, requests, { connection: uri, env, journal, signal }),
    );
  }

  /** Keys of the file or URL that was named; what is wrong with it is said at its field. */
  async #moreKeys(signal: AbortSignal): Promise<readonly string[]> {
    const wizard = this.#wizard;
    const { values, source, host } = wizard;
    const place = (values.moreKeys ?? '').trim();
    if (place === '' || !hasAccess(source, values)) return [];
    const { environment: env } = host;
    try {
      const keys = await readKeys(place, { home: env.HOME || homedir(), env, signal });
      return keys.map(({ text }) => text);
    } catch (error) {
      wizard.find('moreKeys', (error as Error).message);
      return [];
    }
  }

  /** The request that edited XML belongs to. */
  get key(): string {
    return this.#state.state === 'ready' ? keyOf(this.#state.requests) : '';
  }
}
