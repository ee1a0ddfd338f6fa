import type { LabError } from '../errors.js';
import { refuse } from '../errors.js';
import type { XmlNode } from './tree.js';

const powers = ['k', 'm', 'g', 't', 'p', 'e'];

/**
 * Bytes of an element like `<capacity unit='GiB'>10</capacity>`: units of two letters are powers of 1000, all
 * others of 1024. Absent without the element. Throws as libvirt does for what is no size.
 *
 * @param unit what counts when the element names none
 */
export function bytesOf(
  node: XmlNode | undefined,
  unit = 'bytes',
  refuseXml: (detail: string) => LabError = refuse.xml,
): number | undefined {
  if (node === undefined) return undefined;
  if (!/^\s*\d+\s*$/.test(node.text)) throw refuseXml('malformed capacity element');
  return Math.ceil(Number(node.text) * factor(node.attributes.unit ?? unit, refuseXml));
}

function factor(unit: string, refuseXml: (detail: string) => LabError): number {
  if (/^(b|bytes?)?$/i.test(unit)) return 1;
  const power = powers.indexOf(unit.charAt(0).toLowerCase()) + 1;
  const rest = unit.slice(1);
  if (power > 0 && /^(iB)?$/i.test(rest)) return 1024 ** power;
  if (power > 0 && /^B$/i.test(rest)) return 1000 ** power;
  throw refuseXml(`unknown suffix '${unit}'`);
}
