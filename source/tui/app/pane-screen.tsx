import type { PaneStack } from '../services/pane-stack.js';
import { useCanvas } from '../terminal/canvas.js';

/** Shows the lines of the pane on top. */
export function PaneScreen({ panes }: { readonly panes: PaneStack }): undefined {
  useCanvas(panes.subscribe, panes.lines);
}
