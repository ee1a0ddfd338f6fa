import { unitFactor } from '../../text/size.js';
import type { LabError } from '../errors.js';
import { refuse } from '../errors.js';
import type { XmlNode } from './tree.js';

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
  const given = node.attributes.unit ?? unit;
  const factor = unitFactor(given);
  if (factor === undefined) throw refuseXml(`unknown suffix '${given}'`);
  return Math.ceil(Number(node.text) * factor);
}
