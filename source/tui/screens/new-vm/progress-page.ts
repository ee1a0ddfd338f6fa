import { sshLine } from '../../../provision/outcome-text.js';
import type { InputEvent } from '../../input/events.js';
import { keyLabel } from '../../kit/binding.js';
import type { KeyHint } from '../../kit/frame.js';
import { scrolled, scrollStep } from '../../kit/scrolling.js';
import { say } from '../../services/domain-action.js';
import { connectionOf } from '../../services/live-connection.js';
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
  /** Undefined: what happens now stays in view. */
  #top: number | undefined;
  #lastTop = 0;
  #count = 0;
  #height = 1;

  constructor(options: ProgressPageOptions) {
    this.#options = options;
  }

  typing(): boolean {
    return false;
  }

  draw(cells: number, rows: number, now: number): readonly string[] {
    const { host, creation } = this.#options;
    const { lines, focus } = drawCreation(creation, this.#name(), cells, now, host.look);
    this.#height = Math.max(1, rows);
    this.#count = lines.length;
    const follow = scrolled(Math.max(0, focus - this.#height), 0, lines.length, this.#height);
    const top = scrolled(this.#top ?? follow, 0, lines.length, this.#height);
    this.#lastTop = top;
    return lines.slice(top, top + this.#height);
  }

  handle(event: InputEvent): boolean {
    if (event.type !== 'key') return true;
    const { creation, back } = this.#options;
    const step = scrollStep(event.name, Math.max(1, this.#height - 1));
    const keys: Readonly<Record<string, () => void>> = {
      ...(back !== undefined && creation.ended && creation.failed && { b: back, escape: back }),
      ...(!creation.ended && { x: () => this.#askCancel(event.chunk) }),
      ...(this.#ssh() !== undefined && { y: () => this.#copy() }),
      ...(this.#isThere() && { t: () => this.#openConsole(), enter: () => this.#openDomain() }),
      ...(creation.names.length > 1 && {
        tab: () => this.#select(1),
        'shift-tab': () => this.#select(-1),
      }),
    };
    const act = keys[event.name];
    if (act !== undefined) act();
    else if (step !== undefined) this.#top = scrolled(this.#lastTop, step, this.#count, this.#height);
    else return false;
    return true;
  }

  keys(): readonly KeyHint[] {
    const { creation, host, back } = this.#options;
    const { keys } = host.look.glyphs;
    const failed = back !== undefined && creation.ended && creation.failed;
    const hints: KeyHint[] = [];
    if (failed) hints.push({ key: 'b', label: 'back to the pages', always: true });
    if (this.#isThere()) hints.push({ key: keyLabel('enter', keys), label: 'open' });
    if (this.#ssh() !== undefined) hints.push({ key: 'y', label: 'copy the ssh line' });
    if (this.#isThere()) hints.push({ key: 't', label: 'console' });
    if (creation.names.length > 1) hints.push({ key: 'Tab', label: 'next VM' });
    if (!creation.ended && !creation.cancelling) hints.push({ key: 'x', label: 'cancel' });
    if (!creation.ended) hints.push({ key: 'J', label: 'tasks' });
    if (!creation.ended) hints.push({ key: 'Esc', label: 'leave, it goes on', always: true });
    else if (!failed) hints.push({ key: 'Esc', label: 'close', always: true });
    return hints;
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
    const { creation } = this.#options;
    const name = this.#name();
    return sshLine(creation.machines.find((one) => one.name === name)?.user, creation.outcomes.get(name));
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

  #askCancel(chunk: number): void {
    const { host, creation } = this.#options;
    host.ui.setState({
      question: {
        title: `Cancel the creation of ${namesText(creation.names)}?`,
        lines: [fateOf(creation)],
        yes: 'Cancel it',
        no: 'Go on',
        confirm: () => creation.cancel(),
        chunk,
        choice: 'no',
      },
    });
  }
}
