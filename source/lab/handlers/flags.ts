import { refuse } from '../errors.js';

/** Throws as virCheckFlags does: a driver's function refuses what it does not know. */
export function checkFlags(flags: number, known: number, driverFunction: string): void {
  const unknown = (flags & ~known) >>> 0;
  if (unknown === 0) return;
  throw refuse.invalidArg(`unsupported flags (0x${unknown.toString(16)}) in function ${driverFunction}`);
}
