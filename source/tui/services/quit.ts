import { ask } from '../kit/ask.js';
import { withinMoment } from '../terminal/ending.js';
import { say } from './messages.js';
import type { ScreenHost } from './screen-host.js';
import type { Task } from './tasks.js';

/** The question's title: by it a second request to quit knows that the first has asked. */
const title = 'Quit?';
const titlesShown = 5;

/** What is cancelled by "Quit" has this long to clean up behind itself, in milliseconds. */
const patience = 10_000;

/**
 * Ends the program; asks before where that would break off long work, or lose what was entered. Asked twice it ends
 * at once, whatever the hosts do.
 */
export function askQuit(host: ScreenHost, quit: () => void): void {
  const { ui, panes, tasks } = host;
  const { running } = tasks;
  const entered = panes.entered();
  if (tasks.leaving || ui.getState().question?.title === title || running.length + entered.length === 0) {
    quit();
    return;
  }
  const rest = running.length - titlesShown;
  ask(host, {
    title,
    lines: [
      ...running.slice(0, titlesShown).flatMap(linesOf),
      ...(rest > 0 ? [`and ${rest} more`] : []),
      ...(running.length > 0 ? ['', 'What runs is cancelled then.'] : []),
      ...entered.map((what) => `What was entered is lost then: ${what}.`),
    ],
    yes: 'Quit',
    no: 'Stay',
    confirm: () => {
      if (running.length > 0) say(host, { level: 'info', text: 'Cancelling: Ctrl-C leaves at once.' });
      void withinMoment(tasks.cancelAll(), undefined, patience).then(quit);
    },
  });
}

/** What runs, and what comes of it where it is cancelled now. */
function linesOf({ title: what, fate }: Task): readonly string[] {
  const text = fate();
  return text === undefined ? [what] : [what, `  ${text}`];
}
