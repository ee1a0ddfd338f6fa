/** What reads the XML of objects of one type. */
export interface XmlReader<Item, Facts> {
  /** What the object's XML says; undefined until it has been read, or where it is not valid. */
  readonly of: (item: Item) => Facts | undefined;
  /** True where `of` costs nothing. */
  readonly isRead: (item: Item) => boolean;
}

/**
 * Reads the XML of each object once, and not at every frame. Objects of the inventory are made anew when their
 * XML changes.
 *
 * @param read may throw for XML that it cannot make sense of
 */
export function readOnce<Item extends { readonly xml: string | undefined }, Facts>(
  read: (xml: string) => Facts,
): XmlReader<Item, Facts> {
  const known = new WeakMap<Item, { readonly facts: Facts | undefined }>();
  const attempt = (xml: string): Facts | undefined => {
    try {
      return read(xml);
    } catch {
      return undefined;
    }
  };
  return {
    of: (item) => {
      const { xml } = item;
      if (xml === undefined) return undefined;
      const found = known.get(item) ?? { facts: attempt(xml) };
      known.set(item, found);
      return found.facts;
    },
    isRead: (item) => item.xml === undefined || known.has(item),
  };
}
