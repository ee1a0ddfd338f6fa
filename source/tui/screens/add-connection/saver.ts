import { isDeepStrictEqual } from 'node:util';
import { addConnection, editConnection } from '../../../settings/connection-edits.js';
import { isSameUri } from '../../../settings/same-uri.js';
import type { ConnectionSetting } from '../../../settings/settings.js';
import { SettingsError, type SettingsFailure } from '../../../settings/settings-error.js';
import type { Edit } from '../../../settings/update-settings.js';
import { say } from '../../services/messages.js';
import type { ScreenHost } from '../../services/screen-host.js';
import type { Edited } from './edited.js';

/** What to do where the settings refuse a connection for its own sake. */
const refusals: Readonly<Partial<Record<SettingsFailure, string>>> = {
  conflict: 'Choose another name.',
  'same-host': 'It is in the list already.',
};

/** Puts a connection into the settings and on the screen, or says why it could not be saved. */
export class Saver {
  readonly #host: ScreenHost;
  readonly #edited: Edited | undefined;
  readonly #changed: () => void;
  /** Missing in the file but part of this run's settings, which keep what the file refused. */
  #unsaved: ConnectionSetting | undefined;
  #saving: ConnectionSetting | undefined;
  #closed = false;
  #failure: { readonly text: string; readonly hint?: string } | undefined;

  /** @param edited what it takes the place of; undefined: it is a new one */
  constructor(host: ScreenHost, edited: Edited | undefined, changed: () => void) {
    this.#host = host;
    this.#edited = edited;
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
      const proposed = this.#host.settings.proposed();
      const edited = this.#edited;
      const edit = edited?.isSaved ? editConnection(edited.entry.name, setting) : addConnection(setting);
      await this.#host.settings.update(edit);
      this.#show(setting, edited?.isSaved ? 'saved' : addedText(proposed));
      return true;
    } catch (error) {
      const kind = error instanceof SettingsError ? error.kind : undefined;
      const refusal = kind === undefined ? undefined : refusals[kind];
      if (refusal === undefined) this.#unsaved = setting;
      if (this.#closed) {
        this.leave();
        say(this.#host, { level: 'error', text: `${setting.name}: not saved: ${messageOf(error)}` });
        return false;
      }
      this.#failure = {
        text: `not saved: ${messageOf(error)}`,
        hint: refusal ?? 'It can be used all the same until the program ends.',
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
    if (setting !== undefined)
      this.#show(setting, `${this.#edited === undefined ? 'added' : 'changed'} until the program ends`);
  }

  /** The person wants something else than what could not be saved. */
  leave(): void {
    const setting = this.#unsaved;
    this.#unsaved = undefined;
    this.#failure = undefined;
    if (setting === undefined) return;
    const old = this.#edited?.isSaved ? [this.#edited.entry] : [];
    // By identity: a connection of that name in the file by now is somebody else's.
    const isIt = (one: ConnectionSetting): boolean =>
      one === setting || (old.length > 0 && isDeepStrictEqual(one, setting));
    const without: Edit = (settings) => ({
      ...settings,
      connections: settings.connections.flatMap((one) => (isIt(one) ? old : [one])),
    });
    this.#host.settings.update(without).catch(() => {});
  }

  /** The form is closed; saving goes on, and its outcome is shown on the screen below. */
  close(): void {
    this.#closed = true;
    this.leave();
  }

  #show({ name, uri }: ConnectionSetting, done: string): void {
    const { inventory, manager } = this.#host;
    if (this.#edited !== undefined) {
      const { id: old, entry } = this.#edited;
      const id = inventory.change(old, { name, uri });
      queueMicrotask(() => manager.selectConnection(id));
      const what = entry.name === name ? name : `${name}, until now ${entry.name}`;
      say(this.#host, { level: 'success', text: `${what}: ${done}` });
      return;
    }
    const there = inventory.store.getState().connections.find((one) => isSameUri(one.uri, uri));
    const id = there?.id ?? inventory.add({ name, uri });
    inventory.connect(id);
    // The inventory publishes changes at the end of the current turn: until then there is no row to select.
    queueMicrotask(() => manager.selectConnection(id));
    const as = there === undefined ? '' : `; it is in the list as ${there.name}`;
    say(this.#host, { level: 'success', text: `${name}: ${done}${as}` });
  }
}

/** Connections found on this machine are saved with the first one that is added: say so, to avoid surprise. */
function addedText(proposed: readonly ConnectionSetting[]): string {
  const others = proposed.map(({ name, uri }) => `${name} (${uri})`).join(', ');
  return others === ''
    ? 'added'
    : `added, and with it ${others}, which was found here and not saved until now`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
