import type { Connection } from '../../../inventory/types.js';
import { emptyField, fieldOf } from '../../input/text-field.js';
import { type Binding, bind } from '../../kit/binding.js';
import { scrollBinding, scrollStep } from '../../kit/scrolling.js';
import { nextSort } from '../../kit/table.js';
import type { DomainSelection } from '../../services/domain-action.js';
import { hostBindings } from '../connection/host-keys.js';
import { openConnection } from '../connection/open-connection.js';
import { domainBindings } from '../domain/domain-keys.js';
import { openDomain } from '../domain/open-domain.js';
import { newVmBinding } from '../new-vm/open-new-vm.js';
import { columns } from './columns.js';
import { toggleMark, toggleShown } from './marks.js';
import type { ManagerModel } from './model.js';
import type { Row } from './row-index.js';
import { openViewMenu, toggleGrouping } from './view-menu.js';

/** What a key of the list acts on. */
interface ListContext {
  readonly model: ManagerModel;
  readonly row: Row | undefined;
  readonly marked: readonly DomainSelection[];
}

type ListBinding = Binding<ListContext>;

export const openBinding: ListBinding = {
  keys: ['enter'],
  help: 'open a domain or a host; connect a host',
  label: ({ row }) => (row?.kind === 'host' && !isConnected(row.connection) ? 'connect' : 'open'),
  refusal: ({ row }) => {
    if (row === undefined) return 'There is nothing to open.';
    const connecting = row.kind === 'host' && row.connection.status.state === 'connecting';
    return connecting ? 'The connection is being made.' : undefined;
  },
  run: ({ model: { host }, row }) => {
    if (row?.kind === 'domain') openDomain(host, row.connection.id, row.domain.uuid);
    else if (row !== undefined && isConnected(row.connection)) openConnection(host, row.connection);
    else if (row !== undefined) void host.inventory.connect(row.connection.id);
  },
};

/** The other keys of the list, and actions that only the palette has. */
export const listBindings: readonly ListBinding[] = [
  {
    keys: ['left'],
    help: 'fold; from a domain to its host',
    run: ({ model, row }) => {
      if (row?.kind === 'host') setFolded(model, row.connection, true);
      // As in any tree.
      const host = row?.kind === 'domain' ? model.index.indexOf(row.connection.id) : -1;
      if (host !== -1) model.moveTo(host);
    },
  },
  {
    keys: ['right'],
    help: 'unfold',
    run: ({ model, row }) => {
      if (row?.kind === 'host') setFolded(model, row.connection, false);
    },
  },
  {
    keys: ['space'],
    help: 'mark a domain, or those of a host: keys act on all marked',
    run: ({ model, row }) => {
      if (row === undefined) return;
      toggleMark(model.list, model.index, row);
      if (row.kind === 'domain') model.move(1);
    },
  },
  { keys: ['*'], help: 'mark all shown, or none', run: ({ model }) => toggleShown(model.list, model.index) },
  {
    keys: ['/'],
    help: 'filter rows by name, state or host',
    label: 'filter',
    run: ({ model: { list } }) => {
      const { filter } = list.getState();
      list.setState({ field: filter === '' ? emptyField : fieldOf(filter) });
    },
  },
  {
    keys: ['escape'],
    help: 'clear the filter, then the marks',
    run: ({ model: { list } }) => {
      const { filter, marked } = list.getState();
      if (filter !== '') list.setState({ filter: '' });
      else if (marked.size > 0) list.setState({ marked: new Set() });
    },
  },
  {
    keys: ['o'],
    help: 'sort by the next column',
    label: 'sort',
    run: ({ model }) => {
      const { table } = model.layouts.at(model.size, model.list.getState());
      const shown = table.columns.map(({ column }) => column);
      model.list.setState(({ sort }) => ({ sort: nextSort(shown, sort) }));
    },
  },
  {
    keys: ['O'],
    help: 'reverse the order',
    run: ({ model }) => model.list.setState(({ sort }) => ({ sort: { ...sort, reversed: !sort.reversed } })),
  },
  { keys: ['V'], help: 'choose columns and grouping', run: ({ model }) => openViewMenu(model) },
  { keys: [], help: 'group domains by host, or flat', run: ({ model }) => toggleGrouping(model) },
  ...[...columns.values()]
    .filter(({ order }) => order !== undefined)
    .map(
      ({ id, title, about }): ListBinding => ({
        keys: [],
        help: `sort by ${title}: ${about}`,
        run: ({ model }) => model.list.setState({ sort: { column: id, reversed: false } }),
      }),
    ),
];

/** All keys of the list with what they act on: what is marked, else the selected row. */
export function managerBindings(context: ListContext): readonly Binding[] {
  const { model, row, marked } = context;
  const { host } = model;
  const [first, ...more] = marked;
  const one = row?.kind === 'domain' ? ([row] as const) : undefined;
  const domains = first === undefined ? one : ([first, ...more] as const);
  const selected = first === undefined && row?.kind === 'host' ? row.connection : undefined;
  const connection = first?.connection ?? row?.connection;
  const onDomains = bind(
    domainBindings,
    domains && { host, domains, marked: first !== undefined },
    'Select a domain first.',
  );
  const onHost = bind(hostBindings, selected && { host, connection: selected }, 'Select a host first.');
  return [
    scrollBinding('move', ({ name }) => model.move(scrollStep(name, model.page) ?? 0)),
    // Marked domains are not opened, but the row that is selected beside them.
    ...bind(first === undefined ? [openBinding] : [{ ...openBinding, label: undefined }], context),
    // Where a key is of both, the row decides.
    ...(selected === undefined ? [...onDomains, ...onHost] : [...onHost, ...onDomains]),
    ...bind([newVmBinding], connection && { host, connection }, 'Select a host first.'),
    ...bind(listBindings, context),
  ];
}

const isConnected = ({ status }: Connection): boolean => status.state === 'connected';

function setFolded(model: ManagerModel, connection: Connection, fold: boolean): void {
  const { folded } = model.list.getState();
  if (folded.has(connection.id) === fold) return;
  const next = new Set(folded);
  if (fold) next.add(connection.id);
  else next.delete(connection.id);
  model.list.setState({ folded: next });
}
