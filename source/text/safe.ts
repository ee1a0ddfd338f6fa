declare const safeBrand: unique symbol;

/** Text that may be written to a terminal: it holds no control, format or otherwise invisible character. */
export type SafeText = string & { readonly [safeBrand]: true };

/** Stands for a character that may not reach the terminal, so that a name which hides one looks odd. */
export const placeholder = '·';

const printableAscii = /^[ -~]*$/;

/**
 * Everything a terminal acts on or hides: controls (C0, DEL, C1), format characters (bidi overrides and
 * isolates, zero-width joiners and spaces, tags), line and paragraph separators, lone surrogates, ignorable
 * fillers and selectors, and spaces of other widths than one.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;

/** A run of combining marks longer than any script needs; it would climb over the lines above. */
const stackedMarks = /(\p{M}{4})\p{M}+/gu;

const asSpace = /[\t\n\r\v\f\u0085\p{Zs}\p{Zl}\p{Zp}]/u;

/** An emoji selector after a picture changes only how (and how wide) terminals draw it: it is dropped. */
const emojiSelector = /(?<=\p{Extended_Pictographic})[\ufe0e\ufe0f]/gu;

/**
 * Makes text of a host, a guest or a person fit to be written to a terminal: line breaks and tabs become
 * spaces, every other control, format or invisible character becomes a visible placeholder.
 */
export function safe(text: string): SafeText {
  if (printableAscii.test(text)) return text as SafeText;
  return text
    .replace(/\r\n/g, ' ')
    .replace(emojiSelector, '')
    .replace(unsafe, (character) => (asSpace.test(character) ? ' ' : placeholder))
    .replace(stackedMarks, '$1') as SafeText;
}

/** As `safe`, for terminals that show only ASCII: each other character becomes "?". */
export function safeAscii(text: string): SafeText {
  const clean = safe(text);
  if (printableAscii.test(clean)) return clean;
  return clean.replace(/\p{M}+/gu, '').replace(/[^ -~]/gu, '?') as SafeText;
}

/** As `safe`, but line breaks stay: for text that is shown over several lines. */
export function safeLines(text: string): SafeText[] {
  return text.split(/\r\n|[\n\r\u2028\u2029]/).map(safe);
}
