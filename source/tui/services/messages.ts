import type { FrameHost } from '../kit/frame.js';
import type { Message, UiStore } from '../kit/ui-state.js';

interface MessageHost extends Pick<FrameHost, 'inventory'> {
  readonly ui: UiStore;
}

/** Puts a line of the program's own where the notices are shown, until something newer happens. */
export function say({ inventory, ui }: MessageHost, message: Omit<Message, 'afterNotice'>): void {
  const afterNotice = inventory.store.getState().notices.at(-1)?.id ?? -1;
  ui.setState({ message: { ...message, afterNotice } });
}

/** Takes back what was said last: it was about work that is over. */
export function hush({ ui }: Pick<MessageHost, 'ui'>): void {
  ui.setState({ message: undefined });
}
