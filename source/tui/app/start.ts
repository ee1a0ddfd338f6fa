import { createOpener } from '../../hosts/opener.js';
import type { OpenHypervisor } from '../../inventory/host-connection.js';
import { Inventory } from '../../inventory/inventory.js';
import { readClientConfig } from '../../libvirt/client-config.js';
import { type LoadedSettings, loadSettings } from '../../settings/load-settings.js';
import { formatProblem } from '../../settings/problem.js';
import { environmentUri, proposeConnections } from '../../settings/propose-connections.js';
import { isSameUri } from '../../settings/same-uri.js';
import type { ConnectionSetting } from '../../settings/settings.js';
import { settingsPath } from '../../settings/settings-path.js';
import { literal, safe } from '../../text/safe.js';
import { Prompts } from '../services/prompts.js';
import { describeFault, withinMoment } from '../terminal/ending.js';
import { lastWords } from '../terminal/last-words.js';
import { type FileSettings, fileSettings } from './file-settings.js';

export interface StartOptions {
  readonly version: string;
  /** The hosts to show, as URIs or names of the settings; none: the settings' own, else what is found here. */
  readonly uris: readonly string[];
}

/** Connects to the hosts and runs the full-screen program until it is left. Resolves with the exit code. */
export async function start({ version, uris }: StartOptions): Promise<number> {
  const loaded = await loadSettings(settingsPath(process.env));
  const open = createOpener();
  const prompts = new Prompts();
  const { ask } = prompts;
  const openHost: OpenHypervisor = (uri, hooks) =>
    open(uri || undefined, { ask, ...hooks, events: true, keepalive: true });
  const inventory = new Inventory({ open: openHost, ask, interval: loaded.settings.interval * 1000 });
  for (const problem of loaded.problems) {
    inventory.notify({ level: 'warning', text: formatProblem(problem) });
  }
  const { uriDefault, problem: unread } = await readClientConfig(process.env, process.geteuid?.() ?? 0);
  if (unread !== undefined) inventory.notify({ level: 'warning', text: unread });
  const proposed = proposals(loaded, uriDefault);
  const targets = chooseTargets(uris, loaded, proposed);
  for (const { name, uri, autoconnect } of targets) {
    const id = inventory.add({ uri, name: name || undefined });
    if (autoconnect) inventory.connect(id);
  }
  if (targets.length === 0) openLab(inventory);
  // After the connections have begun: the hosts answer while Ink is loaded.
  const { runTui } = await import('./run.js');
  // What the environment says it says again the next time: only what was found here is kept.
  const settings = fileSettings(loaded, environmentUri(process.env) === undefined ? proposed : []);
  const code = await runTui({ inventory, version, settings, prompts, open: openHost }).catch(
    (error: unknown) => {
      lastWords(describeFault(error, version));
      return 1;
    },
  );
  // Neither a host that is silent nor a file that somebody has locked keeps a person from their shell.
  await Promise.all([withinMoment(inventory.dispose(), undefined), tellUnsaved(settings)]);
  return code;
}

/** What was chosen last is written while the program ends: no screen is left to tell that it could not be. */
async function tellUnsaved(settings: FileSettings): Promise<void> {
  const failure = await withinMoment(settings.written(), new Error('the file is locked or its disk is slow'));
  if (failure !== undefined)
    lastWords(literal`virtdeck: what you chose last is not saved: ${safe(failure.message)}\n`);
}

function chooseTargets(
  wanted: readonly string[],
  { settings }: LoadedSettings,
  proposed: readonly ConnectionSetting[],
): readonly ConnectionSetting[] {
  if (wanted.length > 0) {
    return wanted.map((text) => {
      const saved = settings.connections.find(({ name }) => name === text);
      return { name: '', uri: text, ...saved, autoconnect: true };
    });
  }
  return [...proposed, ...settings.connections];
}

/** The environment's URI unless the settings have it; what is found on this machine if they have none. */
function proposals(
  { settings: { connections } }: LoadedSettings,
  uriDefault: string | undefined,
): readonly ConnectionSetting[] {
  if (connections.length > 0 && environmentUri(process.env) === undefined) return [];
  return proposeConnections({ uriDefault }).filter(
    ({ uri }) => !connections.some((saved) => isSameUri(saved.uri, uri)),
  );
}

/** Without any libvirt a simulated host, named as such, is there to learn the keys on. */
function openLab(inventory: Inventory): void {
  inventory.connect(inventory.add({ uri: 'lab:///', name: 'lab (simulated)' }));
  inventory.notify({
    level: 'warning',
    text: 'No libvirt was found on this machine: this host is simulated.',
    hint: 'Install libvirt (Debian, Ubuntu: sudo apt install libvirt-daemon-system), or name a host: virtdeck -c URI.',
  });
}
