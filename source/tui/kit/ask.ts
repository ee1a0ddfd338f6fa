import type { KeyEvent } from '../input/events.js';
import type { Question, UiStore } from './ui-state.js';

/** Asks before something is done; No is chosen at first, and keys that came together with the one that asked are no answer. */
export function ask(
  { ui }: { readonly ui: UiStore },
  { chunk }: Pick<KeyEvent, 'chunk'>,
  question: Pick<Question, 'title' | 'lines' | 'confirm'> & Partial<Pick<Question, 'yes' | 'no'>>,
): void {
  ui.setState({ question: { yes: 'Yes', no: 'No', ...question, chunk, choice: 'no' } });
}

/** Asks a question in the middle of other work; resolves with the answer, false where it is taken away. */
export async function askFirst(
  ui: UiStore,
  question: Pick<Question, 'title' | 'lines' | 'yes' | 'no'>,
): Promise<boolean> {
  // Keys that came together with the one that led here are no answer: they are handed out before this goes on.
  await Promise.resolve();
  return new Promise((resolve) => {
    let confirmed = false;
    const confirm = (): void => {
      confirmed = true;
    };
    ui.setState({ question: { ...question, confirm, chunk: -1, choice: 'no' } });
    const stop = ui.subscribe((state) => {
      if (state.question?.confirm === confirm) return;
      stop();
      // The answer follows the closing of the question.
      queueMicrotask(() => resolve(confirmed));
    });
  });
}
