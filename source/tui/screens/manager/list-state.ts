import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Grouping } from '../../../settings/settings.js';
import type { TextField } from '../../input/text-field.js';
import type { Sort } from '../../kit/table.js';

/** Identity of a row: a connection's id, or "connection/uuid" for a domain. It outlives every re-sort. */
export type RowKey = string;

export function rowKey(connectionId: string, uuid?: string): RowKey {
  return uuid === undefined ? connectionId : `${connectionId}/${uuid}`;
}

/** What a person has set on the Manager's list. */
export interface ListState {
  readonly selected: RowKey | undefined;
  /** Connections whose domains are hidden. */
  readonly folded: ReadonlySet<string>;
  readonly filter: string;
  /** The filter while it is being typed. */
  readonly field: TextField | undefined;
  readonly sort: Sort;
  /** Domains under their hosts, or those of all hosts under each other. */
  readonly grouping: Grouping;
  /** Ids of the columns chosen, in their order; undefined: the usual ones. */
  readonly columns: readonly string[] | undefined;
  /** Domains that keys act on together. */
  readonly marked: ReadonlySet<RowKey>;
}

export type ListStore = StoreApi<ListState>;

export function createListStore(choices: Pick<ListState, 'columns' | 'grouping' | 'sort'>): ListStore {
  return createStore<ListState>(() => ({
    selected: undefined,
    folded: new Set(),
    filter: '',
    field: undefined,
    marked: new Set(),
    ...choices,
  }));
}
