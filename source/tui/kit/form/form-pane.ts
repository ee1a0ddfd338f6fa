import type { ActionOutcome } from '../../../inventory/action-runner.js';
import { UnwritableText } from '../../../libvirt/xml/write.js';
import type { SafeText } from '../../../text/safe.js';
import type { InputEvent } from '../../input/events.js';
import type { Look } from '../../theme/look.js';
import { type Binding, dispatch, footerHints } from '../binding.js';
import { drawKeys } from '../frame.js';
import type { Pane } from '../pane.js';
import type { Size } from '../size.js';
import type { Form, Values } from './form.js';
import { FormControl } from './form-control.js';
import { drawForm, type FormView } from './form-view.js';

/** What was entered in forms that were left. */
export interface FormDrafts {
  get<T>(id: string): T | undefined;
  keep(id: string, entered: Values | undefined): void;
}

export interface FormPaneOptions {
  readonly form: Form;
  readonly look: Look;
  readonly drafts: FormDrafts;
  readonly panes: { back(): void };
  readonly redraw: () => void;
}

/** A form on a screen of its own: fields, what is wrong with them, and two buttons. */
export class FormPane implements Pane {
  readonly entry = true;
  readonly #options: FormPaneOptions;
  readonly #control: FormControl;
  /** Only what the person has changed: everything else starts afresh with the current defaults. */
  #entered: Values;
  #running = false;
  #done = false;
  #failure: FormView['failure'];

  constructor(options: FormPaneOptions) {
    this.#options = options;
    const { form, drafts } = options;
    this.#entered = drafts.get<Values>(form.id) ?? {};
    this.#control = new FormControl({
      fields: () => form.fields(this.#values),
      values: () => this.#values,
      set: (id, value) => this.#set(id, value),
      problems: () => form.problems(this.#values),
      buttons: () => [
        { text: form.action, press: () => void this.#submit() },
        { text: 'Cancel', press: () => this.#finish() },
      ],
    });
    this.#control.focus();
  }

  /** It has done its work. */
  readonly gone = (): boolean => this.#done;

  readonly typing = (): boolean => this.#control.typing;

  readonly entered = (): string | undefined =>
    this.#done || Object.keys(this.#entered).length === 0 ? undefined : this.#options.form.title;

  readonly bindings = (): readonly Binding[] => [
    ...(this.#running ? [] : this.#control.bindings()),
    leaveBinding(this.#options.panes),
  ];

  close(): void {
    const { form, drafts } = this.#options;
    drafts.keep(form.id, this.entered() === undefined ? undefined : this.#entered);
  }

  draw(size: Size): readonly SafeText[] {
    const { form, look } = this.#options;
    const view: FormView = {
      ...this.#control.view(),
      title: form.title,
      preview: this.#preview(),
      running: this.#running,
      failure: this.#failure,
    };
    const lines = drawForm(view, size.columns, size.rows - 1, look);
    return [...lines, drawKeys(footerHints(this.bindings(), look), size.columns, look)];
  }

  readonly read = (): void => this.#options.form.read?.(this.#values);

  handle(event: InputEvent): boolean {
    if (event.type === 'key' && dispatch(this.bindings(), event, () => {})) return true;
    return this.#running || this.#control.type(event);
  }

  get #values(): Values {
    return { ...this.#options.form.initial, ...this.#entered };
  }

  #set(id: string, value: string): void {
    const { [id]: _, ...others } = this.#entered;
    this.#entered = value === (this.#options.form.initial[id] ?? '') ? others : { ...others, [id]: value };
    this.#failure = undefined;
  }

  async #submit(): Promise<void> {
    if (this.#control.allRefused()) return;
    this.#running = true;
    this.#options.redraw();
    const outcome = await this.#options.form
      .submit(this.#values)
      .catch((error: Error): ActionOutcome => ({ ok: false, text: error.message }));
    this.#running = false;
    if (!outcome.ok) this.#failure = { text: outcome.text, hint: outcome.hint };
    this.#finish(outcome.ok);
  }

  #finish(done = true): void {
    const { form, drafts } = this.#options;
    this.#done = done;
    // It may have been left while it was at work.
    if (done) drafts.keep(form.id, undefined);
    this.#options.redraw();
  }

  /** Drops characters that XML cannot hold: a field may have been filled with a name from the host. */
  #preview(): readonly string[] {
    try {
      return this.#options.form.preview?.(this.#values) ?? [];
    } catch (error) {
      if (error instanceof UnwritableText) return [];
      throw error;
    }
  }
}

/** Esc, out of a form. */
export function leaveBinding(panes: { back(): void }): Binding {
  return {
    keys: ['escape'],
    label: 'back, keeping what was entered',
    always: 'last',
    help: 'back; what was entered is kept',
    moves: true,
    run: () => panes.back(),
  };
}
