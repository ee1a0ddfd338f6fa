import type { Connection, Domain } from '../../../inventory/types.js';
import type { Sort } from '../../kit/table.js';
import { type ColumnOrder, isDescending } from '../../kit/table.js';
import type { Guest } from './cells.js';
import { columns } from './columns.js';

/** An unknown column, e.g. from a later version's settings, sorts by name. */
function orderOf({ column }: Sort): ColumnOrder<Guest> {
  return columns.get(column)?.order ?? {};
}

/** True when the order must be looked at after every tick. */
export function isLive(sort: Sort): boolean {
  return orderOf(sort).live === true;
}

/** The domains, given in the order of their names, in the order asked for. A new array. */
export function inOrder(
  named: readonly Domain[],
  sort: Sort,
  connectionOf: (domain: Domain) => Connection,
): Domain[] {
  const order = orderOf(sort);
  const descending = isDescending(order, sort);
  const { value } = order;
  if (value === undefined) return descending ? named.toReversed() : [...named];
  const sign = descending ? -1 : 1;
  const valued = named.map((domain) => ({
    domain,
    value: value({ domain, connection: connectionOf(domain) }) ?? '',
  }));
  // A stable sort: equal values stay in the order of their names.
  valued.sort((a, b) => (a.value === b.value ? 0 : a.value < b.value ? -sign : sign));
  return valued.map(({ domain }) => domain);
}
