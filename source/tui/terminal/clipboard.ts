/** Terminals take no more than about 100,000 bytes in one sequence (xterm, tmux), coded as base64. */
const mostBytes = 74_994;

/**
 * The sequence by which a terminal puts text into the clipboard of the person who sits before it, also over
 * SSH (OSC 52 of xterm's control sequences). Undefined for text that is too long for it.
 */
export function clipboardSequence(text: string): string | undefined {
  const data = Buffer.from(text);
  return data.length > mostBytes ? undefined : `\u001B]52;c;${data.toString('base64')}\u0007`;
}
