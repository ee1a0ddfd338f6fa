import type { Listing } from '../../inventory/object-types.js';
import type { Look, Part } from '../theme/look.js';

/**
 * Why a list of objects of a host has no row, in sentences.
 *
 * @param objects "networks", and what a driver without them lacks: "virtual networks"
 * @param none what to say, and to do, where there are none
 */
export function whyEmpty(
  { state, error }: Listing<unknown>,
  [objects, lacking]: readonly [objects: string, lacking: string],
  none: readonly string[],
  look: Look,
): readonly string[] {
  const texts: Readonly<Record<typeof state, readonly string[]>> = {
    unread: [`Reading the ${objects}${look.glyphs.pending}`],
    ready: none,
    unsupported: [`This hypervisor has no ${lacking}.`],
    failed: [`The ${objects} could not be read: ${error?.message ?? ''}`, error?.hint ?? ''],
  };
  return texts[state];
}

/** Said of what is still shown, though it could not be read again. */
export function oldWarning({ state, items, error }: Listing<unknown>): readonly Part[][] {
  if (state !== 'failed' || items.length === 0) return [];
  return [[[`These are old: ${error?.message ?? 'they could not be read'}`, 'warning']]];
}
