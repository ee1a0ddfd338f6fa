import type { InputEvent, KeyEvent } from '../../input/events.js';
import { editField, emptyField, fieldOf, fieldText, type TextField } from '../../input/text-field.js';
import type { Binding } from '../binding.js';
import type { Field, Problem, Values } from './form.js';
import type { FieldsView } from './form-view.js';
import { nextChoice } from './next-choice.js';
import { isAtEnd, suggestionsFor } from './suggestions.js';

export interface FormButton {
  readonly text: string;
  readonly press: () => void;
}

/** Which problems are shown: those of fields that were left, and all of them after an attempt to submit. */
export interface Told<P extends Problem> {
  visit(field: string): void;
  tryAll(): void;
  tells(problem: P): boolean;
}

/** What a form consists of at the moment, and where its input goes. */
export interface FormParts<P extends Problem> {
  fields(): readonly Field[];
  values(): Values;
  /** Takes what was typed or chosen. A secret is in no values: of it only that it is another one, as "". */
  set(id: string, value: string): void;
  /** All that is wrong, told yet or not. */
  problems(): readonly P[];
  buttons?(): readonly FormButton[];
  /** A field is left that `text` was typed in. */
  left?(field: Field, text: string): void;
  /** For fields on several pages; else it is the form's own. */
  readonly told?: Told<P>;
}

/** Moving through a form: which field has the cursor, what its keys do, when its problems are shown. */
export class FormControl<P extends Problem = Problem> {
  readonly #parts: FormParts<P>;
  readonly #told: Told<P>;
  /** A field's id (fields come and go around it), a button's number, or undefined for the first field. */
  #stop: string | number | undefined;
  #text: TextField = emptyField;

  constructor(parts: FormParts<P>) {
    this.#parts = parts;
    this.#told = parts.told ?? new OwnTold();
  }

