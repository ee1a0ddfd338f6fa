import type { Connection } from '../../../inventory/types.js';
import { putConnection, removeConnection } from '../../../settings/connection-edits.js';
import { uriProblem } from '../../../settings/connection-rules.js';
import { SettingsError } from '../../../settings/settings-error.js';
import { ask } from '../../kit/ask.js';
import { hush, say } from '../../services/messages.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { openEditConnection } from '../add-connection/open-add-connection.js';
import { nameToSave, savedConnection } from './saved-connection.js';

/** Ends the connection in any state, including while it connects or reconnects. */
export function disconnect(host: ScreenHost, { id, name, status }: Connection): void {
  if (status.state === 'disconnected') {
    say(host, { level: 'warning', text: `${name} is not connected.` });
    return;
  }
  // Do not wait for the goodbye: a daemon may hang, and the connection ends here at once.
  void host.inventory.disconnect(id);
  const text =
    status.state === 'connected' ? `${name}: disconnected` : `${name}: no more attempts to connect`;
  say(host, { level: 'success', text });
}

/** Begins to connect, or tries again at once. */
export function connect(host: ScreenHost, { id }: Connection): void {
  // "disconnected" is no longer so.
  hush(host);
  host.inventory.connect(id);
}

/** Connect when the program starts: on or off. A connection that is not in the settings yet is put there. */
export function autoconnect(host: ScreenHost, connection: Connection): void {
  void switchAutoconnect(host, connection);
}

async function switchAutoconnect(host: ScreenHost, connection: Connection): Promise<void> {
  const { name, uri } = connection;
  const saved = savedConnection(host, connection);
  const problem = uriProblem(uri);
  if (saved === undefined && problem !== undefined) {
    say(host, { level: 'error', text: `${name} cannot be saved: ${problem}` });
    return;
  }
  const on = saved?.autoconnect !== true;
  const entry = saved ?? { name: nameToSave(host, connection), uri };
  const added = saved === undefined ? `; added to the settings${as(entry.name, name)}` : '';
  const text = `${name}: autoconnect ${on ? 'on' : 'off'}`;
  try {
    await host.settings.update(putConnection({ ...entry, autoconnect: on }));
    say(host, { level: 'success', text: text + added });
  } catch (error) {
    sayUnsaved(host, text, error);
  }
}

/** Opens the form of it; one that is not in the settings yet is put there by it. */
export function edit(host: ScreenHost, connection: Connection): void {
  const { id, uri } = connection;
  const saved = savedConnection(host, connection);
  const entry = saved ?? { name: nameToSave(host, connection), uri, autoconnect: false };
  openEditConnection(host, { id, entry, isSaved: saved !== undefined });
}

/** Takes the connection off the list and out of the settings, after a question. */
export function remove(host: ScreenHost, connection: Connection): void {
  const { name, uri } = connection;
  const address = name === uri ? [] : [`URI         ${uri}`];
  ask(host, {
    title: 'Remove the connection?',
    lines: [
      'This program forgets it. Nothing changes on the host: its domains go on.',
      '',
      `Connection  ${name}`,
      ...address,
    ],
    confirm: () => void forget(host, connection),
  });
}

async function forget(host: ScreenHost, connection: Connection): Promise<void> {
  const { id, name } = connection;
  const saved = savedConnection(host, connection);
  void host.inventory.remove(id);
  const text = `${name}: removed`;
  try {
    if (saved !== undefined) await host.settings.update(removeConnection(saved.name));
    say(host, { level: 'success', text });
  } catch (error) {
    // Somebody else has taken it out of the file meanwhile, or it could never be written there.
    if (error instanceof SettingsError && error.kind === 'not-found') say(host, { level: 'success', text });
    else sayUnsaved(host, text, error);
  }
}

/** A change that the settings file refused counts until the program ends. */
function sayUnsaved(host: ScreenHost, text: string, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  say(host, { level: 'error', text: `${text}, but only until the program ends: ${reason}` });
}

function as(saved: string, shown: string): string {
  return saved === shown ? '' : ` as ${saved}`;
}
