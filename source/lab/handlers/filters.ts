/** A bit of a list call's flags, and which objects it lets through. */
export type Filter<T> = readonly [bit: number, test: (object: T) => boolean];

/** The usual group: what `test` says yes to, and with the next bit what it says no to. */
export const either = <T>(bit: number, test: (object: T) => boolean): readonly Filter<T>[] => [
  [bit, test],
  [2 * bit, (object) => !test(object)],
];

/**
 * What the flags of a list call let through. They come in groups: within a group any set bit lets an object
 * through, and every group with a set bit must.
 */
export function filtered<T>(
  objects: Iterable<T>,
  groups: readonly (readonly Filter<T>[])[],
  flags: number,
): T[] {
  const tests = groups
    .map((group) => group.filter(([bit]) => flags & bit).map(([, test]) => test))
    .filter((group) => group.length > 0);
  const all = [...objects];
  if (tests.length === 0) return all;
  return all.filter((object) => tests.every((group) => group.some((test) => test(object))));
}
