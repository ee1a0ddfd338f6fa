import { expect, it } from 'vitest';
import { literal } from '../../source/text/safe.js';
import { Line } from '../../source/tui/kit/line.js';
import { drawBox } from '../../source/tui/kit/overlay.js';
import type { Pane } from '../../source/tui/kit/pane.js';
import type { CanvasTarget } from '../../source/tui/terminal/canvas.js';
import { Look } from '../../source/tui/theme/look.js';

const look = new Look({ unicode: true, colors: 16 });

/** Never run: that each of these does not compile is the test (an unused @ts-expect-error fails `npm run typecheck`). */
function rawLinesDoNotCompile(canvas: CanvasTarget, pane: Pane, name: string): unknown {
  // @ts-expect-error
  canvas.setCanvas([name]);
  // @ts-expect-error
  pane.draw = () => [name];
  // @ts-expect-error
  pane.draw = ({ columns }) => [`${look.fit(name, columns - 2)} |`];
  // @ts-expect-error
  look.paint('bad', name);
  // @ts-expect-error
  drawBox([name], 20, look);
  // @ts-expect-error
  return <Line text={name} />;
}

it('a screen draws safe text; that raw text is none is a matter of types', () => {
  expect(rawLinesDoNotCompile).toBeTypeOf('function');
  expect(look.paint('bad', look.fit('a\u001B[2Jb', 8))).toBe(literal`\u001B[31ma·[2Jb  \u001B[39m`);
});
