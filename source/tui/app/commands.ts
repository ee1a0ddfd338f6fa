import type { Connection } from '../../inventory/types.js';
import type { KeyEvent } from '../input/events.js';
import { emptyField, fieldOf } from '../input/text-field.js';
import { type Binding, bindingFor, chosenDomains, connectionOf, type Selection } from '../kit/keymap.js';
import { connectionActions } from '../screens/connection/connection-actions.js';
import { domainCommands } from '../screens/domain/domain-commands.js';
import { openDomain } from '../screens/domain/open-domain.js';
import { columns } from '../screens/manager/columns.js';
import { layoutFor } from '../screens/manager/layout.js';
import { toggleMark, toggleShown } from '../screens/manager/marks.js';
import type { ManagerModel } from '../screens/manager/model.js';
import { type PaletteExtra, paletteMenu } from '../screens/manager/palette.js';
import type { Row } from '../screens/manager/row-index.js';
import { canSortBy, nextColumn } from '../screens/manager/sorting.js';
import { openViewMenu, toggleGrouping } from '../screens/manager/view-menu.js';
import { openNewVm } from '../screens/new-vm/open-new-vm.js';
import { openTasks } from '../screens/tasks/tasks-pane.js';
import { runBulkAction } from '../services/bulk-action.js';
import { runDomainAction } from '../services/domain-action.js';
import { askQuit } from '../services/quit.js';
import type { ScreenHost } from '../services/screen-host.js';

/** What the screen itself cannot do. */
export interface AppControls {
  readonly host: ScreenHost;
  quit(): void;
  /** Hands the terminal back to the shell until `fg`. */
  suspend(): void;
}

type Command = (model: ManagerModel, controls: AppControls, event: KeyEvent, selection: Selection) => void;

/** Seconds between refreshes that `+` and `-` step through. */
const intervals = [1, 2, 3, 5, 10, 30, 60];

const commands: Readonly<Record<string, Command>> = {
  'move.up': (model) => model.move(-1),
  'move.down': (model) => model.move(1),
  'move.pageUp': (model) => model.move(-model.page),
  'move.pageDown': (model) => model.move(model.page),
  'move.first': (model) => model.moveTo(0),
  'move.last': (model) => model.moveTo(Number.MAX_SAFE_INTEGER),
  'row.open': (model, { host }) => openRow(host, model.row()),
  'row.fold': (model) => foldRow(model, model.row()),
  'row.unfold': (model) => {
    const row = model.row();
    if (row?.kind === 'host') setFolded(model, row.connection, false);
  },
  'vm.create': (_model, { host }, _event, selection) => {
    const connection = connectionOf(selection);
    if (connection !== undefined) openNewVm(host, connection);
  },
  'connection.add': (_model, { host }) => connectionActions.add(host),
  'mark.toggle': (model) => {
    const row = model.row();
    if (row === undefined) return;
    toggleMark(model.ui, model.index, row);
    if (row.kind === 'domain') model.move(1);
  },
  'mark.all': (model) => toggleShown(model.ui, model.index),
  'filter.open': (model) => {
    const { filter } = model.ui.getState();
    model.ui.setState({ field: filter === '' ? emptyField : fieldOf(filter) });
  },
  'filter.clear': (model) => {
    const { filter, marked } = model.ui.getState();
    if (filter !== '') model.ui.setState({ filter: '' });
    else if (marked.size > 0) model.ui.setState({ marked: new Set() });
  },
  'sort.next': (model) => {
    const shown = layoutFor(model.size, model.ui.getState()).columns.map(({ column }) => column.id);
    model.ui.setState(({ sort }) => ({ sort: { column: nextColumn(sort.column, shown), reversed: false } }));
  },
  'sort.reverse': (model) =>
    model.ui.setState(({ sort }) => ({ sort: { ...sort, reversed: !sort.reversed } })),
  refresh: (model) => void model.inventory.refresh(),
  palette: (model, controls) => openPalette(model, controls),
  tasks: (_model, { host }) => openTasks(host),
  view: (model) => openViewMenu(model),
  'interval.longer': (model) => stepInterval(model, 1),
  'interval.shorter': (model) => stepInterval(model, -1),
  help: (model) => model.ui.setState({ help: { top: 0 } }),
  suspend: (_model, controls) => controls.suspend(),
  quit: (_model, { host, quit }, { chunk }) => askQuit(host, chunk, quit),
};

