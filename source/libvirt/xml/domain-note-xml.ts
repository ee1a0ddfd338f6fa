import { noteNamespace } from './domain-definition-xml.js';
import { attribute, children, parseRoot } from './element.js';

/** What this program has noted of a domain that it made. */
export interface DomainNote {
  /** Id of the catalogue's image that its disk was made from. */
  readonly image: string | undefined;
  /** Whom its seed lets in by ssh. */
  readonly user: string | undefined;
  /** Path of the volume with cloud-init's files, which nothing else uses. */
  readonly seed: string | undefined;
}

/** Reads the note in a domain's XML; undefined where there is none. Throws when it is no XML or no domain. */
export function readDomainNote(xml: string): DomainNote | undefined {
  const metadata = children(parseRoot(xml, 'domain'), 'metadata')[0];
  for (const element of metadata?.children ?? []) {
    const [name, prefix] = element.name.split(':').reverse();
    const space = attribute(element, prefix === undefined ? 'xmlns' : `xmlns:${prefix}`);
    if (name === 'vm' && space === noteNamespace)
      return {
        image: attribute(element, 'image'),
        user: attribute(element, 'user'),
        seed: attribute(element, 'seed'),
      };
  }
  return undefined;
}
