import { expect, test } from 'vitest';
import type { InputEvent } from '../../../source/tui/input/events.js';
import { ask, askFirst, choose, handleQuestion, Unread } from '../../../source/tui/kit/ask.js';
import { handleMenu } from '../../../source/tui/kit/menu.js';
import { createUiStore } from '../../../source/tui/kit/ui-state.js';
import { Look } from '../../../source/tui/theme/look.js';

const look = new Look({ unicode: true, colors: 0 });

/** Keys as the program hands them out: those of one call came together. */
function bed() {
  const ui = createUiStore();
  const unread = new Unread();
  const done: string[] = [];
  let chunk = 0;
  const host = { ui, look };
  const opens: Readonly<Record<string, () => void>> = {
    d: () => ask(host, { title: 'Delete?', lines: [], confirm: () => done.push('deleted') }),
    w: () =>
      choose(host, 'Wipe', [
        ['No', '', () => {}],
        ['Yes', '', () => done.push('wiped')],
      ]),
  };
  const press = (...names: string[]): void => {
    chunk += 1;
    for (const name of names) {
      const event: InputEvent = { type: 'key', name, text: undefined, chunk };
      const { question, menu } = ui.getState();
      unread.note(event, ui.getState());
      if (unread.in(ui.getState())) continue;
      if (question !== undefined) handleQuestion(ui, question, event);
      else if (menu !== undefined) handleMenu(ui, menu, event, 5);
      else opens[name]?.();
    }
  };
  return { ui, host, done, press };
}

test('keys that came together with the one that asked answer neither a question nor a choice', () => {
  const { ui, done, press } = bed();
  press('d', 'y', 'right', 'enter');
  expect(ui.getState().question?.choice).toBe('no');
  press('right', 'enter');
  expect(done).toEqual(['deleted']);
  press('w', 'down', 'enter');
  expect(ui.getState().menu?.at).toBe(0);
  press('down', 'enter');
  expect(done).toEqual(['deleted', 'wiped']);
});

test('nor what is asked behind an answer of the same moment', () => {
  const { ui, host, done, press } = bed();
  const sure = (): void => ask(host, { title: 'Sure?', lines: [], confirm: () => done.push('gone') });
  ask(host, { title: 'In use', lines: [], confirm: sure });
  press('y', 'y', 'y');
  expect(ui.getState().question?.title).toBe('Sure?');
  press('y');
  expect(done).toEqual(['gone']);
});

test('whoever asks in the middle of work hears the answer, and No where the question is taken away', async () => {
  const { ui, host, press } = bed();
  const yes = askFirst(host, { title: 'Go on?', lines: [] });
  press('y');
  expect(await yes).toBe(true);
  const gone = askFirst(host, { title: 'Go on?', lines: [] });
  ui.setState({ question: undefined });
  expect(await gone).toBe(false);
});
