import type { Connection } from '../../../inventory/types.js';
import type { SafeText } from '../../../text/safe.js';
import { spaces } from '../../../text/width.js';
import type { InputEvent } from '../../input/events.js';
import type { Binding } from '../../kit/binding.js';
import type { Pane } from '../../kit/pane.js';
import type { Size } from '../../kit/size.js';
import { connectionOf } from '../../services/live-connection.js';
import { say } from '../../services/messages.js';
import type { ScreenHost } from '../../services/screen-host.js';
import type { NewVmPane } from './new-vm-pane.js';

/** Opens the wizard for a connection, or says that it is not connected. */
export function openNewVm(host: ScreenHost, { id, name, status }: Connection): void {
  if (status.state === 'connected') host.panes.open(new LazyNewVmPane(host, id));
  else say(host, { level: 'warning', text: `${name} is not connected.` });
}

/** The key of the wizard, wherever a host is told by what is selected. */
export const newVmBinding: Binding<{ readonly host: ScreenHost; readonly connection: Connection }> = {
  keys: ['c'],
  help: 'new VM on this host',
  label: 'new VM',
  refusal: ({ connection: { name, status } }) =>
    status.state === 'connected' ? undefined : `${name} is not connected.`,
  run: ({ host, connection }) => openNewVm(host, connection),
};

/**
 * The wizard, loaded when it is first opened: what makes VMs takes 200 ms to load, and most runs of the program
 * make none. Keys that are typed meanwhile are the wizard's; none of them may reach the screen below.
 */
class LazyNewVmPane implements Pane {
  readonly entry = true;
  readonly #host: ScreenHost;
  readonly #connectionId: string;
  readonly #waiting: InputEvent[] = [];
  #pane: NewVmPane | undefined;
  #visible = false;
  #closed = false;
  #failed = false;

  constructor(host: ScreenHost, connectionId: string) {
    this.#host = host;
    this.#connectionId = connectionId;
    void this.#load();
  }

  readonly bindings = (): readonly Binding[] => this.#pane?.bindings() ?? [];

  readonly gone = (): boolean =>
    this.#failed || connectionOf({ host: this.#host, connectionId: this.#connectionId }) === undefined;

  readonly shows = (): unknown => this.#pane?.shows?.();

  readonly entered = (): string | undefined => this.#pane?.entered?.();

  readonly typing = (): boolean => this.#pane?.typing?.() ?? true;

  draw(size: Size, now: number): readonly SafeText[] {
    if (this.#pane !== undefined) return this.#pane.draw(size, now);
    return Array.from({ length: size.rows }, () => spaces(size.columns));
  }

  handle(event: InputEvent): boolean {
    if (this.#pane !== undefined) return this.#pane.handle(event);
    if (event.type === 'key' && event.name === 'escape') return false;
    this.#waiting.push(event);
    return true;
  }

  readonly shown = (visible: boolean): void => {
    this.#visible = visible;
    this.#pane?.shown?.(visible);
  };

  close(): void {
    this.#closed = true;
    this.#pane?.close?.();
  }

  async #load(): Promise<void> {
    const loaded = await import('./new-vm-pane.js').catch((error: Error) => error);
    if (this.#closed) return;
    if (loaded instanceof Error) {
      // Its files cannot be read, e.g. because no more may be open: the rest of the program goes on.
      this.#failed = true;
      say(this.#host, { level: 'error', text: `the wizard could not be loaded: ${loaded.message}` });
      return;
    }
    this.#pane = new loaded.NewVmPane(this.#host, this.#connectionId);
    if (this.#visible) this.#pane.shown?.(true);
    for (const event of this.#waiting) this.#pane.handle(event);
    this.#host.redraw();
  }
}
