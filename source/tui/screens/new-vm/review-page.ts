import { domainIdentity } from '../../../libvirt/xml/domain-identity.js';
import type { SafeText } from '../../../text/safe.js';
import { spaces } from '../../../text/width.js';
import type { Binding } from '../../kit/binding.js';
import { ScrollView } from '../../kit/scrolling.js';
import { editXml } from '../../services/edit-xml.js';
import { keyOf } from './draft.js';
import { placeOf, placeOfField } from './field-places.js';
import { type Page, pagesBinding, previousBinding } from './page.js';
import { spinner, wrapped } from './progress-view.js';
import type { Review } from './review.js';
import { itemLines, planLines, type ReviewItem, summaryLines } from './review-view.js';
import { poolNote } from './sources.js';
import type { Wizard } from './wizard.js';

/** What was found, what will be done, and the button that does it. */
export class ReviewPage implements Page {
  readonly #wizard: Wizard;
  readonly #review: Review;
  readonly #create: () => void;
  /** Index of the selected item; -1 is the button. */
  #selected = -1;
  /** A selection was made by the person, or by what was found. */
  #settled = false;
  readonly #view = new ScrollView();
  /** Lines of the items, to scroll to the selected one. */
  #starts: readonly number[] = [];

  constructor(wizard: Wizard, review: Review, create: () => void) {
    this.#wizard = wizard;
    this.#review = review;
    this.#create = create;
  }

  shown(): void {
    this.#again();
  }

  left(): void {
    this.#review.cancel();
  }

  typing(): boolean {
    return false;
  }