/** What of a connection's actions a key of a host's row stands for. */
const hostActions: Readonly<Record<string, 'disconnect' | 'autoconnect' | 'remove'>> = {
  'host.x': 'disconnect',
  'host.A': 'autoconnect',
  'host.D': 'remove',
};

/** Runs what a key stands for; false where it stands for nothing. */
export function runKey(model: ManagerModel, controls: AppControls, event: KeyEvent): boolean {
  const selection = model.selection();
  const binding = bindingFor(event.name, selection.kind);
  if (binding === undefined) return false;
  runBinding(model, controls, selection, binding, event);
  return true;
}

function runBinding(
  model: ManagerModel,
  controls: AppControls,
  selection: Selection,
  binding: Binding,
  event: KeyEvent,
): void {
  const kind = selection.kind === 'marked' ? 'domain' : selection.kind;
  const reason = binding.unavailable?.(selection);
  if (reason !== undefined) {
    // A key that belongs to the other kind of row says nothing; one that could work says why it does not.
    if (binding.context === kind || binding.id === 'vm.create') model.say({ level: 'warning', text: reason });
    return;
  }
  const onHost = selection.kind === 'host' ? hostActions[binding.id] : undefined;
  const command = commands[binding.id];
  const onDomains = domainCommands[binding.id];
  const [first, ...others] = chosenDomains(selection);
  if (onHost !== undefined && selection.kind === 'host')
    connectionActions[onHost](controls.host, selection.connection, event);
  else if (command !== undefined) command(model, controls, event, selection);
  else if (onDomains !== undefined && first !== undefined)
    onDomains(controls.host, [first, ...others], event);
  else if (selection.kind === 'marked') runBulkAction(model, selection.domains, binding, event);
  else if (selection.kind === 'domain') runDomainAction(model, selection, binding, event);
}

/** Actions on what the screen on top is about; on the Manager those of its list as well. */
export function openPalette(model: ManagerModel, controls: AppControls): void {
  const pane = controls.host.panes.top();
  const selection = pane === undefined ? model.selection() : (pane.selection?.() ?? { kind: 'none' });
  const choose = (binding: Binding) => (event: KeyEvent) =>
    runBinding(model, controls, selection, binding, event);
  const shown = pane === undefined ? () => true : (binding: Binding) => isForPane(binding, selection);
  const extras = pane === undefined ? managerExtras(model) : [];
  model.ui.setState({ menu: paletteMenu(selection, model.look, shown, choose, extras) });
}

const paneCommands: readonly string[] = [
  'refresh',
  'interval.longer',
  'interval.shorter',
  'tasks',
  'vm.create',
  'connection.add',
  'help',
  'suspend',
  'quit',
];

/** What makes sense on a screen of its own: no sorting, marking or filtering of a list that is not to be seen. */
function isForPane({ id, context }: Binding, selection: Selection): boolean {
  if (context !== 'everywhere') return context === selection.kind;
  return paneCommands.includes(id);
}

function managerExtras(model: ManagerModel): readonly PaletteExtra[] {
  const sorts = [...columns.values()].filter(({ id }) => canSortBy(id));
  return [
    {
      id: 'grouping',
      text: `group domains ${model.ui.getState().grouping === 'host' ? 'flat, all hosts together' : 'by host'}`,
      note: '',
      choose: () => toggleGrouping(model),
    },
    ...sorts.map(({ id, title, about }) => ({
      id: `sort.${id}`,
      text: `sort by ${title}`,
      note: about,
      choose: () => model.ui.setState({ sort: { column: id, reversed: false } }),
    })),
  ];
}

function openRow(host: ScreenHost, row: Row | undefined): void {
  const { inventory } = host;
  if (row?.kind === 'domain') {
    const { connectionId, uuid } = row.domain;
    openDomain(host, connectionId, uuid);
  }
  if (row?.kind !== 'host') return;
  const { connection } = row;
  if (connection.status.state === 'connected') {
    connectionActions.open(host, connection);
  } else {
    void inventory.connect(connection.id);
  }
}

/** On a domain the way left leads to its host, as in any tree; on the host it folds. */
function foldRow(model: ManagerModel, row: Row | undefined): void {
  if (row?.kind === 'host') setFolded(model, row.connection, true);
  if (row?.kind !== 'domain') return;
  const host = model.index.indexOf(row.connection.id);
  if (host !== -1) model.moveTo(host);
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
