import { content, type Element } from './element.js';
import { type Attributes, element, type Markup } from './write.js';

/** Elements that were read, to be written again as they stand. Times are what libvirt tells, and takes from nobody. */
export function copyOfParts(
  parent: Element | undefined,
  wanted: (name: string) => boolean,
): readonly Markup[] {
  return (parent?.children ?? []).filter(({ name }) => wanted(name)).map(copyOf);
}

export function attributesOf(source: Element): Attributes {
  return Object.fromEntries(source.attributes);
}

function copyOf(source: Element): Markup {
  const inner = copyOfParts(source, (part) => part !== 'timestamps');
  return element(source.name, attributesOf(source), inner.length > 0 ? inner : (content(source) ?? []));
}
