import type { SafeText } from '../../text/safe.js';
import { wrap } from '../../text/width.js';
import type { Look } from '../theme/look.js';

/** One fact about an object: its label and its values, one below the other. */
export type Fact = readonly [label: string, values: readonly string[]];

const labelCells = 14;

/** The facts as lines of `cells` cells; long values go on under themselves. */
export function drawFacts(facts: readonly Fact[], cells: number, look: Look): SafeText[] {
  const room = Math.max(10, cells - labelCells);
  return facts.flatMap(([label, values]) =>
    values
      .flatMap((value) => wrap(look.text(value), room))
      .map((line, at) => look.line([[look.fit(at === 0 ? label : '', labelCells), 'faint'], [line]], cells)),
  );
}
