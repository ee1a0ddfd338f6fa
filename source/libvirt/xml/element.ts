import { type Element, readXml } from './reader.js';

export type { Element };

/** The root element of a document. Throws when the text is no XML, or the root is called otherwise. */
export function parseRoot(xml: string, name: string): Element {
  // A host that tells nothing is no fault of its syntax.
  const root = xml.trim() === '' ? undefined : readXml(xml);
  if (root?.name !== name) throw new Error(`the XML has no <${name}>`);
  return root;
}

export function children(element: Element | undefined, name: string): readonly Element[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The text of the first child of that name, as it is; undefined where there is none, or it is empty. */
export function text(element: Element | undefined, name: string): string | undefined {
  return content(children(element, name)[0]);
}

/** An element's own text, as it is. */
export function content(element: Element | undefined): string | undefined {
  return element?.text || undefined;
}

export function attribute(element: Element | undefined, name: string): string | undefined {
  return element?.attributes.get(name);
}
