import { XMLParser } from 'fast-xml-parser';

/** A parsed element: attributes with "@" before their names, text as "#text", children as arrays. */
export type Element = { readonly [name: string]: unknown };

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
  // Entities of a document type could be made to explode; libvirt writes none.
  processEntities: true,
});

/** The root element of a document. Throws when the text is no XML, or the root is called otherwise. */
export function parseRoot(xml: string, name: string): Element {
  const root = children(parser.parse(xml) as Element, name)[0];
  if (root === undefined) throw new Error(`the XML has no <${name}>`);
  return root;
}

export function children(element: Element | undefined, name: string): readonly Element[] {
  const value = element?.[name];
  return (Array.isArray(value) ? value : []).map((child) =>
    typeof child === 'object' && child ? child : { '#text': child },
  );
}

/** The text of the first child of that name; undefined where there is none, or it is empty. */
export function text(element: Element | undefined, name: string): string | undefined {
  return content(children(element, name)[0]);
}

/** An element's own text. */
export function content(element: Element | undefined): string | undefined {
  const value = element?.['#text'];
  const whole = Array.isArray(value) ? value.join('') : value;
  return whole === undefined || whole === '' ? undefined : String(whole);
}

export function attribute(element: Element | undefined, name: string): string | undefined {
  const value = element?.[`@${name}`];
  return value === undefined ? undefined : String(value);
}
