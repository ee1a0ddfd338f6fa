import type { KeyEvent } from '../input/events.js';
import { type Binding, dispatch } from '../kit/binding.js';
import type { ActionHost } from './domain-action.js';
import { say } from './messages.js';
import type { PaneStack } from './pane-stack.js';

/** Runs what a key stands for, or says why it cannot be done now; false where it stands for nothing. */
export function press(host: ActionHost, bindings: readonly Binding[], event: KeyEvent): boolean {
  return dispatch(bindings, event, (text) => say(host, { level: 'warning', text }));
}

/** Esc, where it does nothing else first. */
export function backBinding({ panes }: { readonly panes: Pick<PaneStack, 'back'> }, help = 'back'): Binding {
  return { keys: ['escape'], label: 'back', always: 'first', help, moves: true, run: () => panes.back() };
}

/** Asks one host anew, on screens that are about it. */
export function refreshBinding({ inventory }: ActionHost, connectionId: string): Binding {
  return {
    keys: ['r'],
    help: 'refresh now',
    label: 'refresh',
    run: () => void inventory.refresh(connectionId),
  };
}
