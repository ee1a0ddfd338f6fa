import { isDeepStrictEqual } from 'node:util';
import type { SafeText } from '../../../text/safe.js';
import { spaces } from '../../../text/width.js';
import type { InputEvent } from '../../input/events.js';
import { type Binding, footerHints } from '../../kit/binding.js';
import { drawFrame } from '../../kit/frame.js';
import type { Pane } from '../../kit/pane.js';
import type { Size } from '../../kit/size.js';
import { backBinding, press } from '../../services/keys.js';
import { connectionOf } from '../../services/live-connection.js';
import type { ScreenHost } from '../../services/screen-host.js';
import type { Look, Part } from '../../theme/look.js';
import { Creation } from './creation.js';
import { showCreation } from './creation-pane.js';
import { type Draft, firstDraft } from './draft.js';
import { FieldsPage } from './fields-page.js';
import { ImagePage } from './image-page.js';
import { knownImages } from './known-images.js';
import type { Page } from './page.js';
import { type PageId, pageIds, pageTitles } from './pages.js';
import { ProgressPage } from './progress-page.js';
import { drawCreationTitle, spinner, wrapped } from './progress-view.js';
import { Review } from './review.js';
import { ReviewPage } from './review-page.js';
import { sourceText } from './sources.js';
import { Wizard, type WizardOptions } from './wizard.js';

/** What was entered for a connection, among the program's drafts. */
const draftId = (connectionId: string): string => `new VM on ${connectionId}`;

/** Frames of the spinner. */
const turnEvery = 200;

/** The wizard: image, name and size, network and storage, access, review; then how it goes. */
export class NewVmPane implements Pane {
  readonly entry = true;
  readonly #host: ScreenHost;
  readonly #wizard: Wizard;
  readonly #review: Review;
  readonly #pages: Readonly<Record<PageId, Page>>;
  #timer: NodeJS.Timeout | undefined;
  #open: PageId = 'image';
  #creation: Creation | undefined;
  #progress: ProgressPage | undefined;
  #closed = false;

  constructor(host: ScreenHost, connectionId: string, images: WizardOptions['images'] = knownImages) {
    this.#host = host;
    const draft = host.drafts.get<Draft>(draftId(connectionId));
    const wizard = new Wizard({ host, connectionId, images, draft });
    this.#wizard = wizard;
    this.#review = new Review(wizard);
    this.#pages = {
      image: new ImagePage(wizard),
      size: new FieldsPage(wizard, 'size'),
      network: new FieldsPage(wizard, 'network'),
      access: new FieldsPage(wizard, 'access'),
      review: new ReviewPage(wizard, this.#review, () => this.#create()),
    };
  }

