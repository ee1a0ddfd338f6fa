import type { ScreenHost } from './screen-host.js';

type Whereabouts = Pick<ScreenHost, 'ui' | 'panes' | 'manager'>;

/** Something covers the screen, or the Manager's filter is being typed: a question now would take its keys. */
export function isBusy({ ui, manager }: Whereabouts): boolean {
  const { menu, question, help } = ui.getState();
  return menu !== undefined || question !== undefined || help !== undefined || manager.typing();
}

/** For work that ends by showing something: returns a check whether the person is still on this screen, and free. */
export function staying(host: Whereabouts): () => boolean {
  const pane = host.panes.top();
  return () => host.panes.top() === pane && !isBusy(host);
}
