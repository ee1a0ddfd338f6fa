import { XMLValidator } from 'fast-xml-parser';
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
  // The parser itself takes much that is no XML.
  const valid = XMLValidator.validate(xml);
  if (valid !== true) throw new Error(`this is no XML: ${valid.err.msg} (line ${valid.err.line})`);
  const root = parseRoot(xml, 'domain');
  const [devices] = children(root, 'devices');
  const [card] = devices === undefined ? [] : children(devices, 'interface');
  const [mac] = card === undefined ? [] : children(card, 'mac');
  return { name: text(root, 'name'), uuid: text(root, 'uuid'), mac: attribute(mac, 'address') };
}
