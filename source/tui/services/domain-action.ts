import { domainActions } from '../../inventory/domain-actions.js';
import type { KeyEvent } from '../input/events.js';
import { type Binding, type DomainSelection, domainActionOf } from '../kit/keymap.js';
import type { Message, UiStore } from '../kit/ui-state.js';
import type { TuiInventory } from './inventory-port.js';

/** What an action needs of the screen that it is started from. */
export interface ActionHost {
  readonly inventory: TuiInventory;
  readonly ui: UiStore;
}

/** Puts a line of the program's own where the notices are shown, until something newer happens. */
export function say({ inventory, ui }: ActionHost, message: Omit<Message, 'afterNotice'>): void {
  const afterNotice = inventory.store.getState().notices.at(-1)?.id ?? -1;
  ui.setState({ message: { ...message, afterNotice } });
}

/**
 * Does to a domain what a key stands for: says why where it cannot be, asks first where something may be
 * lost. The outcome comes as a notice of the inventory.
 */
export function runDomainAction(
  host: ActionHost,
  selection: DomainSelection,
  binding: Binding,
  event: KeyEvent,
): void {
  const choose = domainActionOf[binding.id];
  if (choose === undefined) return;
  const reason = binding.unavailable?.(selection);
  if (reason !== undefined) {
    say(host, { level: 'warning', text: reason });
    return;
  }
  const { domain, connection } = selection;
  const id = choose(domain);
  const action = domainActions[id];
  const run = (): void => {
    // The inventory tells the outcome as a notice; a promise that rejects is a fault of the program.
    void host.inventory.act(connection.id, domain.uuid, id).catch((error: unknown) => {
      say(host, { level: 'error', text: error instanceof Error ? error.message : String(error) });
    });
  };
  const question = action.question?.(domain);
  if (question === undefined) {
    run();
    return;
  }
  host.ui.setState({
    question: {
      title: `${capital(action.title(domain))}?`,
      lines: [question, '', `Domain  ${domain.name}`, `Host    ${connection.name}  ${connection.uri}`],
      yes: 'Yes',
      no: 'No',
      confirm: run,
      chunk: event.chunk,
      choice: 'no',
    },
  });
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
