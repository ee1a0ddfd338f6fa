import type { Dispatcher, InputHandler } from '../input/dispatcher.js';
import { Layer } from '../input/dispatcher.js';
import type { KeyEvent } from '../input/events.js';
import { editField, emptyField, fieldText } from '../input/text-field.js';
import { helpLines } from '../kit/help-view.js';
import { handleMenu } from '../kit/menu.js';
import { menuHeight } from '../kit/menu-dialog.js';
import type { ManagerModel } from '../screens/manager/model.js';
import { openTasks } from '../screens/tasks/tasks-pane.js';
import { askQuit } from '../services/quit.js';
import { type AppControls, openPalette, runKey } from './commands.js';

/** Connects the Manager screen's keys: the table's, those of its filter field, question and help. */
export function registerHandlers(
  dispatcher: Dispatcher,
  model: ManagerModel,
  controls: AppControls,
): () => void {
  const stops = [
    dispatcher.register(Layer.screen, (event) => event.type === 'key' && runKey(model, controls, event)),
    dispatcher.register(Layer.field, filterHandler(model)),
    dispatcher.register(Layer.field, paneHandler(model, controls)),
    dispatcher.register(Layer.dialog, helpHandler(model, controls)),
    dispatcher.register(Layer.dialog, menuHandler(model)),
    dispatcher.register(Layer.dialog, questionHandler(model)),
    dispatcher.register(Layer.global, (event) => {
      if (event.type !== 'key') return false;
      if (event.name === 'ctrl-c') askQuit(controls.host, event.chunk, controls.quit);
      else if (event.name === 'ctrl-z') controls.suspend();
      else return false;
      return true;
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** A pane lies over the Manager and gets every key but those that work everywhere. */
function paneHandler(model: ManagerModel, controls: AppControls): InputHandler {
  const { host, quit } = controls;
  const { panes } = host;
  return (event) => {
    const pane = panes.top();
    if (pane === undefined) return false;
    const everywhere = new Map<string, (event: KeyEvent) => void>([
      ['?', () => model.ui.setState({ help: { top: 0 } })],
      [':', () => openPalette(model, controls)],
      ['J', () => openTasks(host)],
      [
        'q',
        (event) => {
          if (panes.quits()) askQuit(host, event.chunk, quit);
          else panes.handle({ ...event, name: 'escape', text: undefined });
        },
      ],
    ]);
    const own = event.type === 'key' && pane.typing?.() !== true ? everywhere.get(event.name) : undefined;
    if (own !== undefined && event.type === 'key') own(event);
    else panes.handle(event);
    return true;
  };
}

/** While the filter is typed every key is its: what it does not know does nothing, except moving in the list. */
function filterHandler(model: ManagerModel): InputHandler {
  const moves: Readonly<Record<string, () => void>> = {
    up: () => model.move(-1),
    down: () => model.move(1),
    pageup: () => model.move(-model.page),
    pagedown: () => model.move(model.page),
  };
  return (event) => {
    const { field } = model.ui.getState();
    if (field === undefined) return false;
    const set = (next: typeof field): void => model.ui.setState({ field: next, filter: fieldText(next) });
    if (event.type === 'key') {
      if (event.name === 'escape') model.ui.setState({ field: undefined, filter: '' });
      else if (event.name === 'enter') model.ui.setState({ field: undefined });
      else if (event.name === 'backspace' && field.characters.length === 0)
        model.ui.setState({ field: undefined });
      else if (moves[event.name] !== undefined) moves[event.name]?.();
      else set(editField(field, event) ?? field);
      return true;
    }
    set(editField(field, event) ?? emptyField);
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
    // Keys that came together with the one that asked were typed before the question could be read.
    if (event.type === 'paste' || event.chunk === question.chunk) return true;
    const answer = (yes: boolean): void => {
      model.ui.setState({ question: undefined });
      if (yes) question.confirm();
    };
    const toggle = (): void =>
      model.ui.setState({ question: { ...question, choice: question.choice === 'yes' ? 'no' : 'yes' } });
    const keys: Readonly<Record<string, () => void>> = {
      y: () => answer(true),
      n: () => answer(false),
      escape: () => answer(false),
      enter: () => answer(question.choice === 'yes'),
      left: toggle,
      right: toggle,
      tab: toggle,
      'shift-tab': toggle,
    };
    keys[event.name]?.();
    return true;
  };
}

function helpHandler(model: ManagerModel, { host }: AppControls): InputHandler {
  return (event) => {
    const { help } = model.ui.getState();
    if (help === undefined) return false;
    if (event.type === 'paste') return true;
    const scrollBy = (step: number): void => {
      const last = Math.max(0, helpLines(model.look, true, host.panes.top()).length - 1);
      model.ui.setState({ help: { top: Math.min(Math.max(help.top + step, 0), last) } });
    };
    const close = (): void => model.ui.setState({ help: undefined });
    const keys: Readonly<Record<string, () => void>> = {
      escape: close,
      q: close,
      '?': close,
      enter: close,
      up: () => scrollBy(-1),
      k: () => scrollBy(-1),
      down: () => scrollBy(1),
      j: () => scrollBy(1),
      pageup: () => scrollBy(-10),
      pagedown: () => scrollBy(10),
      home: () => scrollBy(Number.NEGATIVE_INFINITY),
      end: () => scrollBy(Number.POSITIVE_INFINITY),
    };
    keys[event.name]?.();
    return true;
  };
}