  draw(cells: number, rows: number, now: number): readonly SafeText[] {
    const { look } = this.#wizard.host;
    const { state } = this.#review;
    this.#settle();
    const height = Math.max(1, rows - 1);
    const lines =
      state.state === 'preparing'
        ? [
            look.line(
              [[`${spinner(now, look)} `, 'accent'], [`looking at the host${look.glyphs.pending}`]],
              cells,
            ),
          ]
        : state.state === 'failed'
          ? [
              ...wrapped(`Error: ${state.text}`, cells, 0, 'bad', look),
              ...(state.hint === undefined ? [] : wrapped(state.hint, cells, 0, 'plain', look)),
            ]
          : this.#lines(cells, height);
    const shown = this.#view.show(lines, height);
    const blanks = Array.from({ length: height - shown.length }, () => spaces(cells));
    return [...shown, ...blanks, this.#button(cells)];
  }

  bindings(): readonly Binding[] {
    const { state } = this.#review.state;
    const preparing = state === 'preparing';
    return [
      {
        keys: ['enter'],
        label: this.#selected >= 0 ? 'go there' : 'create',
        always: 'first',
        help: 'create; on a finding: to where it is put right',
        refusal: () => this.#refusal(),
        run: () => this.#enter(),
      },
      {
        keys: ['tab', 'shift-tab'],
        label: 'next finding',
        help: 'next, previous finding',
        moves: true,
        refusal: () => (this.#items().length === 0 ? 'Nothing was found.' : undefined),
        run: (_, { name }) => this.#select(name === 'tab' ? 1 : -1),
      },
      {
        keys: ['e'],
        label: 'edit XML',
        help: 'edit the XML',
        refusal: () => (this.#editable() ? undefined : 'There is no XML of one VM to edit.'),
        run: () => void this.#edit(),
      },
      { ...this.#view.binding(), footerKeys: 2, label: this.#view.longer ? 'scroll' : undefined },
      {
        keys: ['r'],
        label: state === 'failed' ? 'try again' : 'look again',
        help: 'look at the host again',
        refusal: () => (preparing ? 'The host is being looked at.' : undefined),
        run: () => {
          this.#wizard.reader.again();
          this.#again();
        },
      },
      pagesBinding(this.#wizard),
      previousBinding(this.#wizard, preparing ? 'cancel' : 'page before'),
    ];
  }

  #refusal(): string | undefined {
    if (this.#selected >= 0 || this.#able()) return undefined;
    return this.#review.state.state === 'preparing'
      ? 'The host is being looked at.'
      : 'Put right what is wrong first.';
  }

  #again(): void {
    this.#selected = -1;
    this.#settled = false;
    this.#view.to(0);
    this.#review.begin();
  }

  /** What is in the way is selected first. */
  #settle(): void {
    const { state } = this.#review;
    if (this.#settled || state.state === 'preparing') return;
    this.#settled = true;
    this.#selected = this.#items().findIndex(({ level }) => level === 'error');
  }

  #items(): readonly ReviewItem[] {
    const { state } = this.#review;
    if (state.state === 'problems')
      return state.problems.map((problem) => ({
        level: 'error',
        message: problem.message,
        fix: undefined,
        place: problem,
      }));
    if (state.state !== 'ready') return [];
    return state.prepared.findings.map((finding) => ({
      level: finding.level,
      message: finding.message,
      fix: finding.offer ? 'Switch on "Start inactive ones".' : finding.fix,
      place: finding.offer ? placeOfField('startInactive') : placeOf(finding),
    }));
  }

  #lines(cells: number, height: number): readonly SafeText[] {
    const { look } = this.#wizard.host;
    const { state } = this.#review;
    const requests = state.state === 'ready' ? state.requests : [];
    // On a small screen what was found matters more.
    const summary = summaryLines(requests, poolNote(this.#wizard.reader.reading), cells, look).slice(
      0,
      Math.max(1, Math.floor(height / 3)),
    );
    const { lines, starts } = itemLines(this.#items(), this.#selected, cells, look);
    this.#starts = starts.map((start) => start + summary.length);
    const plan = state.state === 'ready' ? state.prepared.plan : undefined;
    const edited = requests.some(({ xml }) => xml !== undefined);
    return [...summary, ...lines, ...(plan === undefined ? [] : planLines(plan, edited, cells, look))];
  }

  #button(cells: number): SafeText {
    const { look } = this.#wizard.host;
    if (!this.#able()) {
      const { state } = this.#review.state;
      const why = state === 'problems' || state === 'ready' ? 'Put right what is wrong first.' : '';
      return look.line(
        [
          ['  Create  ', 'faint'],
          [why, 'faint'],
        ],
        cells,
      );
    }
    const selected = this.#selected === -1;
    return look.line([[selected ? '[ Create ]' : '  Create  ', selected ? 'selected' : 'plain']], cells);
  }

  #able(): boolean {
    const { state } = this.#review;
    return state.state === 'ready' && state.prepared.plan !== undefined;
  }

  #enter(): void {
    const place = this.#items()[this.#selected]?.place;
    if (place !== undefined) this.#wizard.goTo(place);
    else if (this.#selected === -1 && this.#able()) this.#create();
  }

  #select(step: number): void {
    const stops = this.#items().length + 1;
    this.#settled = true;
    this.#selected = ((this.#selected + 1 + step + stops) % stops) - 1;
    const start = this.#starts[this.#selected];
    if (start !== undefined) this.#view.reveal(start);
  }

  #editable(): boolean {
    const { state } = this.#review;
    return state.state === 'ready' && state.prepared.plan?.machines.length === 1;
  }

  async #edit(): Promise<void> {
    const { state } = this.#review;
    const [machine] = (state.state === 'ready' && state.prepared.plan?.machines) || [];
    if (state.state !== 'ready' || machine === undefined) return;
    const { name, uuid, domainXml } = machine;
    await editXml(this.#wizard.host, {
      title: `domain ${name}`,
      xml: domainXml,
      save: async (xml) => {
        const problem = editProblem(xml, { name, uuid });
        if (problem !== undefined) return { ok: false, text: problem };
        this.#wizard.change({ edited: { xml, of: keyOf(state.requests) } });
        this.#again();
        return { ok: true, text: '' };
      },
    });
  }
}

/** What keeps edited XML from being the domain that the steps make. */
function editProblem(
  xml: string,
  { name, uuid }: { readonly name: string; readonly uuid: string },
): string | undefined {
  try {
    const own = domainIdentity(xml);
    if (own.name !== name) return `The name must stay ${name}: change it on the page "Name and size".`;
    if (own.uuid !== uuid) return `The UUID must stay ${uuid}: what is made is known by it.`;
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
