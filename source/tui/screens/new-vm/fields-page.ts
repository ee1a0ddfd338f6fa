import { hashPassword, passwordFits, passwordProblem } from '../../../provision/cloud-init/password.js';
import type { SafeText } from '../../../text/safe.js';
import type { InputEvent } from '../../input/events.js';
import type { Binding } from '../../kit/binding.js';
import type { Field } from '../../kit/form/form.js';
import { FormControl } from '../../kit/form/form-control.js';
import { drawFields } from '../../kit/form/form-view.js';
import { type Page, pagesBinding, previousBinding } from './page.js';
import { fieldsOf, type PageId } from './pages.js';
import type { PlacedProblem } from './problems.js';
import { wrapped } from './progress-view.js';
import type { Wizard } from './wizard.js';

const nothingToSet =
  'cloud-init sets up cloud images. Whatever is installed or booted here asks for its users itself: there is nothing to set on this page.';

/** A page of fields. Enter goes on to the next page from each of them. */
export class FieldsPage implements Page {
  readonly #wizard: Wizard;
  readonly #id: PageId;
  readonly #control: FormControl<PlacedProblem>;

  constructor(wizard: Wizard, id: PageId) {
    this.#wizard = wizard;
    this.#id = id;
    this.#control = new FormControl({
      fields: () => this.#fields(),
      values: () => wizard.values,
      set: (field, value) => wizard.set(field, value),
      problems: () => wizard.allProblems().filter(({ page }) => page === id),
      left: (field, text) => this.#left(field, text),
      told: wizard,
    });
  }

  shown(field?: string): void {
    this.#control.focus(field);
  }

  left(): void {
    this.#control.leave();
  }

  typing(): boolean {
    return this.#control.typing;
  }

  draw(cells: number, rows: number): readonly SafeText[] {
    const { look } = this.#wizard.host;
    const view = this.#control.view();
    if (view.fields.length === 0) return wrapped(nothingToSet, cells, 2, 'plain', look).slice(0, rows);
    return drawFields(view, cells, rows, look);
  }

  bindings(): readonly Binding[] {
    return [
      {
        keys: ['enter'],
        label: 'next page',
        always: 'first',
        help: 'next page',
        moves: true,
        run: () => this.#next(true),
      },
      ...(this.#fields().length === 0 ? [] : this.#control.fieldBindings()),
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
    const taken = this.#control.type(event);
    if (event.type === 'key' && event.name === 'ctrl-u' && this.#control.field?.id === 'password') {
      this.#wizard.set('password', '');
      this.#wizard.change({ passwordHash: undefined, passwordRepeated: false });
    }
    return taken;
  }

  #fields(): readonly Field[] {
    const { source, values, around } = this.#wizard;
    return fieldsOf(this.#id, source, values, around);
  }

  /** A password becomes its hash, and is forgotten. */
  #left({ id, kind }: Field, password: string): void {
    if (kind !== 'secret' || password === '') return;
    const problem = passwordProblem(password);
    if (id === 'passwordAgain') this.#compare(password);
    else if (problem !== undefined) this.#wizard.find(id, problem);
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
    this.#control.leave();
    for (const { id } of this.#fields()) this.#wizard.visit(id);
    const problem = this.#wizard.allProblems().find(({ page }) => page === this.#id);
    if (checked && problem !== undefined) this.#wizard.goTo(problem);
    else this.#wizard.move(1);
  }
}
