import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Notice } from '../../inventory/types.js';
import type { Grouping } from '../../settings/settings.js';
import type { KeyEvent } from '../input/events.js';
import type { TextField } from '../input/text-field.js';

/** Identity of a row: a connection's id, or "connection/uuid" for a domain. It outlives every re-sort. */
export type RowKey = string;

export interface Sort {
  /** Id of a column. */
  readonly column: string;
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
  readonly choice: 'yes' | 'no';
}

/** A list to choose from, above the screen: the command palette, the choice of columns. */
export interface Menu {
  readonly title: string;
  /** What is typed to narrow the list; absent where nothing is. */
  readonly field?: TextField | undefined;
  readonly items: readonly MenuItem[];
  /** It is a question, and each item an answer to it. */
  readonly asks?: boolean;
  /** Index of the chosen one among those that the field leaves. */
  readonly at: number;
  /** Keys and what they do, for the box's last line. */
  readonly keys: readonly (readonly [key: string, does: string])[];
  /** Takes keys that the list itself has no use for; true when it was one of its own. */
  readonly handle?: (event: KeyEvent, menu: Menu) => boolean;
}

export interface MenuItem {
  readonly text: string;
  /** At the right edge: a key, a state. */
  readonly note: string;
  /** Before the text: "[x]". */
  readonly mark?: string;
  /** Why it cannot be chosen now. */
  readonly reason?: string | undefined;
  readonly id: string;
  readonly choose: (event: KeyEvent) => void;
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
  /** Domains under their hosts, or those of all hosts under each other. */
  readonly grouping: Grouping;
  /** Ids of the columns chosen, in their order; undefined: the usual ones. */
  readonly columns: readonly string[] | undefined;
  /** Domains that keys act on together. */
  readonly marked: ReadonlySet<RowKey>;
  /** What is open over the screen with a list to choose from. */
  readonly menu: Menu | undefined;
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
  grouping: 'host',
  columns: undefined,
  marked: new Set(),
  menu: undefined,
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
