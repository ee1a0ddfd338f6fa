import type { KeyEvent } from '../input/events.js';
import { type Binding, dispatch, footerHints } from '../kit/binding.js';
import type { KeyHint } from '../kit/frame.js';
import type { Look } from '../theme/look.js';
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

/** The key that tells all others. */
export const helpKey = { keys: ['?'], help: 'this help', label: 'help', always: 'last' } as const;

/** The last line of a screen where no text is entered: what can be done now, and the way to all keys at its end. */
export function screenHints(bindings: readonly Binding[], look: Look): readonly KeyHint[] {
  return footerHints([...bindings, { ...helpKey, run: () => {} }], look);
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
