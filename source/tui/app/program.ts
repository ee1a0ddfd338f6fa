import { type Binding, layered } from '../kit/binding.js';
import type { HelpKeys } from '../kit/help-view.js';
import { ManagerModel, type ManagerModelOptions } from '../screens/manager/model.js';
import { type AppControls, type Program, programKeys } from './program-keys.js';

/** The Manager, and the program's keys with what they act on. */
export function openProgram(
  controls: AppControls,
  options: Omit<ManagerModelOptions, 'host' | 'program'>,
): { readonly model: ManagerModel; readonly program: Program } {
  const { host } = controls;
  const shown = (): readonly Binding[] => {
    const { own, everywhere } = keysOn(program, model, 'views');
    return [...own, ...everywhere];
  };
  const program: Program = { ...controls, shown };
  const model: ManagerModel = new ManagerModel({ ...options, host, program: programKeys(program) });
  return { model, program };
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
