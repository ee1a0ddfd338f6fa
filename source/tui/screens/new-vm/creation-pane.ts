import type { SafeText } from '../../../text/safe.js';
import { type Binding, footerHints, layered } from '../../kit/binding.js';
import { drawFrame } from '../../kit/frame.js';
import type { Pane } from '../../kit/pane.js';
import type { Size } from '../../kit/size.js';
import { connectionOf } from '../../services/live-connection.js';
import type { ScreenHost } from '../../services/screen-host.js';
import type { Creation } from './creation.js';
import { openNewVm } from './open-new-vm.js';
import { ProgressPage } from './progress-page.js';
import { drawCreationTitle } from './progress-view.js';

/** Frames of the spinner. */
const turnEvery = 200;

/**
 * Shows how a creation goes: on the wizard's screen where that is still open, else on one of its own.
 *
 * @param fromWizard after a failure there are pages to go back to
 */
export function showCreation(host: ScreenHost, creation: Creation, fromWizard = false): void {
  if (!host.panes.backTo(creation)) host.panes.open(new CreationPane(host, creation, fromWizard));
}

/** The progress of a creation whose wizard is closed. */
class CreationPane implements Pane {
  readonly #host: ScreenHost;
  readonly #creation: Creation;
  readonly #page: ProgressPage;
  #timer: NodeJS.Timeout | undefined;

  constructor(host: ScreenHost, creation: Creation, fromWizard: boolean) {
    this.#host = host;
    this.#creation = creation;
    this.#page = new ProgressPage({ host, creation, back: fromWizard ? () => this.#back() : undefined });
  }

  readonly shows = (): Creation => this.#creation;

  readonly gone = (): boolean => this.#connection() === undefined;

  /** Esc leads to where it was opened from; the pages are behind their own key. */
  readonly bindings = (): readonly Binding[] => layered([this.#page.leave()], this.#page.bindings());

  readonly shown = (visible: boolean): void => {
    clearInterval(this.#timer);
    if (!visible) return;
    this.#timer = setInterval(() => this.#creation.ended || this.#host.redraw(), turnEvery);
    this.#timer.unref();
  };

  draw(size: Size, now: number): readonly SafeText[] {
    const { look } = this.#host;
    return drawFrame(this.#host, size, {
      title: () => drawCreationTitle(this.#creation, this.#connection()?.name ?? '', size.columns, look),
      body: ({ columns, rows }) => this.#page.draw(columns, rows, now),
      keys: footerHints(this.bindings(), look),
    });
  }

  /** The wizard finds again what was entered. */
  #back(): void {
    const connection = this.#connection();
    this.#host.panes.back();
    if (connection !== undefined) openNewVm(this.#host, connection);
  }

  #connection() {
    return connectionOf({ host: this.#host, connectionId: this.#creation.connectionId });
  }
}
