/** An attribute that is undefined is left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Written XML, not to be escaped again. */
export interface Markup {
  readonly lines: readonly string[];
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Characters that XML 1.0 has no way to write. */
const unwritable = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}/gu;

/** Text as it may stand between tags and inside quotes; characters that XML cannot write are left as they are. */
export function xmlText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

function writable(text: string): string {
  return xmlText(text.replace(unwritable, ''));
}

/**
 * An element. Whatever people type goes through here: a name with `<&">` in it is a name and nothing else.
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
    .map(([key, value]) => ` ${key}="${writable(String(value))}"`)
    .join('');
  if (typeof content === 'string') return { lines: [`<${name}${given}>${writable(content)}</${name}>`] };
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
