import type { InputEvent, KeyEvent } from '../input/events.js';
import type { Look } from '../theme/look.js';
import type { MenuItem, Question, UiState, UiStore } from './ui-state.js';

/** A question; the answers default to "Yes" and "No", with "No" selected at first. */
export type Asked = Pick<Question, 'title' | 'lines' | 'confirm'> &
  Partial<Pick<Question, 'yes' | 'no' | 'choice'>>;

/** Asks before something is done. */
export function ask({ ui }: { readonly ui: UiStore }, asked: Asked): void {
  ui.setState({ question: { yes: 'Yes', no: 'No', choice: 'no', ...asked } });
}

/** Asks in the middle of other work; resolves with the answer, or false when the question is withdrawn. */
export function askFirst(host: { readonly ui: UiStore }, asked: Omit<Asked, 'confirm'>): Promise<boolean> {
  return new Promise((resolve) => {
    let confirmed = false;
    const confirm = (): void => {
      confirmed = true;
    };
    ask(host, { ...asked, confirm });
    const stop = host.ui.subscribe((state) => {
      if (state.question?.confirm === confirm) return;
      stop();
      // The answer follows the closing of the question.
      queueMicrotask(() => resolve(confirmed));
    });
  });
}

/** A question of more than two answers. The first one changes nothing. */
export function choose(
  { ui, look }: { readonly ui: UiStore; readonly look: Look },
  title: string,
  answers: readonly (readonly [text: string, note: string, choose: () => void])[],
): void {
  const items = answers.map(
    ([text, note, choose], at): MenuItem => ({ id: `answer.${at}`, text, note, choose }),
  );
  const { enter } = look.glyphs.keys;
  ui.setState({
    menu: {
      title,
      items,
      at: 0,
      asks: true,
      keys: [
        [enter, 'do it'],
        ['Esc', 'leave'],
      ],
    },
  });
}

/** Recognises keys typed before a question could be read: they arrived in one chunk with the key that led to it. */
export class Unread {
  #chunk: number | undefined;
  #asked: unknown;

  /** Told of every event before whatever acts on it. */
  note({ chunk }: InputEvent, state: UiState): void {
    if (chunk === this.#chunk) return;
    this.#chunk = chunk;
    this.#asked = askedIn(state);
  }

  /** The current question was not on the screen when this key was typed, so the key is no answer to it. */
  in(state: UiState): boolean {
    const asked = askedIn(state);
    return asked !== undefined && asked !== this.#asked;
  }
}

/** What stays the same while the answer is chosen. */
function askedIn({ question, menu }: UiState): unknown {
  return question?.confirm ?? (menu?.asks === true ? menu.items : undefined);
}

/** Gives a question's keys to it. */
export function handleQuestion(ui: UiStore, question: Question, { name }: KeyEvent): void {
  const answer = (yes: boolean): void => {
    ui.setState({ question: undefined });
    if (yes) question.confirm();
  };
  if (name === 'y' || name === 'n' || name === 'escape') answer(name === 'y');
  else if (name === 'enter') answer(question.choice === 'yes');
  else if (['left', 'right', 'tab', 'shift-tab'].includes(name))
    ui.setState({ question: { ...question, choice: question.choice === 'yes' ? 'no' : 'yes' } });
}
