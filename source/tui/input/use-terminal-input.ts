import { useInput, usePaste } from 'ink';
import { useRef } from 'react';
import type { Dispatcher } from './dispatcher.js';
import { keyEvents } from './events.js';

/**
 * Feeds the dispatcher from the terminal; used once, at the root.
 *
 * It sits on Ink's own `useInput` and `usePaste` rather than on stdin: Ink's parser (ink/build/input-parser.js)
 * already reassembles escape sequences that arrive in pieces, tells a lone Esc by a 20 ms timer, keeps a
 * bracketed paste whole and swallows terminal replies, and `suspendTerminal` can only release and take back
 * the terminal for its own reader. A second reader on stdin would steal bytes from it. What Ink does not do
 * (printable characters that arrive together come as one string) is done in `keyEvents`.
 *
 * @param batch runs the handlers of one chunk, so that many keys at once are drawn as one frame
 */
export function useTerminalInput(dispatcher: Dispatcher, batch: (work: () => void) => void): void {
  const chunk = useRef(0);
  useInput((input, key) => {
    chunk.current += 1;
    const events = keyEvents(input, key, chunk.current);
    batch(() => dispatcher.dispatch(events));
  });
  usePaste((text) => {
    chunk.current += 1;
    batch(() => dispatcher.dispatch([{ type: 'paste', text, chunk: chunk.current }]));
  });
}
