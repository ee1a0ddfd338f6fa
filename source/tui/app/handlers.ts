import type { Dispatcher, InputHandler } from '../input/dispatcher.js';
import { Layer } from '../input/dispatcher.js';
import { handleQuestion, Unread } from '../kit/ask.js';
import { hasKey } from '../kit/binding.js';
import { typeFilter } from '../kit/filter.js';
import { helpLines } from '../kit/help-view.js';
import { handleMenu } from '../kit/menu.js';
import { menuHeight } from '../kit/menu-dialog.js';
import { scrollStep } from '../kit/scrolling.js';
import type { ManagerModel } from '../screens/manager/model.js';
import { press } from '../services/keys.js';
import { keysOn } from './program.js';
import { type Program, programKeys } from './program-keys.js';

const helpPage = 10;

/** Connects the keys of whatever is open: fields and dialogs lie above the screens, some keys above everything. */
export function registerHandlers(dispatcher: Dispatcher, model: ManagerModel, program: Program): () => void {
  const { host } = program;
  const anywhere = programKeys(program, 'anywhere');
  const unread = new Unread();
  const stops = [
    dispatcher.register(Layer.screen, (event) => {
      return event.type === 'key' && press(host, [...model.bindings(), ...programKeys(program)], event);
    }),
    dispatcher.register(Layer.field, filterHandler(model)),
    dispatcher.register(Layer.field, paneHandler(program)),
    dispatcher.register(Layer.dialog, helpHandler(model, program)),
    dispatcher.register(Layer.dialog, menuHandler(model)),
    dispatcher.register(Layer.dialog, questionHandler(model)),
    dispatcher.register(Layer.dialog, () => unread.in(model.ui.getState())),
    dispatcher.register(Layer.dialog, host.prompts.handle),
    dispatcher.register(Layer.global, (event) => event.type === 'key' && press(host, anywhere, event)),
    dispatcher.register(Layer.global, (event) => {
      unread.note(event, model.ui.getState());
      return false;
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** A pane covers the Manager and gets every key except the program's own, and any that it has no use for. */
function paneHandler(program: Program): InputHandler {
  const { host } = program;
  const [views, screens] = [programKeys(program), programKeys(program, 'screens')];
  return (event) => {
    const pane = host.panes.top();
    if (pane === undefined) return false;
    if (event.type === 'key' && pane.typing?.() !== true) {
      const lacks = pane.entry !== true && !pane.bindings().some((one) => hasKey(one, event));
      if (press(host, lacks ? views : screens, event)) return true;
    }
    return host.panes.handle(event);
  };
}

/** While the filter is typed it takes every key, except those that move in the list. */
function filterHandler(model: ManagerModel): InputHandler {
  return (event) => {
    const { field } = model.list.getState();
    if (field === undefined) return false;
    const next = typeFilter(field, event);
    if (next !== 'move') model.list.setState(next);
    else if (event.type === 'key') press(model.host, model.bindings(), event);
    return true;
  };
}

function menuHandler(model: ManagerModel): InputHandler {
  return (event) => {
    const { menu } = model.ui.getState();
    if (menu === undefined) return false;
    handleMenu(model.ui, menu, event, menuHeight(menu, model.size));
    return true;
  };
}

function questionHandler(model: ManagerModel): InputHandler {
  return (event) => {
    const { question } = model.ui.getState();
    if (question === undefined) return false;
    if (event.type === 'key') handleQuestion(model.ui, question, event);
    return true;
  };
}

function helpHandler(model: ManagerModel, program: Program): InputHandler {
  return (event) => {
    const { help } = model.ui.getState();
    if (help === undefined) return false;
    if (event.type === 'paste') return true;
    const step = scrollStep(event.name, helpPage);
    if (['escape', 'enter', 'q', '?'].includes(event.name)) model.ui.setState({ help: undefined });
    else if (step !== undefined) {
      const last = Math.max(0, helpLines(model.look, keysOn(program, model)).length - 1);
      model.ui.setState({ help: { top: Math.min(Math.max(help.top + step, 0), last) } });
    }
    return true;
  };
}
