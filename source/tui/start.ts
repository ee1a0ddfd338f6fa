import type { OpenHypervisor } from '../inventory/host-connection.js';
import { Inventory } from '../inventory/inventory.js';
import { createOpener } from '../lab/opener.js';
import { type LoadedSettings, loadSettings } from '../settings/load-settings.js';
import { formatProblem } from '../settings/problem.js';
import { proposeConnections } from '../settings/propose-connections.js';
import type { ConnectionSetting } from '../settings/settings.js';
import { settingsPath } from '../settings/settings-path.js';
import { fileSettings } from './file-settings.js';

export interface StartOptions {
  readonly version: string;
  /** The hosts to show, as URIs or names of the settings; none: the settings' own, else what is found here. */
  readonly uris: readonly string[];
}

/** Connects to the hosts and runs the full-screen program until it is left. Resolves with the exit code. */
export async function start({ version, uris }: StartOptions): Promise<number> {
  const loaded = await loadSettings(settingsPath(process.env));
  const open = createOpener();
  const openHost: OpenHypervisor = (uri, hooks) =>
    open(uri || undefined, { ...hooks, events: true, keepalive: true });
  const inventory = new Inventory({
    open: openHost,
    interval: loaded.settings.interval * 1000,
  });
  for (const problem of loaded.problems) {
    inventory.notify({ level: 'warning', text: formatProblem(problem) });
  }
  const proposed = loaded.settings.connections.length === 0 ? proposeConnections() : [];
  const targets = chooseTargets(uris, loaded, proposed);
  for (const { name, uri, autoconnect } of targets) {
    const id = inventory.add({ uri, name: name || undefined });
    if (autoconnect) inventory.connect(id);
  }
  if (targets.length === 0) openLab(inventory);
  // After the connections have begun: the hosts answer while Ink is loaded.
  const { runTui } = await import('./run.js');
  const settings = fileSettings(loaded, proposed);
  const code = await runTui({ inventory, version, settings, open: openHost });
  await Promise.all([inventory.dispose(), settings.written()]);
  return code;
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
  return settings.connections.length > 0 ? settings.connections : proposed;
}

/** Without any libvirt there is still something to see and to learn the keys on, and it says what it is. */
function openLab(inventory: Inventory): void {
  inventory.connect(inventory.add({ uri: 'lab:///', name: 'lab (simulated)' }));
  inventory.notify({
    level: 'warning',
    text: 'No libvirt was found on this machine: this host is simulated.',
    hint: 'Install libvirt (Debian, Ubuntu: sudo apt install libvirt-daemon-system), or name a host: virtdeck -c URI.',
  });
}
