import type { DomainSelection } from '../../services/domain-action.js';
import { type ListStore, type RowKey, rowKey } from './list-state.js';
import type { Row, RowIndex } from './row-index.js';

/** Marks the row, or takes its mark; on a host all its domains that the filter leaves. */
export function toggleMark(list: ListStore, index: RowIndex, row: Row): void {
  const keys =
    row.kind === 'domain'
      ? [row.key]
      : index.domainsOf(row.connection.id).map(({ connectionId, uuid }) => rowKey(connectionId, uuid));
  toggleAll(list, keys);
}

/** Marks every domain in the list; where all are marked already, none. */
export function toggleShown(list: ListStore, index: RowIndex): void {
  toggleAll(
    list,
    [...index.domains()].map(({ connectionId, uuid }) => rowKey(connectionId, uuid)),
  );
}

function toggleAll(list: ListStore, keys: readonly RowKey[]): void {
  const marked = new Set(list.getState().marked);
  const all = keys.every((key) => marked.has(key));
  for (const key of keys) {
    if (all) marked.delete(key);
    else marked.add(key);
  }
  list.setState({ marked });
}

/** The marked domains that are still there, in the order of the marks. */
export function markedDomains(
  marked: ReadonlySet<RowKey>,
  connections: readonly DomainSelection['connection'][],
): readonly DomainSelection[] {
  const byId = new Map(connections.map((connection) => [connection.id, connection]));
  return [...marked].flatMap((key) => {
    const [id = '', uuid = ''] = key.split('/');
    const connection = byId.get(id);
    const domain = connection?.domains.get(uuid);
    return connection === undefined || domain === undefined ? [] : [{ connection, domain }];
  });
}