  /** The one with the cursor; undefined on a button, and where there is none. */
  get field(): Field | undefined {
    const fields = this.#parts.fields();
    return fields[Math.max(0, this.#indexIn(fields))];
  }

  get typing(): boolean {
    const kind = this.field?.kind;
    return kind === 'text' || kind === 'secret';
  }

  /** Moves the cursor to a field; an unknown id leaves it where it is, at the end of that field's text. */
  focus(id?: string): void {
    const fields = this.#parts.fields();
    if (fields.some((field) => field.id === id)) this.#stop = id;
    else if (this.#indexIn(fields) === -1) this.#stop = fields[0]?.id;
    const { field } = this;
    const isEmpty = field === undefined || field.kind === 'secret';
    this.#text = isEmpty ? emptyField : fieldOf(this.#parts.values()[field.id] ?? '');
  }

  /** The cursor leaves its field, whose problems are shown from now on. */
  leave(): void {
    const { field } = this;
    if (field === undefined) return;
    this.#told.visit(field.id);
    this.#parts.left?.(field, fieldText(this.#text));
    if (field.kind === 'secret') this.#text = emptyField;
  }

  /** True when something is wrong; the cursor is then in the first field with a problem. */
  refused(counts: (problem: P) => boolean = () => true): boolean {
    const first = this.#parts.problems().find(counts);
    if (first === undefined) return false;
    this.#told.visit(first.field);
    this.focus(first.field);
    return true;
  }

  /** As `refused`, for every problem; from now on problems are shown at once. */
  allRefused(): boolean {
    this.#told.tryAll();
    return this.refused();
  }

  view(): FieldsView {
    const fields = this.#parts.fields();
    return {
      fields,
      values: this.#parts.values(),
      focus: Math.max(0, this.#indexIn(fields)),
      text: this.#text,
      problems: this.#parts.problems().filter((problem) => this.#told.tells(problem)),
      buttons: this.#buttons().map(({ text }) => text),
    };
  }

  /** The keys of fields: to the next one, and those of a choice. */
  fieldBindings(): readonly Binding[] {
    const { field } = this;
    const isChoice = field !== undefined && !this.typing;
    const [suggestion] = field !== undefined && isAtEnd(this.#text) ? suggestionsFor(field, this.#text) : [];
    return [
      {
        keys: ['tab', 'shift-tab', 'down', 'up'],
        label: 'next field',
        help: 'next, previous field',
        moves: true,
        run: (_, { name }) => this.#move(name === 'tab' || name === 'down' ? 1 : -1),
      },
      ...(isChoice ? [choiceBinding(field, (event) => this.#choose(field, event))] : []),
      ...(field === undefined || suggestion === undefined
        ? []
        : [takeBinding(() => this.#take(field, suggestion))]),
    ];
  }

  /** The keys of fields and buttons. */
  bindings(): readonly Binding[] {
    const button = typeof this.#stop === 'number' ? this.#buttons()[this.#stop] : undefined;
    const besides: Binding = {
      keys: ['left', 'right'],
      help: 'previous, next button',
      moves: true,
      run: (_, { name }) => this.#move(name === 'left' ? -1 : 1),
    };
    return [
      ...this.fieldBindings(),
      ...(button === undefined ? [] : [besides]),
      {
        keys: ['enter'],
        label: button && 'do it',
        help: 'next field; on a button: do it',
        moves: true,
        run: () => (button === undefined ? this.#move(1) : button.press()),
      },
    ];
  }

  /** Takes text and editing keys; true when the event was used. */
  type(event: InputEvent): boolean {
    const { field } = this;
    // What is pasted beside a text field is for nobody.
    if (field === undefined || !this.typing) return event.type === 'paste';
    const next = editField(this.#text, event);
    if (next === undefined) return false;
    const text = fieldText(next);
    // Moving the cursor says nothing.
    const isChanged = text !== fieldText(this.#text);
    this.#text = next;
    if (isChanged) this.#parts.set(field.id, field.kind === 'secret' ? '' : text);
    return true;
  }

  #indexIn(fields: readonly Field[]): number {
    const stop = this.#stop;
    return typeof stop === 'number' ? fields.length + stop : fields.findIndex(({ id }) => id === stop);
  }

  #buttons(): readonly FormButton[] {
    return this.#parts.buttons?.() ?? [];
  }

  #move(step: 1 | -1): void {
    const was = Math.max(0, this.#indexIn(this.#parts.fields()));
    this.leave();
    // Leaving a field may have brought others, or taken it away.
    const fields = this.#parts.fields();
    const at = this.#indexIn(fields);
    const stops = fields.length + this.#buttons().length;
    const next = ((at === -1 ? was + Math.min(step, 0) : at + step) + stops) % Math.max(1, stops);
    this.#stop = fields[next]?.id ?? next - fields.length;
    this.focus();
  }

  #take({ id }: Field, text: string): void {
    this.#text = fieldOf(text);
    this.#parts.set(id, text);
  }

  #choose(field: Field, event: KeyEvent): void {
    const next = nextChoice(field, this.#parts.values()[field.id] ?? '', event);
    if (next !== undefined) this.#parts.set(field.id, next);
  }
}

/** The keys of a toggle or a choice. */
function choiceBinding({ kind }: Field, choose: (event: KeyEvent) => void): Binding {
  const isToggle = kind === 'toggle';
  return {
    keys: isToggle ? ['space', 'left', 'right'] : ['left', 'right', 'space'],
    footerKeys: isToggle ? 1 : 2,
    label: isToggle ? 'switch' : 'choose',
    help: isToggle ? 'switch on or off' : 'choose',
    moves: true,
    run: (_, event) => choose(event),
  };
}

/** Behind what is typed the arrow has nowhere to go. */
function takeBinding(take: () => void): Binding {
  return {
    keys: ['right'],
    label: 'take the first',
    help: 'take the first suggestion',
    moves: true,
    run: take,
  };
}

/** The problems of visited fields; after an attempt to submit, all of them. */
export class OwnTold implements Told<Problem> {
  readonly #visited = new Set<string>();
  #tried = false;

  visit(field: string): void {
    this.#visited.add(field);
  }

  tryAll(): void {
    this.#tried = true;
  }

  tells({ field }: Problem): boolean {
    return this.#tried || this.#visited.has(field);
  }
}
