import type { SafeText } from '../../../text/safe.js';
import { ask } from '../../kit/ask.js';
import type { Binding } from '../../kit/binding.js';
import { ScrollView } from '../../kit/scrolling.js';
import { openGuestLogin } from '../../services/guest-login.js';
import { backBinding } from '../../services/keys.js';
import { connectionOf } from '../../services/live-connection.js';
import { say } from '../../services/messages.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { openSerialConsole } from '../../services/serial-console.js';
import { openDomain } from '../domain/open-domain.js';
import type { Creation } from './creation.js';
import { fateOf, namesText } from './creation-text.js';
import type { Page } from './page.js';
import { drawCreation } from './progress-view.js';

export interface ProgressPageOptions {
  readonly host: ScreenHost;
  readonly creation: Creation;
  /** Back to the pages of the wizard, after a failure; undefined where it did not come from there. */
  readonly back: (() => void) | undefined;
}

/** How the making goes, and at the end the way to what was made. */
export class ProgressPage implements Page {
  readonly #options: ProgressPageOptions;
  #selected = 0;
  readonly #view = new ScrollView();

  constructor(options: ProgressPageOptions) {
    this.#options = options;
  }

  typing(): boolean {
    return false;
  }

  draw(cells: number, rows: number, now: number): readonly SafeText[] {
    const { host, creation } = this.#options;
    const { lines, focus } = drawCreation(creation, this.#name(), cells, now, host.look);
    // Until somebody scrolls, what happens now stays in view.
    return this.#view.show(lines, rows, this.#view.moved ? undefined : focus - rows);
  }

  bindings(): readonly Binding[] {
    const { creation, back } = this.#options;
    const missing = (): string | undefined =>
      this.#isThere() ? undefined : `${this.#name()} is not made yet.`;
    const pages = back !== undefined && creation.ended && creation.failed ? pagesBinding(back) : undefined;
    const next: Binding = {
      keys: ['tab', 'shift-tab'],
      label: 'next VM',
      help: 'next, previous VM',
      moves: true,
      run: (_, { name }) => this.#select(name === 'tab' ? 1 : -1),
    };
    return [
      ...(pages === undefined ? [] : [pages]),
      {
        keys: ['enter'],
        label: 'open',
        help: 'open the domain (when it is made)',
        refusal: missing,
        run: () => this.#openDomain(),
      },
      {
        keys: ['y'],
        label: 'copy the ssh line',
        help: 'copy the ssh line (when it is made)',
        refusal: () => (this.#ssh() === undefined ? 'There is no ssh line yet.' : undefined),
        run: () => this.#copy(),
      },
      {
        keys: ['t'],
        label: 'console',
        help: 'serial console (when it is made)',
        refusal: missing,
        run: () => this.#openConsole(),
      },
      { keys: ['L'], help: 'log in (ssh; when it is up)', refusal: missing, run: () => this.#logIn() },
      ...(creation.names.length > 1 ? [next] : []),
      {
        keys: ['x'],
        label: 'cancel',
        help: 'cancel (while it is made)',
        refusal: () =>
          creation.ended ? 'It has ended.' : creation.cancelling ? 'It is being cancelled.' : undefined,
        run: () => this.#askCancel(),
      },
      this.#view.binding(),
      ...(pages === undefined ? [this.leave()] : []),
    ];
  }

  /** Esc, which ends nothing. */
  leave(): Binding {
    const { creation, host } = this.#options;
    const label = creation.ended ? 'close' : 'leave, it goes on';
    return { ...backBinding(host, 'back; what runs goes on'), label };
  }

  #name(): string {
    return this.#options.creation.names[this.#selected] ?? '';
  }

  /** The selected VM is made; whether it has an address is another matter. */
  #isThere(): boolean {
    const { creation } = this.#options;
    const name = this.#name();
    const outcome = creation.outcomes.get(name);
    if (outcome === undefined) return creation.addresses.has(name);
    return ['up', 'made', 'timeout', 'halted'].includes(outcome.state);
  }

  #ssh(): string | undefined {
    return this.#options.creation.sshLine(this.#name());
  }

  #select(step: number): void {
    const { length } = this.#options.creation.names;
    this.#selected = (this.#selected + step + length) % length;
  }

  #copy(): void {
    const { host } = this.#options;
    const ssh = this.#ssh();
    if (ssh === undefined) return;
    const copied = host.terminal.copy(ssh);
    say(host, {
      level: copied ? 'success' : 'warning',
      text: copied ? `copied: ${ssh}` : `it could not be copied: ${ssh}`,
      hint: copied ? 'A terminal without OSC 52 takes no notice of it.' : undefined,
    });
  }

  #domain() {
    const { host, creation } = this.#options;
    const uuid = creation.machines.find(({ name }) => name === this.#name())?.uuid;
    const domain =
      uuid === undefined
        ? undefined
        : connectionOf({ host, connectionId: creation.connectionId })?.domains.get(uuid);
    if (domain === undefined)
      say(host, { level: 'warning', text: `${this.#name()} is not in the list yet.` });
    return domain;
  }

  #openDomain(): void {
    const { host, creation } = this.#options;
    const domain = this.#domain();
    if (domain === undefined) return;
    openDomain(host, creation.connectionId, domain.uuid);
  }

  #openConsole(): void {
    const { host, creation } = this.#options;
    const domain = this.#domain();
    if (domain !== undefined) void openSerialConsole(host, creation.connectionId, domain);
  }

  #logIn(): void {
    const { host, creation } = this.#options;
    const domain = this.#domain();
    if (domain !== undefined) void openGuestLogin(host, creation.connectionId, domain);
  }

  #askCancel(): void {
    const { host, creation } = this.#options;
    ask(host, {
      title: `Cancel the creation of ${namesText(creation.names)}?`,
      lines: [fateOf(creation)],
      yes: 'Cancel it',
      no: 'Go on',
      confirm: () => creation.cancel(),
    });
  }
}

const pagesBinding = (back: () => void): Binding => ({
  keys: ['b'],
  also: ['escape'],
  label: 'back to the pages',
  always: 'first',
  help: 'back to the pages',
  run: back,
});
