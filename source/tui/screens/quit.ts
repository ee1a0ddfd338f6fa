import { tasksOf } from '../tasks.js';
import type { ScreenHost } from './screen-host.js';

/** The question's title: by it a second request to quit knows that the first has asked. */
const title = 'Quit while work is under way?';
const titlesShown = 5;

/** Ends the program; asks before where that would break off long work. Asked twice it ends at once. */
export function askQuit(host: ScreenHost, chunk: number, quit: () => void): void {
  const { ui } = host;
  const tasks = tasksOf(ui);
  const { running } = tasks;
  // What is broken off is told so, and has a moment to clean up behind itself.
  const end = (): void => void tasks.cancelAll().then(quit, quit);
  if (running.length === 0) {
    quit();
    return;
  }
  if (ui.getState().question?.title === title) {
    end();
    return;
  }
  const rest = running.length - titlesShown;
  ui.setState({
    question: {
      title,
      lines: [
        ...running.slice(0, titlesShown).map((task) => task.title),
        ...(rest > 0 ? [`and ${rest} more`] : []),
        '',
        'It is cancelled then.',
      ],
      yes: 'Quit',
      no: 'Stay',
      confirm: end,
      chunk,
      choice: 'no',
    },
  });
}
