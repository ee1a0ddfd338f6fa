import { type Binding, layered } from '../kit/binding.js';
import type { HelpKeys } from '../kit/help-view.js';
import { rowKey } from '../screens/manager/list-state.js';
import { ManagerModel, type ManagerModelOptions } from '../screens/manager/model.js';
import { type ProgramParts, type ScreenHost, screenHost } from '../services/screen-host.js';
import { type AppControls, type Program, programKeys } from './program-keys.js';

/** What a run of the program begins with. */
export interface ProgramOptions
  extends Omit<AppControls, 'host'>,
    Omit<ManagerModelOptions, 'host' | 'program'> {
  readonly parts: Omit<ProgramParts, 'manager'>;
}

/** The Manager, what every screen is given, and the program's keys with what they act on. */
export function openProgram({ parts, quit, suspend, ...options }: ProgramOptions): {
  readonly host: ScreenHost;
  readonly model: ManagerModel;
  readonly program: Program;
} {
  const host = screenHost({
    ...parts,
    manager: {
      selectConnection: (id) => model.list.setState({ selected: rowKey(id) }),
      typing: () => model.list.getState().field !== undefined,
    },
  });
  const shown = (): readonly Binding[] => {
    const { own, everywhere } = keysOn(program, model, 'views');
    return [...own, ...everywhere];
  };
  const program: Program = { host, quit, suspend, shown };
  const model: ManagerModel = new ManagerModel({ ...options, host, program: programKeys(program) });
  return { host, model, program };
}

/** The keys of the screen on top, and those of the program that it leaves. */
export function keysOn(
  program: Program,
  model: ManagerModel,
  reach = program.host.panes.top()?.entry === true ? ('screens' as const) : ('views' as const),
): HelpKeys {
  const pane = program.host.panes.top();
  const own = (pane ?? model).bindings();
  // A screen that refreshes its own host has no use for the key that refreshes all.
  const everywhere = layered(own, programKeys(program, reach))
    .slice(own.length)
    .filter(({ keys, help }) => keys.length > 0 || !own.some((one) => one.help === help));
  return { own, everywhere };
}
