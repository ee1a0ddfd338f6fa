import { DomainState, stateName } from '../../libvirt/domain-state.js';
import { unicodeGlyphs } from '../theme/glyphs.js';
import type { Look } from '../theme/look.js';
import { keyLabel } from './binding.js';
import { type Binding, bindings, type KeyContext } from './keymap.js';
import type { Pane } from './pane.js';

const headings: Readonly<Record<KeyContext, string>> = {
  everywhere: 'Everywhere',
  domain: 'On a domain',
  host: 'On a host',
};

const keyCells = 12;

/** The lines of the key help, made from the key table, unpadded; `legend`: with the states' symbols. */
export function helpLines(look: Look, legend = true, pane?: Pane): string[] {
  const lines: string[] = pane === undefined ? [] : paneLines(pane, look);
  for (const context of ['domain', 'host', 'everywhere'] as const) {
    if (lines.length > 0) lines.push('');
    lines.push(look.paint('heading', headings[context]));
    for (const binding of bindings as readonly Binding[]) {
      if (binding.context !== context) continue;
      const keys = look.fit(keysText(binding.keys, look), keyCells);
      lines.push(`  ${look.paint('key', keys)} ${look.text(binding.help)}`);
    }
  }
  if (legend) lines.push('', look.paint('heading', 'Symbols'));
  if (legend)
    for (const { symbol, state } of stateLegend(look)) lines.push(`  ${look.fit(symbol, keyCells)} ${state}`);
  lines.push('', 'Dim values are older than two refresh intervals.');
  return lines;
}

/** What the keys of the screen mean that help was asked on. */
function paneLines(pane: Pane, look: Look): string[] {
  const records = pane.bindings?.().map(({ keys, help }) => [keysText(keys, look), help] as const) ?? [];
  const rows = [...records, ...(pane.help ?? [])].map(
    ([keys, does]) => `  ${look.paint('key', look.fit(inSymbols(keys, look), 16))} ${look.text(does)}`,
  );
  return [look.paint('heading', 'On this screen'), ...rows];
}

function keysText(keys: readonly string[], look: Look): string {
  return keys.map((key) => keyLabel(key, look.glyphs.keys)).join(' ');
}

/** Keys as this terminal can show them: panes write them with arrows. */
function inSymbols(keys: string, look: Look): string {
  return keys.replace(/[⏎↑↓←→]/gu, (symbol) => {
    const name = Object.entries(unicodeGlyphs.keys).find(([, glyph]) => glyph === symbol)?.[0];
    return look.glyphs.keys[name as keyof typeof look.glyphs.keys] ?? symbol;
  });
}

/** The symbols of domain states and their names, for a table. */
export function stateLegend(look: Look): { symbol: string; state: string }[] {
  return Object.values(DomainState)
    .filter((state) => state !== DomainState.noState)
    .map((state) => ({ symbol: look.glyphs.state[state], state: stateName(state) }));
}
