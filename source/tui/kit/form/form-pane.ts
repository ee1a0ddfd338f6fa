import type { ActionOutcome } from '../../../inventory/action-runner.js';
import { UnwritableText } from '../../../libvirt/xml/write.js';
import type { InputEvent, KeyEvent } from '../../input/events.js';
import { editField, fieldOf, fieldText, type TextField } from '../../input/text-field.js';
import type { Look } from '../../theme/look.js';
import { keyLabel } from '../binding.js';
import { drawKeys, type KeyHint } from '../frame.js';
import type { Pane } from '../pane.js';
import type { Size } from '../size.js';
import type { Field, Form, Values } from './form.js';
import { drawForm, type FormView } from './form-view.js';
import { nextChoice } from './next-choice.js';

/** What was entered in forms that were left. */
export interface FormDrafts {
  get<T>(id: string): T | undefined;
  keep(id: string, entered: Values | undefined): void;
}

export interface FormPaneOptions {
  readonly form: Form;
  readonly look: Look;
  readonly drafts: FormDrafts;
  readonly redraw: () => void;
}

/** A form on a screen of its own: fields, what is wrong with them, and two buttons. */
export class FormPane implements Pane {
  readonly help = [
    ['Tab ↓, Shift-Tab ↑', 'next, previous field'],
    ['← →', 'choose; move in the text'],
    ['Space', 'switch on or off'],
    ['Enter', 'next field; on a button: do it'],
    ['Esc', 'back; what was entered is kept'],
  ] as const;
  readonly entry = true;
  readonly #options: FormPaneOptions;
  /** Only what the person has changed: everything else begins anew with what fits then. */
  #entered: Values;
  /** Index of the focused field; the buttons come after the last one. */
  #focus = 0;
  #text: TextField;
  /** Fields that were left, or all after the first attempt: their problems are shown. */
  readonly #visited = new Set<string>();
  #tried = false;
  #running = false;
  #done = false;
  #failure: FormView['failure'];

  constructor(options: FormPaneOptions) {
    this.#options = options;
    const { form, drafts } = options;
    this.#entered = drafts.get<Values>(form.id) ?? {};
    this.#text = this.#textOf();
  }

  /** It has done its work. */
  readonly gone = (): boolean => this.#done;

  readonly typing = (): boolean => this.#field()?.kind === 'text';

  readonly entered = (): string | undefined =>
    this.#done || Object.keys(this.#entered).length === 0 ? undefined : this.#options.form.title;

  close(): void {
    const { form, drafts } = this.#options;
    drafts.keep(form.id, this.entered() === undefined ? undefined : this.#entered);
  }

  draw(size: Size): readonly string[] {
    const { form, look } = this.#options;
    const view: FormView = {
      title: form.title,
      fields: this.#fields(),
      values: this.#values,
      focus: this.#focus,
      text: this.#text,
      problems: form.problems(this.#values).filter(({ field }) => this.#tried || this.#visited.has(field)),
      buttons: [form.action, 'Cancel'],
      preview: this.#preview(),
      running: this.#running,
      failure: this.#failure,
    };
    const lines = drawForm(view, size.columns, size.rows - 1, look);
    return [...lines, drawKeys(this.#keys(), size.columns, look)];
  }

  readonly read = (): void => this.#options.form.read?.(this.#values);

  handle(event: InputEvent): boolean {
    if (this.#running) return event.type === 'key' && event.name !== 'escape';
    if (event.type === 'paste') return this.#type(event);
    const field = this.#field();
    const moves: Readonly<Record<string, number>> = { tab: 1, down: 1, 'shift-tab': -1, up: -1 };
    const step = moves[event.name];
    if (step !== undefined) this.#move(step);
    else if (event.name === 'enter') this.#enter();
    else if (field?.kind === 'text') return this.#type(event);
    else if (field !== undefined) return this.#choose(field, event);
    else if (event.name === 'left' || event.name === 'right') this.#move(event.name === 'left' ? -1 : 1);
    else return false;
    return true;
  }

  get #values(): Values {
    return { ...this.#options.form.initial, ...this.#entered };
  }

  #fields(): readonly Field[] {
    return this.#options.form.fields(this.#values);
  }

  #field(): Field | undefined {
    return this.#fields()[this.#focus];
  }

  #textOf(): TextField {
    const field = this.#field();
    return fieldOf(field === undefined ? '' : (this.#values[field.id] ?? ''));
  }

  #move(step: number): void {
    const field = this.#field();
    if (field !== undefined) this.#visited.add(field.id);
    const stops = this.#fields().length + 2;
    this.#focus = (this.#focus + step + stops) % stops;
    this.#text = this.#textOf();
  }

  #enter(): void {
    const count = this.#fields().length;
    if (this.#focus < count) this.#move(1);
    else if (this.#focus === count) void this.#submit();
    else {
      this.#done = true;
      this.#redraw();
    }
  }

  #type(event: InputEvent): boolean {
    const field = this.#field();
    if (field?.kind !== 'text') return true;
    const next = editField(this.#text, event);
    if (next === undefined) return false;
    this.#text = next;
    this.#set(field.id, fieldText(next));
    return true;
  }

  #choose(field: Field, event: KeyEvent): boolean {
    const next = nextChoice(field, this.#values[field.id] ?? '', event);
    if (next === undefined) return false;
    this.#set(field.id, next);
    return true;
  }

  #set(id: string, value: string): void {
    const { [id]: _, ...others } = this.#entered;
    this.#entered = value === (this.#options.form.initial[id] ?? '') ? others : { ...others, [id]: value };
    this.#failure = undefined;
  }

  async #submit(): Promise<void> {
    const { form } = this.#options;
    this.#tried = true;
    const fields = this.#fields();
    const [first] = form.problems(this.#values);
    if (first !== undefined) {
      const at = fields.findIndex(({ id }) => id === first.field);
      if (at !== -1) this.#focus = at;
      this.#text = this.#textOf();
      return;
    }
    this.#running = true;
    this.#redraw();
    const outcome = await form
      .submit(this.#values)
      .catch((error: Error): ActionOutcome => ({ ok: false, text: error.message }));
    this.#running = false;
    if (outcome.ok) this.#done = true;
    else this.#failure = { text: outcome.text, hint: outcome.hint };
    this.#redraw();
  }

  /** None of what XML cannot hold: a name of the host may stand in a field. */
  #preview(): readonly string[] {
    try {
      return this.#options.form.preview?.(this.#values) ?? [];
    } catch (error) {
      if (error instanceof UnwritableText) return [];
      throw error;
    }
  }

  #redraw(): void {
    this.#options.redraw();
  }

  #keys(): KeyHint[] {
    const { look } = this.#options;
    const { keys } = look.glyphs;
    const field = this.#field();
    const hints: KeyHint[] = [{ key: 'Tab', label: 'next field' }];
    if (field?.kind === 'choice') hints.push({ key: `${keys.left} ${keys.right}`, label: 'choose' });
    if (field?.kind === 'toggle') hints.push({ key: 'Space', label: 'switch' });
    if (field === undefined) hints.push({ key: keyLabel('enter', keys), label: 'do it' });
    hints.push({ key: 'Esc', label: 'back, keeping what was entered', always: true });
    return hints;
  }
}
