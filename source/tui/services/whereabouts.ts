import type { ScreenHost } from './screen-host.js';

type Whereabouts = Pick<ScreenHost, 'ui' | 'panes' | 'manager'>;

/** Something lies above the screen, or the Manager's filter is typed: a question now would take keys meant for that. */
export function isBusy({ ui, manager }: Whereabouts): boolean {
  const { menu, question, help } = ui.getState();
  return menu !== undefined || question !== undefined || help !== undefined || manager.typing();
}

/** For work that shows something at its end: tells whether the person is still on the screen of now, and free. */
export function staying(host: Whereabouts): () => boolean {
  const pane = host.panes.top();
  return () => host.panes.top() === pane && !isBusy(host);
}
