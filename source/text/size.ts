import { type SafeText, safe } from './safe.js';

/** What is wrong with a size that somebody typed, ready to be shown. */
export interface SizeProblem {
  readonly problem: string;
}

const letters = 'kmgtpe';

/**
 * Reads a size as virsh does: "10G", "512M", "5 GiB" count in steps of 1024, "10GB" in steps of 1000, a bare
 * number or "b" is bytes. Parts of bytes are cut off.
 *
 * @returns bytes
 */
export function parseSize(typed: string): number | SizeProblem {
  const text = typed.trim();
  if (text === '') return { problem: 'give a size, for example 10G' };
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text) ?? [];
  if (digits === '')
    return { problem: `"${text}" is no size: write a number and a unit, for example 10G or 512M` };
  const factor = unitFactor(unit);
  if (factor === undefined)
    return { problem: `"${unit}" is no unit of size: write K, M, G or T, for example 10G` };
  const bytes = Math.floor(Number(digits) * factor);
  // Beyond this a number in here is no longer exact.
  if (bytes > Number.MAX_SAFE_INTEGER) return { problem: `"${text}" is more than any storage holds` };
  return bytes;
}

/**
 * The bytes of a unit as virsh and libvirt's XML write them, in any case: "k" and "KiB" are 1024, "KB" 1000, "",
 * "b" and "bytes" 1. Undefined for what is no unit.
 */
export function unitFactor(unit: string): number | undefined {
  const lower = unit.toLowerCase();
  if (/^(b|bytes?)?$/.test(lower)) return 1;
  const [, letter = '', tail = ''] = /^([kmgtpe])(ib|b)?$/.exec(lower) ?? [];
  if (letter === '') return undefined;
  return (tail === 'b' ? 1000 : 1024) ** (letters.indexOf(letter) + 1);
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** "10 GiB", "1.5 MiB": bytes in the unit that keeps the number below 1024. */
export function bytes(value: number): SafeText {
  let step = 0;
  let rest = value;
  while (rest >= 1023.95 && step < units.length - 1) {
    rest /= 1024;
    step += 1;
  }
  return safe(`${String(Math.round(rest * 10) / 10)} ${units[step]}`);
}
