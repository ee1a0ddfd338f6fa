import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Notice } from '../inventory/types.js';
import type { TextField } from './input/text-field.js';
import type { SortColumn } from './screens/manager/sorting.js';

/** Identity of a row: a connection's id, or "connection/uuid" for a domain. It outlives every re-sort. */
export type RowKey = string;

export interface Sort {
  readonly column: SortColumn;
  readonly reversed: boolean;
}

/** A yes-or-no question before something that cannot be undone. */
export interface Question {
  readonly title: string;
  /** What will happen, in lines. */
  readonly lines: readonly string[];
  readonly yes: string;
  readonly no: string;
  readonly confirm: () => void;
  /** The input chunk that opened it: keys of the same chunk were not meant as an answer. */
  readonly chunk: number;
  readonly choice: 'yes' | 'no';
}

/** A line about the program's own doings; the inventory's notices are the other source. */
export interface Message {
  readonly level: Notice['level'];
  readonly text: string;
  readonly hint?: string | undefined;
  /** Notices with an id up to this one are older. */
  readonly afterNotice: number;
}

/** Everything a person has set on the screen. What hosts report is in the inventory's store. */
export interface UiState {
  readonly selected: RowKey | undefined;
  /** Connections whose domains are hidden. */
  readonly folded: ReadonlySet<string>;
  readonly filter: string;
  /** The filter while it is being typed. */
  readonly field: TextField | undefined;
  readonly sort: Sort;
  readonly help: { readonly top: number } | undefined;
  readonly question: Question | undefined;
  readonly message: Message | undefined;
}

export type UiStore = StoreApi<UiState>;

export const initialUi: UiState = {
  selected: undefined,
  folded: new Set(),
  filter: '',
  field: undefined,
  sort: { column: 'name', reversed: false },
  help: undefined,
  question: undefined,
  message: undefined,
};

/** A fresh store for one run of the program. */
export function createUiStore(initial: Partial<UiState> = {}): UiStore {
  return createStore<UiState>(() => ({ ...initialUi, ...initial }));
}

export function rowKey(connectionId: string, uuid?: string): RowKey {
  return uuid === undefined ? connectionId : `${connectionId}/${uuid}`;
}
