import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';

/** What lies at a path of this machine. */
export type LocalPlace =
  | { readonly kind: 'file'; readonly size: number }
  | { readonly kind: 'directory' | 'nothing' | 'other' };

/** A path as a person types it: "~/" is the home directory, what is relative counts from where the program runs. */
export function localPath(typed: string): string {
  const text = typed.trim();
  return text === '~' || text.startsWith('~/') ? homedir() + text.slice(1) : resolve(text);
}

/**
 * What lies at paths that are being typed. A form asks at every key and must not wait: a disk may be slow, a
 * file server gone.
 */
export class LocalFiles {
  readonly #changed: () => void;
  #known: { readonly path: string; readonly place: LocalPlace | undefined } | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Undefined until it is known. */
  at(path: string): LocalPlace | undefined {
    if (this.#known?.path === path) return this.#known.place;
    this.#known = { path, place: undefined };
    void lookAt(path).then((place) => {
      if (this.#known?.path !== path) return;
      this.#known = { path, place };
      this.#changed();
    });
    return undefined;
  }
}

export async function lookAt(path: string): Promise<LocalPlace> {
  try {
    const found = await stat(path);
    if (found.isFile()) return { kind: 'file', size: found.size };
    return { kind: found.isDirectory() ? 'directory' : 'other' };
  } catch {
    return { kind: 'nothing' };
  }
}
