import type { Connection } from '../../../inventory/types.js';
import type { KeyEvent } from '../../input/events.js';
import { emptyField, fieldOf } from '../../input/text-field.js';
import { bindingFor, type Selection } from '../../keymap.js';
import { DomainPane } from '../domain/domain-pane.js';
import { runDomainAction } from '../domain-action.js';
import type { PaneStack } from '../pane-stack.js';
import type { ManagerModel } from './model.js';
import { nextColumn } from './sorting.js';

/** What the screen itself cannot do. */
export interface AppControls {
  readonly panes: PaneStack;
  quit(): void;
  /** Hands the terminal back to the shell until `fg`. */
  suspend(): void;
}

type Command = (model: ManagerModel, controls: AppControls, event: KeyEvent) => void;

/** Seconds between refreshes that `+` and `-` step through. */
const intervals = [1, 2, 3, 5, 10, 30, 60];

const commands: Readonly<Record<string, Command>> = {
  'move.up': (model) => model.move(-1),
  'move.down': (model) => model.move(1),
  'move.pageUp': (model) => model.move(-model.page),
  'move.pageDown': (model) => model.move(model.page),
  'move.first': (model) => model.moveTo(0),
  'move.last': (model) => model.moveTo(Number.MAX_SAFE_INTEGER),
  'row.open': (model, { panes }) => openRow(model, panes, model.selection()),
  'row.fold': (model) => foldRow(model, model.selection()),
  'row.unfold': (model) => {
    const selection = model.selection();
    if (selection.kind === 'host') setFolded(model, selection.connection, false);
  },
  'filter.open': (model) => {
    const { filter } = model.ui.getState();
    model.ui.setState({ field: filter === '' ? emptyField : fieldOf(filter) });
  },
  'filter.clear': (model) => {
    if (model.ui.getState().filter !== '') model.ui.setState({ filter: '' });
  },
  'sort.next': (model) =>
    model.ui.setState(({ sort }) => ({ sort: { column: nextColumn(sort.column), reversed: false } })),
  'sort.reverse': (model) =>
    model.ui.setState(({ sort }) => ({ sort: { ...sort, reversed: !sort.reversed } })),
  refresh: (model) => void model.inventory.refresh(),
  'interval.longer': (model) => stepInterval(model, 1),
  'interval.shorter': (model) => stepInterval(model, -1),
  help: (model) => model.ui.setState({ help: { top: 0 } }),
  suspend: (_model, controls) => controls.suspend(),
  quit: (_model, controls) => controls.quit(),
};

/** Runs what a key stands for; false where it stands for nothing. */
export function runKey(model: ManagerModel, controls: AppControls, event: KeyEvent): boolean {
  const binding = bindingFor(event.name);
  if (binding === undefined) return false;
  const selection = model.selection();
  const reason = binding.unavailable?.(selection);
  if (reason !== undefined) {
    // A key that belongs to the other kind of row says nothing; one that could work says why it does not.
    if (binding.context === selection.kind) model.say({ level: 'warning', text: reason });
    return true;
  }
  const command = commands[binding.id];
  if (command !== undefined) command(model, controls, event);
  else if (selection.kind === 'domain') runDomainAction(model, selection, binding, event);
  return true;
}

function openRow(model: ManagerModel, panes: PaneStack, selection: Selection): void {
  const { inventory, ui, look } = model;
  if (selection.kind === 'domain') {
    const { connectionId, uuid } = selection.domain;
    panes.open(new DomainPane({ inventory, ui, look, connectionId, uuid }));
  }
  if (selection.kind !== 'host') return;
  const { connection } = selection;
  if (connection.status.state === 'connected') {
    setFolded(model, connection, !ui.getState().folded.has(connection.id));
  } else {
    void inventory.connect(connection.id);
  }
}

/** On a domain the way left leads to its host, as in any tree; on the host it folds. */
function foldRow(model: ManagerModel, selection: Selection): void {
  if (selection.kind === 'host') setFolded(model, selection.connection, true);
  if (selection.kind === 'domain') model.moveTo(model.index.indexOf(selection.connection.id));
}

function setFolded(model: ManagerModel, connection: Connection, fold: boolean): void {
  const { folded } = model.ui.getState();
  if (folded.has(connection.id) === fold) return;
  const next = new Set(folded);
  if (fold) next.add(connection.id);
  else next.delete(connection.id);
  model.ui.setState({ folded: next });
}

function stepInterval(model: ManagerModel, step: 1 | -1): void {
  const seconds = model.inventory.store.getState().interval / 1000;
  const next =
    step === 1 ? intervals.find((value) => value > seconds) : intervals.findLast((value) => value < seconds);
  if (next !== undefined) model.inventory.setInterval(next * 1000);
}
