import type { KeyEvent } from '../input/events.js';
import type { Look } from '../theme/look.js';
import type { KeyHint } from './frame.js';

/**
 * A key, all of it: dispatch, footer, help, command palette and README read this record.
 *
 * @typeParam C what it acts on: a row, a domain; `void` once `bind` has given it that
 */
export interface Binding<C = void> {
  /** Names as in KeyEvent; the footer shows the first. */
  readonly keys: readonly string[];
  /** Keys that do the same and are told nowhere. */
  readonly also?: readonly string[] | undefined;
  /** For help and palette: what it does, whatever is selected. */
  readonly help: string;
  /** The kind of object that it acts on, e.g. "domain"; absent: what the screen as a whole does. */
  readonly on?: string | undefined;
  /** Two words for the footer, whose order is that of the records; absent: help and palette only. */
  readonly label?: string | ((context: C) => string) | undefined;
  /** Stands in the footer however short the line is. */
  readonly always?: boolean | undefined;
  /** Moves or scrolls: nothing for the palette. */
  readonly moves?: boolean | undefined;
  /** Why it cannot be used now: absent from the footer, and said when pressed. */
  readonly refusal?: ((context: C) => string | undefined) | undefined;
  /** The refusal is for the palette: pressed, the key does nothing. */
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

/** The keys of several layers: one that an earlier layer has is no longer a later one's. */
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
  const binding = bindings.find(
    ({ keys, also }) => keys.includes(event.name) || also?.includes(event.name) === true,
  );
  if (binding === undefined) return false;
  const reason = binding.refusal?.();
  if (reason === undefined) binding.run(undefined, event);
  else if (binding.quiet !== true) refuse(reason);
  return true;
}

/** What can be done now, for `drawKeys`. */
export function footerHints(bindings: readonly Binding[], look: Look): readonly KeyHint[] {
  return bindings.flatMap(({ keys: [key], label, always = false, refusal }) =>
    key === undefined || label === undefined || refusal?.() !== undefined
      ? []
      : [
          {
            key: keyLabel(key, look.glyphs.keys),
            label: typeof label === 'string' ? label : label(),
            always,
          },
        ],
  );
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
