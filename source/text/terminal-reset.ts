const off = (...modes: readonly number[]): string => modes.map((mode) => `\u001B[?${mode}l`).join('');

/**
 * Brings a terminal back that something else has written to as it liked (a guest's console, cut off anywhere):
 * no mode, colour, region or screen of it stays. What is on the main screen stays, and so does the cursor's place.
 * Sequences: xterm's ctlseqs, VT510 manual; those a terminal does not know it ignores.
 */
export const terminalReset: string = [
  // A sequence or a string that has begun (CAN, ST), and another set of characters (SI, G0 as ASCII).
  '\u0018\u001B\\\u000F\u001B(B',
  // Mouse in every way of telling it, focus, bracketed paste, blinking and other modes of the input.
  off(9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004, 2026, 2031, 2048, 1, 5, 12, 69),
  // Keys as kitty and as xterm's modifyOtherKeys send them; keypad as numbers; insert and line feed modes.
  '\u001B[=0u\u001B[>4m\u001B>\u001B[4l\u001B[20l',
  // The alternate screen. Not 1049: it would put the cursor where somebody once saved it.
  off(1047, 47),
  // Without origin mode and scroll region the cursor goes to the corner: it is put back. DECSTR ends the origin mode
  // that came back with it.
  '\u001B7\u001B[?6l\u001B[r\u001B8\u001B[!p',
  // Lines wrap, the cursor is there and has its own form, plain text in the terminal's own colours.
  '\u001B[?7h\u001B[?25h\u001B[0 q\u001B[0m',
  ...[104, 110, 111, 112].map((colours) => `\u001B]${colours}\u0007`),
].join('');
