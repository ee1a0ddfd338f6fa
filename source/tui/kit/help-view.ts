import { DomainState, stateName } from '../../libvirt/domain-state.js';
import { literal, type SafeText, safe } from '../../text/safe.js';
import type { Look } from '../theme/look.js';
import { type Binding, keyNames } from './binding.js';

const keyCells = 16;

/** The keys that help tells of. */
export interface HelpKeys {
  /** Of the screen that help was asked on. */
  readonly own: readonly Binding[];
  readonly everywhere: readonly Binding[];
}

/** The lines of the key help, unpadded: by what the keys act on; `legend`: with the states' symbols. */
export function helpLines(look: Look, { own, everywhere }: HelpKeys, legend = true): SafeText[] {
  const named = own.filter(({ keys }) => keys.length > 0);
  const kinds = [...new Set(named.map(({ on }) => on))];
  const parts = kinds.map((kind) => ({
    heading: kind === undefined ? 'On this screen' : `On a ${kind}`,
    bindings: named.filter(({ on }) => on === kind),
  }));
  const lines = [
    ...parts,
    { heading: 'Everywhere', bindings: everywhere.filter(({ keys }) => keys.length > 0) },
  ].flatMap(({ heading, bindings }) => [
    look.paint('heading', safe(heading)),
    ...bindings.map((binding) => {
      const keys = look.fit(keyNames(binding, look), keyCells);
      return literal`  ${look.paint('key', keys)} ${look.text(binding.help)}`;
    }),
    literal``,
  ]);
  if (legend) {
    lines.push(look.paint('heading', literal`Symbols`));
    for (const { symbol, state } of stateLegend(look))
      lines.push(literal`  ${look.fit(symbol, keyCells)} ${safe(state)}`);
    lines.push(literal``);
  }
  return [...lines, literal`Dim values are older than two refresh intervals.`];
}

/** The symbols of domain states and their names, for a table. */
export function stateLegend(look: Look): { symbol: string; state: string }[] {
  return Object.values(DomainState)
    .filter((state) => state !== DomainState.noState)
    .map((state) => ({ symbol: look.glyphs.state[state], state: stateName(state) }));
}
