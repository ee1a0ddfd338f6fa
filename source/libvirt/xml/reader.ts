/** A parsed element. Names keep their prefix, as they are written: "libosinfo:os". */
export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Child elements, in their order. */
  readonly children: readonly Element[];
  /** Its own text, that of its children left out; white space is kept. */
  readonly text: string;
}

/** The text is no XML; the message says what is wrong and in which line. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
}

interface Open extends Element {
  readonly children: Element[];
  text: string;
}

const none: ReadonlyMap<string, string> = new Map();

/** The only entities that XML has without a document type. */
const entities = new Map(Object.entries({ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }));

/** What no XML may hold, not even as a reference. */
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}/u;

const tagName = /[\p{L}_:][\p{L}\p{N}\p{M}_:.·-]*/uy;
const attributeHead = /[ \t\n]+([\p{L}_:][\p{L}\p{N}\p{M}_:.·-]*)[ \t\n]*=[ \t\n]*(["'])/uy;
const tagEnd = /[ \t\n]*(\/?)>/y;
const closingEnd = /[ \t\n]*>/y;

/** What is skipped, by how it begins. */
const skipped: readonly (readonly [begin: string, end: string])[] = [
  ['<!--', '-->'],
  ['<?', '?>'],
];

/**
 * Reads a document as libvirt does: XML 1.0, character references decoded, white space kept, any depth.
 *
 * A document type is refused: libvirt writes none, and its entities can be made to explode.
 *
 * @throws XmlError where it is no XML
 */
export function readXml(document: string): Element {
  const source = document.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  const wrong = forbidden.exec(source);
  if (wrong !== null) fail(source, wrong.index, 'a character that XML cannot hold');
  const stack: Open[] = [];
  let root: Open | undefined;
  let at = 0;
  while (at < source.length) {
    const open = stack.at(-1);
    if (source[at] !== '<') {
      const end = source.indexOf('<', at);
      const text = source.slice(at, end < 0 ? source.length : end);
      if (open !== undefined) open.text += decode(source, at, text);
      else if (text.trim() !== '') fail(source, at, 'text outside the root element');
      at += text.length;
    } else if (source.startsWith('<![CDATA[', at) && open !== undefined) {
      const end = endOf(source, at, ']]>');
      open.text += source.slice(at + '<![CDATA['.length, end);
      at = end + 3;
    } else if (source.startsWith('</', at)) {
      at = endOfClosing(source, at, open);
      stack.pop();
    } else if (source.startsWith('<!DOCTYPE', at)) {
      fail(source, at, 'a document type, which is not read');
    } else {
      const skip = skipped.find(([begin]) => source.startsWith(begin, at));
      if (skip !== undefined) {
        at = endOf(source, at + skip[0].length, skip[1]) + skip[1].length;
        continue;
      }
      const tag = readTag(source, at);
      if (open !== undefined) open.children.push(tag.element);
      else if (root !== undefined) fail(source, at, 'a second root element');
      else root = tag.element;
      if (!tag.empty) stack.push(tag.element);
      at = tag.end;
    }
  }
  const unclosed = stack.at(-1);
  if (unclosed !== undefined) fail(source, at, `<${unclosed.name}> is not closed`);
  return root ?? fail(source, at, 'no element in it');
}

function readTag(source: string, start: number): { element: Open; empty: boolean; end: number } {
  const name = match(tagName, source, start + 1)?.[0];
  if (name === undefined) fail(source, start, '"<" without a name after it');
  let at = start + 1 + name.length;
  let attributes: Map<string, string> | undefined;
  for (;;) {
    const head = match(attributeHead, source, at);
    if (head === null) break;
    const [whole, key = '', quote = '"'] = head;
    const from = at + whole.length;
    const to = endOf(source, from, quote);
    const value = source.slice(from, to);
    if (value.includes('<')) fail(source, from, `"<" in the value of ${key}`);
    attributes ??= new Map();
    if (attributes.has(key)) fail(source, at, `${key} stands twice in <${name}>`);
    // Bare line ends in a value are blanks; those of a reference stay.
    attributes.set(key, decode(source, from, value.replace(/[\n\t]/g, ' ')));
    at = to + 1;
  }
  const end = match(tagEnd, source, at);
  if (end === null) fail(source, at, `<${name}> is malformed`);
  const element = { name, attributes: attributes ?? none, children: [], text: '' };
  return { element, empty: end[1] === '/', end: at + end[0].length };
}

function endOfClosing(source: string, at: number, open: Element | undefined): number {
  const name = match(tagName, source, at + 2)?.[0] ?? '';
  const end = match(closingEnd, source, at + 2 + name.length);
  if (name === '' || end === null) fail(source, at, 'a malformed closing tag');
  if (open === undefined) fail(source, at, `</${name}> closes nothing`);
  if (open.name !== name) fail(source, at, `</${name}> where </${open.name}> belongs`);
  return at + 2 + name.length + end[0].length;
}

function decode(source: string, at: number, text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d+|x[\da-fA-F]+);|([\w.-]+);)?/g, (whole, number?: string, name?: string) => {
    const known = number === undefined ? entities.get(name ?? '') : character(number);
    return known ?? fail(source, at, `${whole} means no character`);
  });
}

function character(number: string): string | undefined {
  const code = number.startsWith('x') ? Number.parseInt(number.slice(1), 16) : Number(number);
  if (code > 0x10ffff) return undefined;
  const decoded = String.fromCodePoint(code);
  return forbidden.test(decoded) ? undefined : decoded;
}

function match(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

function endOf(source: string, at: number, end: string): number {
  const found = source.indexOf(end, at);
  return found < 0 ? fail(source, at, `${end} is missing`) : found;
}

function fail(source: string, at: number, what: string): never {
  throw new XmlError(`this is no XML: ${what} (line ${source.slice(0, at).split('\n').length})`);
}
