import { type Binding, bind } from '../kit/binding.js';
import { paletteMenu } from '../kit/palette.js';
import { openAddConnection } from '../screens/add-connection/open-add-connection.js';
import { openTasks } from '../screens/tasks/tasks-pane.js';
import { helpKey } from '../services/keys.js';
import { say } from '../services/messages.js';
import { askQuit } from '../services/quit.js';
import type { ScreenHost } from '../services/screen-host.js';

/** What the screens themselves cannot do. */
export interface AppControls {
  readonly host: ScreenHost;
  quit(): void;
  /** Hands the terminal back to the shell until `fg`. */
  suspend(): void;
}

/** What the program's own keys act on. */
export interface Program extends AppControls {
  /** All keys of what is on the screen, for the palette. */
  shown(): readonly Binding[];
}

/** A key of the whole program. */
interface ProgramBinding extends Binding<Program> {
  /**
   * How far it reaches: `views`: screens that enter nothing and have no use of their own for it; `screens`: every
   * screen, unless a text is typed; `anywhere`: questions and menus as well.
   */
  readonly reach: 'views' | 'screens' | 'anywhere';
}

/** Seconds between refreshes that `+` and `-` step through. */
const intervals = [1, 2, 3, 5, 10, 30, 60];

/** The keys that work everywhere. */
export const programBindings: readonly ProgramBinding[] = [
  {
    keys: ['r'],
    reach: 'views',
    help: 'refresh now',
    label: 'refresh',
    run: ({ host }) => void host.inventory.refresh(),
  },
  {
    keys: [':'],
    reach: 'screens',
    help: 'every action by name',
    label: 'actions',
    moves: true,
    run: ({ host, shown }) => {
      const refuse = (text: string): void => say(host, { level: 'warning', text });
      host.ui.setState({ menu: paletteMenu(shown(), host.look, refuse) });
    },
  },
  {
    keys: ['a'],
    reach: 'views',
    help: 'add a connection',
    label: 'add connection',
    run: ({ host }) => openAddConnection(host),
  },
  {
    keys: ['J'],
    reach: 'screens',
    help: 'tasks: long work, running and finished',
    run: ({ host }) => openTasks(host),
  },
  { keys: ['+'], reach: 'views', help: 'longer refresh interval', run: ({ host }) => stepInterval(host, 1) },
  {
    keys: ['-'],
    reach: 'views',
    help: 'shorter refresh interval',
    run: ({ host }) => stepInterval(host, -1),
  },
  {
    ...helpKey,
    reach: 'screens',
    run: ({ host }) => host.ui.setState({ help: { top: 0 } }),
  },
  {
    keys: ['q'],
    reach: 'screens',
    help: 'quit; in forms and on screens above another q goes back',
    label: 'quit',
    run: ({ host, quit }, event) => {
      if (host.panes.quits()) askQuit(host, quit);
      else host.panes.handle({ ...event, name: 'escape', text: undefined });
    },
  },
  {
    keys: ['ctrl-c'],
    reach: 'anywhere',
    help: 'quit, whatever is open',
    run: ({ host, quit }) => askQuit(host, quit),
  },
  { keys: ['ctrl-z'], reach: 'anywhere', help: 'suspend to the shell', run: ({ suspend }) => suspend() },
];

/** Those that reach at least as far as given, with the program they act on. */
export function programKeys(program: Program, reach: ProgramBinding['reach'] = 'views'): readonly Binding[] {
  const reaches = ['views', 'screens', 'anywhere'];
  const wanted = programBindings.filter((one) => reaches.indexOf(one.reach) >= reaches.indexOf(reach));
  return bind(wanted, program);
}

function stepInterval({ inventory }: ScreenHost, step: 1 | -1): void {
  const seconds = inventory.store.getState().interval / 1000;
  const next =
    step === 1 ? intervals.find((value) => value > seconds) : intervals.findLast((value) => value < seconds);
  if (next !== undefined) inventory.setInterval(next * 1000);
}
