import { addConnection } from '../../../settings/connection-edits.js';
import type { ConnectionSetting } from '../../../settings/settings.js';
import { SettingsError } from '../../../settings/settings-error.js';
import type { Edit } from '../../../settings/update-settings.js';
import { rowKey } from '../../ui-state.js';
import { say } from '../domain-action.js';
import type { ScreenHost } from '../screen-host.js';

/** Puts a new connection into the settings and on the screen, or says why it could not be saved. */
export class Saver {
  readonly #host: ScreenHost;
  readonly #changed: () => void;
  /** Not in the file, but in the settings of this run: what the file refused counts there all the same. */
  #unsaved: ConnectionSetting | undefined;
  #saving: ConnectionSetting | undefined;
  #closed = false;
  #failure: { readonly text: string; readonly hint?: string } | undefined;

  constructor(host: ScreenHost, changed: () => void) {
    this.#host = host;
    this.#changed = changed;
  }

  get saving(): boolean {
    return this.#saving !== undefined;
  }

  /** Why the last one could not be saved. */
  get failure(): { readonly text: string; readonly hint?: string } | undefined {
    return this.#failure;
  }

  /** What could not be saved can be used for this run. */
  get offersUnsaved(): boolean {
    return this.#unsaved !== undefined;
  }

  /** The name that is being saved, or that could not be. */
  get pending(): string | undefined {
    return (this.#saving ?? this.#unsaved)?.name;
  }

  /** Saves and shows it; false where it could not be saved. */
  async save(setting: ConnectionSetting): Promise<boolean> {
    this.#saving = setting;
    this.#changed();
    try {
      await this.#host.settings.update(addConnection(setting));
      this.#show(setting, 'added');
      return true;
    } catch (error) {
      const taken = error instanceof SettingsError && error.kind === 'conflict';
      if (!taken) this.#unsaved = setting;
      if (this.#closed) {
        this.leave();
        say(this.#host, { level: 'error', text: `${setting.name}: not saved: ${messageOf(error)}` });
        return false;
      }
      this.#failure = {
        text: `not saved: ${messageOf(error)}`,
        hint: taken ? 'Choose another name.' : 'It can be used all the same until the program ends.',
      };
      return false;
    } finally {
      this.#saving = undefined;
      this.#changed();
    }
  }

  /** Shows what could not be saved. */
  useUnsaved(): void {
    const setting = this.#unsaved;
    this.#unsaved = undefined;
    this.#failure = undefined;
    if (setting !== undefined) this.#show(setting, 'added until the program ends');
  }

  /** The person wants something else than what could not be saved. */
  leave(): void {
    const setting = this.#unsaved;
    this.#unsaved = undefined;
    this.#failure = undefined;
    if (setting === undefined) return;
    // By its identity: what the file holds under that name by now is somebody else's.
    const without: Edit = (settings) => ({
      ...settings,
      connections: settings.connections.filter((one) => one !== setting),
    });
    this.#host.settings.update(without).catch(() => {});
  }

  /** The form is left; what is being saved goes on, and is told about on the screen below. */
  close(): void {
    this.#closed = true;
    this.leave();
  }

  #show({ name, uri }: ConnectionSetting, done: string): void {
    const { inventory, ui } = this.#host;
    const id = inventory.add({ name, uri });
    inventory.connect(id);
    // The inventory tells the changes of one moment together, at its end: before that no row is there to select.
    queueMicrotask(() => ui.setState({ selected: rowKey(id) }));
    say(this.#host, { level: 'success', text: `${name}: ${done}` });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
