import { attribute, children, parseRoot, text } from './element.js';

/** What tells a domain apart. */
export interface DomainIdentity {
  readonly name: string | undefined;
  readonly uuid: string | undefined;
  /** Of its first card. */
  readonly mac: string | undefined;
}

/** Reads it from XML that a person may have written. Throws when it is no XML or no domain. */
export function domainIdentity(xml: string): DomainIdentity {
  const root = parseRoot(xml, 'domain');
  const [card] = children(children(root, 'devices')[0], 'interface');
  const [mac] = children(card, 'mac');
  return { name: text(root, 'name'), uuid: text(root, 'uuid'), mac: attribute(mac, 'address') };
}
