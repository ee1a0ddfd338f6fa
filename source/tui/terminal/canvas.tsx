import { createContext, useContext, useLayoutEffect } from 'react';
import type { SafeText } from '../../text/safe.js';

/** Something that shows finished lines below whatever Ink draws: the terminal's FrameStream. */
export interface CanvasTarget {
  /** The lines from the top of the screen; undefined takes them away. */
  setCanvas(lines: readonly SafeText[] | undefined): void;
}

export const CanvasContext = createContext<CanvasTarget>({ setCanvas: () => {} });

/**
 * Puts ready-made lines on the screen without handing them through Ink: Ink splits, measures and joins every
 * character of every line again for each frame, which took 18 ms for a table of sparklines at 120x40 (60 ms
 * at 240x70), ten times what everything else takes together. What Ink draws meanwhile (dialogs, spinners)
 * lies above the lines.
 *
 * @param subscribe calls its listener whenever `lines` has something new to say
 */
export function useCanvas(
  subscribe: (listener: () => void) => () => void,
  lines: () => readonly SafeText[],
): void {
  const target = useContext(CanvasContext);
  useLayoutEffect(() => {
    const draw = (): void => target.setCanvas(lines());
    draw();
    const stop = subscribe(draw);
    return () => {
      stop();
      target.setCanvas(undefined);
    };
  }, [target, subscribe, lines]);
}
