import { join } from 'node:path';
import { describe } from 'vitest';
import { has, type needs, readable } from '../../scripts/requirements.mjs';

/** What a test may need: system packages (scripts/requirements.mjs), root, or the built program. */
export type Requirement = keyof typeof needs | 'root' | 'dist';

/**
 * `describe`, when the machine has all that is named; otherwise a `describe` that is skipped and whose title
 * says what is missing. With CI set nothing may be skipped: it throws instead.
 *
 *     requires('libvirtd', 'qemu')('a guest of the session daemon', () => { … });
 */
export function requires(...names: Requirement[]): (title: string, body: () => void) => void {
  const missing = missingOf(names);
  if (missing.length === 0) return (title, body) => void describe(title, body);
  const text = `needs ${missing.join(', ')}`;
  if (process.env.CI) throw new Error(`CI is set and this machine lacks something: ${text}`);
  return (title, body) => void describe.skip(`${title} (skipped: ${text})`, body);
}

/** Those of the names that this machine does not have. */
export function missingOf(names: readonly Requirement[]): Requirement[] {
  return names.filter((name) => !isThere(name));
}

function isThere(name: Requirement): boolean {
  // Tests on the machine's own qemu:///system.
  if (name === 'root') return process.getuid?.() === 0;
  if (name === 'dist') return readable(join(import.meta.dirname, '..', '..', 'dist', 'cli.js'));
  return has(name);
}
