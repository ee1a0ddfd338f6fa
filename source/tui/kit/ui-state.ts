import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Notice } from '../../inventory/types.js';
import type { KeyEvent } from '../input/events.js';
import type { TextField } from '../input/text-field.js';

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

/** What lies above the screen, whichever it is, and the line for it. What hosts report is in the inventory's store. */
export interface UiState {
  /** What is open over the screen with a list to choose from. */
  readonly menu: Menu | undefined;
  readonly help: { readonly top: number } | undefined;
  readonly question: Question | undefined;
  readonly message: Message | undefined;
}

export type UiStore = StoreApi<UiState>;

/** A fresh store for one run of the program. */
export function createUiStore(): UiStore {
  return createStore<UiState>(() => ({
    menu: undefined,
    help: undefined,
    question: undefined,
    message: undefined,
  }));
}
