import type { KeyEvent } from '../input/events.js';
import type { Look } from '../theme/look.js';
import type { KeyHint } from './frame.js';

/**
 * A key, all of it: dispatch, footer, help, command palette and README read this record.
 *
 * @typeParam C what it acts on: a row, a domain; `void` once `bind` has given it that
 */
export interface Binding<C = void> {
  /** Names as in KeyEvent. */
  readonly keys: readonly string[];
  /** Keys that do the same and are told nowhere. */
  readonly also?: readonly string[] | undefined;
  /** For help and palette: what it does, whatever is selected. */
  readonly help: string;
  /** The kind of object that it acts on, e.g. "domain"; absent: the screen as a whole. */
  readonly on?: string | undefined;
  /** One or two words for the footer, which keeps the order of the records; absent: help and palette only. */
  readonly label?: string | ((context: C) => string) | undefined;
  /** How many of its keys the footer shows; absent: the first. */
  readonly footerKeys?: number | undefined;
  /** Stays in the footer however narrow the screen, at the same end of it everywhere. */
  readonly always?: 'first' | 'last' | undefined;
  /** Moves, scrolls or opens a list: nothing for the palette. */
  readonly moves?: boolean | undefined;
  /** Why it cannot be used now: absent from the footer, and said when pressed. */
  readonly refusal?: ((context: C) => string | undefined) | undefined;
  /** Only the palette shows the refusal; pressing the key does nothing. */
  readonly quiet?: boolean | undefined;
  readonly run: (context: C, event: KeyEvent) => void;
}

/**
 * Keys with what they act on now.
 *
 * @param absent the refusal where there is nothing that they could act on
 */
export function bind<C>(
  bindings: readonly Binding<C>[],
  context: C | undefined,
  absent = 'There is nothing to do it to.',
): readonly Binding[] {
  return bindings.map(({ label, refusal, run, ...rest }) =>
    context === undefined
      ? { ...rest, label: '', refusal: () => absent, quiet: true, run: () => {} }
      : {
          ...rest,
          label: typeof label === 'function' ? () => label(context) : label,
          refusal: refusal && (() => refusal(context)),
          run: (_, event) => run(context, event),
        },
  );
}

/** The keys of several layers: an earlier layer takes its keys from the later ones. */
export function layered(...layers: readonly (readonly Binding[])[]): readonly Binding[] {
  const taken = new Set<string>();
  return layers.flatMap((layer) => {
    const free = (key: string): boolean => !taken.has(key);
    const own = layer.map((binding) => ({
      ...binding,
      keys: binding.keys.filter(free),
      also: binding.also?.filter(free),
    }));
    for (const { keys, also = [] } of layer) for (const key of [...keys, ...also]) taken.add(key);
    return own;
  });
}

/**
 * Runs what a key stands for, by the first record that has it.
 *
 * @param refuse is told why it cannot be done now
 * @returns false where it stands for nothing
 */
export function dispatch(
  bindings: readonly Binding[],
  event: KeyEvent,
  refuse: (reason: string) => void,
): boolean {
  const binding = bindings.find((one) => hasKey(one, event));
  if (binding === undefined) return false;
  runBinding(binding, event, refuse);
  return true;
}

/** Runs what a record stands for, or tells why it cannot be done now. */
export function runBinding(
  { refusal, run, quiet }: Binding,
  event: KeyEvent,
  refuse: (reason: string) => void,
): void {
  const reason = refusal?.();
  if (reason === undefined) run(undefined, event);
  else if (quiet !== true) refuse(reason);
}

/** The record is one of this key. */
export function hasKey({ keys, also }: Binding, { name }: KeyEvent): boolean {
  return keys.includes(name) || also?.includes(name) === true;
}

/** What can be done now, for `drawKeys`. */
export function footerHints(bindings: readonly Binding[], look: Look): readonly KeyHint[] {
  const place = ({ always }: Binding): number => (always === 'first' ? 0 : always === 'last' ? 2 : 1);
  return bindings
    .filter(({ keys, label, refusal }) => keys.length > 0 && label !== undefined && refusal?.() === undefined)
    .sort((a, b) => place(a) - place(b))
    .map(({ keys, footerKeys = 1, label, always }) => ({
      key: keyNames({ keys: keys.slice(0, footerKeys) }, look),
      label: typeof label === 'function' ? label() : (label ?? ''),
      always: always !== undefined,
    }));
}

/** The names of a record's keys, as help and palette write them. */
export function keyNames({ keys }: Pick<Binding, 'keys'>, look: Look): string {
  return keys.map((key) => keyLabel(key, look.glyphs.keys)).join(' ');
}

const shownNames: Readonly<Record<string, string>> = {
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  escape: 'Esc',
  space: 'Space',
  tab: 'Tab',
  'shift-tab': 'Shift-Tab',
};

/** A key as it is written on screens. */
export function keyLabel(key: string, glyphs: Readonly<Partial<Record<string, string>>>): string {
  const control = /^ctrl-(.)$/.exec(key)?.[1];
  if (control !== undefined) return `Ctrl-${control.toUpperCase()}`;
  return glyphs[key] ?? shownNames[key] ?? key;
}
