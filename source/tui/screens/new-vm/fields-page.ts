import { hashPassword, passwordFits, passwordProblem } from '../../../provision/cloud-init/password.js';
import type { InputEvent, KeyEvent } from '../../input/events.js';
import { editField, emptyField, fieldOf, fieldText, type TextField } from '../../input/text-field.js';
import type { Binding } from '../../kit/binding.js';
import { choiceBinding, fieldsBinding } from '../../kit/form/field-keys.js';
import type { Field } from '../../kit/form/form.js';
import { drawFields } from '../../kit/form/form-view.js';
import { nextChoice } from '../../kit/form/next-choice.js';
import { type Page, pagesBinding, previousBinding } from './page.js';
import { fieldsOf, type PageId } from './pages.js';
import { wrapped } from './progress-view.js';
import type { Wizard } from './wizard.js';

const nothingToSet =
  'cloud-init sets up cloud images. Whatever is installed or booted here asks for its users itself: there is nothing to set on this page.';

/** A page of fields. Enter goes on to the next page from each of them. */
export class FieldsPage implements Page {
  readonly #wizard: Wizard;
  readonly #id: PageId;
  /** The focused field's id: others come and go around it. */
  #focus: string | undefined;
  #text: TextField = emptyField;

  constructor(wizard: Wizard, id: PageId) {
    this.#wizard = wizard;
    this.#id = id;
  }

  shown(field?: string): void {
    const fields = this.#fields();
    const wanted = fields.find(({ id }) => id === field) ?? fields.find(({ id }) => id === this.#focus);
    this.#focusOn(wanted ?? fields[0]);
  }

  left(): void {
    this.#leaveField();
  }

  typing(): boolean {
    const kind = this.#field()?.kind;
    return kind === 'text' || kind === 'secret';
  }

  draw(cells: number, rows: number): readonly string[] {
    const { look } = this.#wizard.host;
    const fields = this.#fields();
    if (fields.length === 0) return wrapped(nothingToSet, cells, 2, 'plain', look).slice(0, rows);
    const focus = Math.max(
      0,
      fields.findIndex(({ id }) => id === this.#focus),
    );
    const view = {
      fields,
      values: this.#wizard.values,
      focus,
      text: this.#text,
      problems: this.#wizard.shownProblems().filter(({ page }) => page === this.#id),
      buttons: [],
    };
    return drawFields(view, cells, rows, look);
  }

  bindings(): readonly Binding[] {
    const field = this.#field();
    const kind = this.typing() ? undefined : field?.kind;
    return [
      {
        keys: ['enter'],
        label: 'next page',
        always: 'first',
        help: 'next page',
        moves: true,
        run: () => this.#next(true),
      },
      ...(field === undefined
        ? []
        : [
            fieldsBinding((step) => this.#move(step)),
            ...(kind === undefined ? [] : [choiceBinding(kind, (event) => this.#choose(field, event))]),
          ]),
      {
        keys: ['pagedown', 'pageup'],
        help: 'next, previous page',
        moves: true,
        run: (_, { name }) => (name === 'pagedown' ? this.#next(false) : this.#wizard.move(-1)),
      },
      ...(this.typing() ? [] : [pagesBinding(this.#wizard)]),
      previousBinding(this.#wizard),
    ];
  }

  type(event: InputEvent): boolean {
    return this.#type(event);
  }

  #fields(): readonly Field[] {
    const { source, values, around } = this.#wizard;
    return fieldsOf(this.#id, source, values, around);
  }

  #field(): Field | undefined {
    const fields = this.#fields();
    return fields.find(({ id }) => id === this.#focus) ?? fields[0];
  }

  #move(step: number): void {
    const indexOf = (all: readonly Field[]): number => all.findIndex(({ id }) => id === this.#focus);
    const was = indexOf(this.#fields());
    this.#leaveField();
    // A password that was left asks for another field, which goes once it is right.
    const fields = this.#fields();
    const at = indexOf(fields);
    const next = at === -1 ? was + Math.min(step, 0) : at + step;
    this.#focusOn(fields[(next + fields.length) % Math.max(1, fields.length)]);
  }

  #focusOn(field: Field | undefined): void {
    this.#focus = field?.id;
    const isSecret = field === undefined || field.kind === 'secret';
    this.#text = isSecret ? emptyField : fieldOf(this.#wizard.values[field.id] ?? '');
  }

  /** Its problems are shown from now on. A password becomes its hash, and is forgotten. */
  #leaveField(): void {
    const field = this.#field();
    if (field === undefined) return;
    this.#wizard.visit(field.id);
    if (field.kind !== 'secret') return;
    const password = fieldText(this.#text);
    this.#text = emptyField;
    if (password === '') return;
    const problem = passwordProblem(password);
    if (field.id === 'passwordAgain') this.#compare(password);
    else if (problem !== undefined) this.#wizard.find(field.id, problem);
    else this.#wizard.change({ passwordHash: hashPassword(password), passwordRepeated: false });
  }

  #compare(password: string): void {
    const { passwordHash } = this.#wizard.draft;
    const fits = passwordHash !== undefined && passwordFits(password, passwordHash);
    if (fits) this.#wizard.change({ passwordRepeated: true });
    else this.#wizard.find('passwordAgain', 'this is another one than above: type it again, or both anew');
  }

  /** @param checked what is wrong on this page is shown first */
  #next(checked: boolean): void {
    this.#leaveField();
    for (const { id } of this.#fields()) this.#wizard.visit(id);
    const problem = this.#wizard.allProblems().find(({ page }) => page === this.#id);
    if (checked && problem !== undefined) this.#wizard.goTo(problem);
    else this.#wizard.move(1);
  }

  #type(event: InputEvent): boolean {
    const field = this.#field();
    if (field === undefined || !this.typing()) return true;
    const next = editField(this.#text, event);
    if (next === undefined) return false;
    const changed = fieldText(next) !== fieldText(this.#text);
    this.#text = next;
    if (field.kind === 'secret') {
      // Its problem was with what was typed before.
      this.#wizard.set(field.id, '');
      const away = event.type === 'key' && event.name === 'ctrl-u' && field.id === 'password';
      if (away) this.#wizard.change({ passwordHash: undefined, passwordRepeated: false });
    } else if (changed) this.#wizard.set(field.id, fieldText(next));
    return true;
  }

  #choose(field: Field, event: KeyEvent): void {
    const next = nextChoice(field, this.#wizard.values[field.id] ?? '', event);
    if (next !== undefined) this.#wizard.change({ typed: { ...this.#wizard.draft.typed, [field.id]: next } });
  }
}