  readonly gone = (): boolean => connectionOf(this.#wizard) === undefined;

  readonly shows = (): Creation | undefined => this.#creation;

  readonly typing = (): boolean => this.#refusal() === undefined && this.#page().typing();

  readonly entered = (): string | undefined => {
    const { draft, values } = this.#wizard;
    const begun = draft.passwordHash !== undefined || !isDeepStrictEqual(this.#wizard.entered(), firstDraft);
    return this.#creation === undefined && begun ? `the new VM ${values.name ?? ''}`.trim() : undefined;
  };

  readonly bindings = (): readonly Binding[] => {
    if (this.#refusal() !== undefined) return [{ ...backBinding(this.#host), label: 'close' }];
    const { reader } = this.#wizard;
    const failed = reader.state.state === 'failed';
    return [...(failed ? [this.#readAgain] : []), ...this.#page().bindings()];
  };

  readonly #readAgain: Binding = {
    keys: ['ctrl-r'],
    help: 'look at the host again',
    run: () => this.#wizard.reader.again(),
  };

  readonly shown = (visible: boolean): void => {
    clearInterval(this.#timer);
    if (!visible) return;
    this.#timer = setInterval(() => this.#turn(), turnEvery);
    this.#timer.unref();
  };

  close(): void {
    this.#closed = true;
    this.#page().left?.();
    this.#review.cancel();
    this.#wizard.reader.close();
    if (this.#creation === undefined) this.#keepDraft();
  }

  draw(size: Size, now: number): readonly SafeText[] {
    const cells = size.columns;
    return drawFrame(this.#host, size, {
      title: () => this.#title(cells),
      tabs: () => this.#tabs(cells),
      body: ({ rows }) => this.#body(cells, rows, now),
      instead: () => this.#told(cells, now),
      keys: footerHints(this.bindings(), this.#host.look),
    });
  }

  handle(event: InputEvent): boolean {
    if (this.#refusal() !== undefined && event.type === 'paste') return false;
    const taken =
      (event.type === 'key' && press(this.#host, this.bindings(), event)) ||
      (this.#refusal() === undefined && this.#page().type?.(event) === true);
    this.#follow();
    return taken;
  }

  /** The page that the wizard is at now takes the place of the one before. */
  #follow(): void {
    if (this.#progress !== undefined) return;
    const field = this.#wizard.takeWanted();
    const { page } = this.#wizard;
    if (page === this.#open && field === undefined) return;
    if (page !== this.#open) this.#pages[this.#open].left?.();
    this.#open = page;
    this.#pages[page].shown?.(field);
  }

  #page(): Page {
    return this.#progress ?? this.#pages[this.#open];
  }

  #create(): void {
    const { state } = this.#review;
    if (state.state !== 'ready' || state.prepared.plan === undefined) return;
    const { connectionId } = this.#wizard;
    const { requests, prepared } = state;
    const creation = new Creation(this.#host, connectionId, {
      requests,
      plan: prepared.plan,
      open: (one) => showCreation(this.#host, one, true),
    });
    this.#creation = creation;
    this.#progress = new ProgressPage({ host: this.#host, creation, back: () => this.#back() });
    const { drafts } = this.#host;
    drafts.keep(draftId(connectionId), undefined);
    void creation.finished.then(() => {
      // Whoever has left finds their input again, unless they have entered something else since.
      if (creation.failed && this.#closed && drafts.get(draftId(connectionId)) === undefined)
        this.#keepDraft();
    });
  }

  /** After a failure: to the review, which looks at the host anew. */
  #back(): void {
    this.#creation = undefined;
    this.#progress = undefined;
    this.#wizard.reader.again();
    this.#pages.review.shown?.();
    this.#wizard.redraw();
  }

  #keepDraft(): void {
    const { connectionId } = this.#wizard;
    this.#host.drafts.keep(draftId(connectionId), this.#wizard.entered());
  }

  #body(cells: number, rows: number, now: number): readonly SafeText[] {
    const refusal = this.#refusal();
    if (refusal === undefined) return this.#page().draw(cells, rows, now);
    const { look } = this.#host;
    return [
      ...wrapped(`Error: ${refusal.message}`, cells, 0, 'bad', look),
      ...(refusal.fix === undefined ? [] : wrapped(refusal.fix, cells, 0, 'plain', look)),
    ];
  }

  #refusal() {
    return this.#progress === undefined ? this.#wizard.reader.reading?.refusal : undefined;
  }

  #title(cells: number): SafeText {
    const { look } = this.#host;
    const { connectionName, source, values } = this.#wizard;
    const creation = this.#creation;
    if (creation !== undefined) return drawCreationTitle(creation, connectionName, cells, look);
    const what = this.#open === 'image' ? '' : `${sourceText(source)}   ${values.name ?? ''}`;
    return look.spread([['New VM', 'title'], [`   on ${connectionName}`]], [[what, 'faint']], cells);
  }

  #tabs(cells: number): SafeText {
    const { look } = this.#host;
    if (this.#progress !== undefined || this.#refusal() !== undefined) return spaces(cells);
    const wrong = new Set(this.#wizard.shownProblems().map(({ page }) => page));
    return drawPages(this.#open, wrong, cells, look);
  }

  /** How the reading of the host goes, while it is not there. */
  #told(cells: number, now: number): SafeText | undefined {
    const { look } = this.#host;
    const { state } = this.#wizard.reader;
    if (this.#progress !== undefined || this.#open === 'review' || state.state === 'ready') return undefined;
    if (state.state === 'reading')
      return look.line([[`${spinner(now, look)} looking at the host${look.glyphs.pending}`, 'faint']], cells);
    return look.line([[`Error: ${state.error.message} `, 'bad'], ['Ctrl-R tries again.']], cells);
  }

  #turn(): void {
    const { reader } = this.#wizard;
    const { state } = this.#review.state;
    const turning =
      this.#creation?.ended === false ||
      reader.state.state === 'reading' ||
      (this.#open === 'review' && state === 'preparing');
    if (turning) this.#wizard.redraw();
  }
}

/** The pages with their numbers, the open one in brackets, those with problems with a mark. */
function drawPages(open: PageId, wrong: ReadonlySet<PageId>, cells: number, look: Look): SafeText {
  const parts = (short: boolean): Part[] =>
    pageIds.flatMap((id, at): Part[] => {
      const mark: Part = [wrong.has(id) ? '!' : ' ', 'bad'];
      const title = pageTitles[id];
      const gap: Part = [at === 0 ? '' : ' '];
      const number: Part = [`${at + 1}`, 'key'];
      if (id === open) return [gap, number, mark, [`[${title}]`, 'title']];
      return short ? [gap, number, mark] : [gap, number, mark, [` ${title} `]];
    });
  const whole = parts(false);
  const wide = whole.reduce((sum, [text]) => sum + look.width(text), 0) <= cells;
  return look.line(wide ? whole : parts(true), cells);
}
