declare const safeBrand: unique symbol;

/**
 * Text that may be written to a terminal: it holds no control, format or otherwise invisible character but those that
 * this program itself has written. Made here alone, from data by `safe` and its like, from words by `literal`.
 */
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

/** The same without the spaces, and without the line feed of who writes text for a terminal. */
const acting = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

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

/**
 * A template of this program's own words, which may hold line feeds and escape sequences; what is put into it was
 * made safe before: anything else does not compile.
 */
export function literal(words: TemplateStringsArray, ...values: readonly (SafeText | number)[]): SafeText {
  let text = words[0] ?? '';
  for (let index = 0; index < values.length; index += 1) text += `${values[index]}${words[index + 1]}`;
  return text as SafeText;
}

/** Safe texts as one, e.g. lines by literal`\n`. */
export function joined(texts: readonly SafeText[], between: SafeText): SafeText {
  return texts.join(between) as SafeText;
}

/** As `safe`, but line breaks stay, as line feeds, and tabs. */
export function safeBlock(text: string): SafeText {
  return text.replace(/\r\n|[\r\u2028\u2029]/g, '\n').replace(/[^\n\t]+/g, safe) as SafeText;
}

/** What somebody has asked for as it is: no terminal but that of a person who looks at it gets it made safe. */
export function dataFor(target: { readonly isTTY?: boolean }, data: string): SafeText {
  return target.isTTY === true ? safeBlock(data) : (data as SafeText);
}

/** Text in whose notation each character that a terminal acts on or hides, but a line feed, can be written otherwise. */
export function escapedBy(write: (character: string) => string, text: string): SafeText {
  return text.replace(acting, write) as SafeText;
}

/** As `safe`, but line breaks stay: for text that is shown over several lines. */
export function safeLines(text: string): SafeText[] {
  return text.split(/\r\n|[\n\r\u2028\u2029]/).map(safe);
}
