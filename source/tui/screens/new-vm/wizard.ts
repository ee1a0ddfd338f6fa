import { homedir } from 'node:os';
import type { CatalogueImage } from '../../../provision/images/catalogue.js';
import type { VmSource } from '../../../provision/request/vm-request.js';
import type { Values } from '../../kit/form/form.js';
import { OwnTold } from '../../kit/form/form-control.js';
import { connectionOf } from '../../services/live-connection.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { type Draft, firstDraft, type Surroundings, sourceOf, valuesOf, withValue } from './draft.js';
import type { FieldPlace } from './field-places.js';
import { HostReader } from './host-reading.js';
import { type PageId, pageIds } from './pages.js';
import { type PlacedProblem, problemsOf } from './problems.js';

export interface WizardOptions {
  readonly host: ScreenHost;
  readonly connectionId: string;
  /** For the architecture of the host, the first one the default. */
  readonly images: (host: ScreenHost, arch: string | undefined) => readonly CatalogueImage[];
  readonly draft?: Draft | undefined;
}

/** What the pages of a wizard share: the draft, what is known of the host, and which page is open. */
export class Wizard extends OwnTold {
  readonly host: ScreenHost;
  readonly connectionId: string;
  readonly reader: HostReader;
  readonly #imagesFor: WizardOptions['images'];
  #draft: Draft;
  #page: PageId = 'image';
  /** The pool that nobody has chosen. */
  #keptPool: string | undefined;
  /** Pages up to this one have been seen. */
  #furthest = 0;
  /** Field that the page is opened for. */
  #wanted: string | undefined;
  /** Problems by field that the draft itself does not show, e.g. SSH keys that cannot be read. */
  readonly #found = new Map<string, string>();

  constructor({ host, connectionId, images, draft }: WizardOptions) {
    super();
    this.host = host;
    this.connectionId = connectionId;
    this.#imagesFor = images;
    this.#draft = draft ?? firstDraft;
    this.reader = new HostReader(host, connectionId, () => this.redraw());
  }

  get draft(): Draft {
    return this.#draft;
  }

  get page(): PageId {
    return this.#page;
  }

  /** The field to begin with; asked for once. */
  takeWanted(): string | undefined {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    return wanted;
  }

  get around(): Surroundings {
    const { reading, keys } = this.reader;
    const images = this.#imagesFor(this.host, reading?.facts.capabilities.hostArch);
    return { reading, keys, images, home: this.host.environment.HOME || homedir() };
  }

  get source(): VmSource {
    return sourceOf(this.#draft, this.around);
  }

  get values(): Values {
    return valuesOf(this.#draft, this.around);
  }

  get connectionName(): string {
    return connectionOf(this)?.name ?? this.connectionId;
  }

  /** What opens the connection again. */
  get uri(): string | undefined {
    return connectionOf(this)?.uri;
  }

  set(id: string, value: string): void {
    this.#found.delete(id);
    this.#draft = withValue(this.#draft, id, value);
  }

  change(change: Partial<Draft>): void {
    this.#draft = { ...this.#draft, ...change };
  }

  /** The pool on the screen stays chosen, whatever pools come and go on the host. */
  keepPool(): void {
    const { pool = '' } = this.values;
    if (this.#draft.typed.pool !== undefined) return;
    this.set('pool', pool);
    this.#keptPool = pool;
  }

  /** The draft as entered, for when the person comes back; without the password, which must be typed again. */
  entered(): Draft {
    const draft = { ...this.#draft, passwordHash: undefined, passwordRepeated: false };
    return draft.typed.pool === this.#keptPool ? withValue(draft, 'pool', '') : draft;
  }

  /** Sets a problem that the field's text does not show; it holds until the field is changed. */
  find(field: string, message: string): void {
    this.#found.set(field, message);
  }

  /** All that is wrong, shown yet or not. */
  allProblems(): readonly PlacedProblem[] {
    const found = [...this.#found].map(
      ([field, message]): PlacedProblem => ({ page: 'access', field, message }),
    );
    // What was found says more of its field than the rules do.
    return [...found, ...problemsOf(this.#draft, this.around).filter(({ field }) => !this.#found.has(field))];
  }

  /** It is wrong with a field that the person has been at. */
  override tells(problem: PlacedProblem): boolean {
    return super.tells(problem) || pageIds.indexOf(problem.page) < this.#furthest;
  }

  /** What is wrong with fields that the person has been at. */
  shownProblems(): readonly PlacedProblem[] {
    return this.allProblems().filter((problem) => this.tells(problem));
  }

  /** Opens a page, at a field of it. */
  go(page: PageId, field?: string): void {
    this.#page = page;
    this.#wanted = field;
    this.#furthest = Math.max(this.#furthest, pageIds.indexOf(page));
    this.redraw();
  }

  goTo({ page, field, behind }: FieldPlace): void {
    if (behind !== undefined) this.set(behind, 'yes');
    this.go(page, field);
  }

  /** The page `step` pages on; false where there is none. */
  move(step: 1 | -1): boolean {
    const page = pageIds[pageIds.indexOf(this.#page) + step];
    if (page === undefined) return false;
    this.go(page);
    return true;
  }

  redraw(): void {
    this.host.redraw();
  }
}
