/** An attribute that is undefined is left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Written XML, not to be escaped again. */
export interface Markup {
  readonly lines: readonly string[];
}

/** A text that XML has no way to write; the message names its element or attribute and the character. */
export class UnwritableText extends Error {
  override readonly name = 'UnwritableText';
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Characters that XML 1.0 has no way to write. */
const unwritable = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}/u;
/** What a reader makes blanks or line ends of, unless it stands as a reference. */
const changedInText = /\r/g;
const changedInValue = /[\t\n\r]/g;

/** Text as it may stand between tags and inside quotes; characters that XML cannot write are left as they are. */
export function xmlText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

function writable(field: string, text: string, changed: RegExp): string {
  const wrong = unwritable.exec(text)?.[0];
  if (wrong !== undefined) {
    const code = (wrong.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    throw new UnwritableText(`the ${field} holds the character U+${code}, which XML cannot hold`);
  }
  return xmlText(text).replace(changed, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * An element. Whatever people type goes through here: a name with `<&">` in it is a name and nothing else. Throws
 * UnwritableText where XML cannot hold it: a name without one of its characters would be another name.
 *
 * @param content text, or child elements; children that are undefined are left out
 */
export function element(
  name: string,
  attributes: Attributes = {},
  content: string | readonly (Markup | undefined)[] = [],
): Markup {
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${writable(key, String(value), changedInValue)}"`)
    .join('');
  if (typeof content === 'string')
    return { lines: [`<${name}${given}>${writable(name, content, changedInText)}</${name}>`] };
  const inner = content.flatMap((child) => child?.lines ?? []);
  if (inner.length === 0) return { lines: [`<${name}${given}/>`] };
  return { lines: [`<${name}${given}>`, ...inner.map((line) => `  ${line}`), `</${name}>`] };
}

/** As `element`, or nothing where there is no text. */
export function optional(name: string, content: string | number | undefined): Markup | undefined {
  return content === undefined || content === '' ? undefined : element(name, {}, String(content));
}

/** The document's text. */
export function document(root: Markup): string {
  return `${root.lines.join('\n')}\n`;
}
