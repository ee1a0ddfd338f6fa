import { isUnsupported } from '../../../libvirt/errors.js';
import type { Hypervisor } from '../../../libvirt/hypervisor.js';
import { type FoundSource, type PoolType, readSources } from '../../../libvirt/xml/pool-xml.js';
import { document, element } from '../../../libvirt/xml/write.js';

/** What is known of the sources that a host has for pools of a type. */
export type SourceSearch =
  | { readonly state: 'looking' }
  | { readonly state: 'found'; readonly sources: readonly FoundSource[] }
  | { readonly state: 'failed'; readonly reason: string };

/** Types that libvirt can look for sources of, and whether it must be told a server. */
export const findable: Readonly<Partial<Record<PoolType, { readonly server: boolean }>>> = {
  netfs: { server: true },
  iscsi: { server: true },
  logical: { server: false },
};

/** Asks a host what it has for a pool, once for each type and server. */
export class SourceFinder {
  readonly #ask: <T>(call: (hypervisor: Hypervisor) => Promise<T>) => Promise<T>;
  readonly #changed: () => void;
  readonly #searches = new Map<string, SourceSearch>();

  constructor(ask: <T>(call: (hypervisor: Hypervisor) => Promise<T>) => Promise<T>, changed: () => void) {
    this.#ask = ask;
    this.#changed = changed;
  }

  /** What was found so far. */
  found(type: PoolType, server: string): SourceSearch {
    return this.#searches.get(`${type} ${server}`) ?? { state: 'looking' };
  }

  /** Looks where nobody has yet. */
  search(type: PoolType, server: string): void {
    const key = `${type} ${server}`;
    if (this.#searches.has(key)) return;
    this.#searches.set(key, { state: 'looking' });
    void this.#askHost(type, server).then((search) => {
      this.#searches.set(key, search);
      this.#changed();
    });
  }

  /** What failed, or found nothing, is looked for anew next time. */
  forgetFailures(): void {
    for (const [key, search] of [...this.#searches]) {
      const empty = search.state === 'found' && search.sources.length === 0;
      if (search.state === 'failed' || empty) this.#searches.delete(key);
    }
  }

  async #askHost(type: PoolType, server: string): Promise<SourceSearch> {
    try {
      const source =
        server === '' ? undefined : document(element('source', {}, [element('host', { name: server })]));
      const answer = await this.#ask(({ pools }) => pools.findSources(type, source));
      if (isUnsupported(answer)) return { state: 'failed', reason: 'this host cannot look for sources' };
      return { state: 'found', sources: readSources(answer) };
    } catch (error) {
      return { state: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** A found source in a few words. */
export function sourceText({ dir, device, sourceName, format }: FoundSource): string {
  return [dir ?? sourceName, device, format].filter((part) => part !== undefined).join('  ');
}
