import type { ActionOutcome } from '../../../inventory/action-runner.js';

/** What a person has entered, by the fields' ids. Toggles are "yes" and "no". */
export type Values = Readonly<Record<string, string>>;

/** What is wrong with a field, said at the field. */
export interface Problem {
  readonly field: string;
  readonly message: string;
}

/** One line of a form. */
export interface Field {
  readonly id: string;
  readonly label: string;
  /** A secret is drawn as dots; forms that keep drafts have none. */
  readonly kind: 'text' | 'choice' | 'toggle' | 'secret';
  /** Of a choice: what can be chosen, and how it is written. */
  readonly choices?: readonly { readonly value: string; readonly text: string }[];
  /** A few words behind the value: a unit, an example. */
  readonly hint?: string;
  /** Of a text: what could be meant, the likeliest first; shown while it is typed, and taken by a key. */
  readonly suggestions?: readonly string[];
}

/**
 * A form as data. Fields may depend on what is entered: those of a pool of type `logical` are others than
 * those of a directory. Values of fields that are not shown stay, for when they are shown again.
 */
export interface Form {
  /** Its draft is kept under this id while the program runs, so that Esc loses nothing typed. */
  readonly id: string;
  readonly title: string;
  readonly initial: Values;
  fields(values: Values): readonly Field[];
  /** Fetches what the fields still lack, e.g. lists of the host; called after a draw. */
  read?(values: Values): void;
  /** All that is wrong, before anything is asked of libvirt. */
  problems(values: Values): readonly Problem[];
  /** What it will come to, e.g. the XML, in lines; shown below the fields where there is room. */
  preview?(values: Values): readonly string[];
  /** On the button: "Create". */
  readonly action: string;
  /** Does it. A form whose work failed stays open, with the reason. */
  submit(values: Values): Promise<ActionOutcome>;
}
