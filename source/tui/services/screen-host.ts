import type { OpenHypervisor } from '../../inventory/host-connection.js';
import { VolumeUsers } from '../../inventory/volume-users.js';
import type { TerminalLease } from '../terminal/terminal-lease.js';
import type { Look } from '../theme/look.js';
import type { ActionHost } from './domain-action.js';
import { Drafts } from './drafts.js';
import { connectionOf } from './live-connection.js';
import type { PaneStack } from './pane-stack.js';
import type { Prompts } from './prompts.js';
import type { SettingsPort } from './settings-port.js';
import { TaskStore } from './tasks.js';

/** The program's parts that outlive every screen. */
export interface ProgramParts extends ActionHost {
  readonly look: Look;
  readonly settings: SettingsPort;
  readonly panes: PaneStack;
  readonly terminal: TerminalLease;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Opens a connection of its own, e.g. to test one that is about to be added; it asks through `prompts`. */
  readonly open: OpenHypervisor;
  readonly prompts: Prompts;
  readonly manager: ManagerPort;
}

/** What other screens may know of the Manager, which lies under all of them. */
export interface ManagerPort {
  readonly selectConnection: (id: string) => void;
  /** Its filter is being typed. */
  readonly typing: () => boolean;
}

/** What every screen is given, and all that one screen knows of another. */
export interface ScreenHost extends ProgramParts {
  readonly tasks: TaskStore;
  readonly drafts: Drafts;
  /** Who uses the volumes of a connection: one for all screens, so that hosts are asked once. */
  readonly volumeUsers: (connectionId: string) => VolumeUsers;
  /** Something that no store tells has changed. */
  readonly redraw: () => void;
}

/** Made once for a run of the program. */
export function screenHost(parts: ProgramParts): ScreenHost {
  const { inventory, panes } = parts;
  const redraw = (): void => panes.redraw();
  const users = new Map<string, VolumeUsers>();
  const volumeUsers = (connectionId: string): VolumeUsers => {
    const known = users.get(connectionId);
    if (known !== undefined) return known;
    const made = new VolumeUsers({
      ask: (call) => inventory.ask(connectionId, call),
      domains: () => connectionOf({ host: parts, connectionId })?.domains.values() ?? [],
      changed: redraw,
    });
    users.set(connectionId, made);
    return made;
  };
  return { ...parts, tasks: new TaskStore(redraw), drafts: new Drafts(), volumeUsers, redraw };
}
