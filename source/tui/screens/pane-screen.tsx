import { useCanvas } from '../components/canvas.js';
import type { PaneStack } from './pane-stack.js';

/** Shows the lines of the pane on top. */
export function PaneScreen({ panes }: { readonly panes: PaneStack }): undefined {
  useCanvas(panes.subscribe, panes.lines);
}
