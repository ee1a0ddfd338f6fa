import { isUnsupported } from '../../../libvirt/errors.js';
import type { Hypervisor } from '../../../libvirt/hypervisor.js';
import { type FoundSource, type PoolType, readSources } from '../../../libvirt/xml/pool-xml.js';
import { document, element } from '../../../libvirt/xml/write.js';

/** What is known of the sources that a host has for pools of a type. */
export type Finding =
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
  readonly #findings = new Map<string, Finding>();

  constructor(ask: <T>(call: (hypervisor: Hypervisor) => Promise<T>) => Promise<T>, changed: () => void) {
    this.#ask = ask;
    this.#changed = changed;
  }

  /** What was found so far. */
  found(type: PoolType, server: string): Finding {
    return this.#findings.get(`${type} ${server}`) ?? { state: 'looking' };
  }

  /** Looks where nobody has yet. */
  look(type: PoolType, server: string): void {
    const key = `${type} ${server}`;
    if (this.#findings.has(key)) return;
    this.#findings.set(key, { state: 'looking' });
    void this.#askHost(type, server).then((finding) => {
      this.#findings.set(key, finding);
      this.#changed();
    });
  }

  /** What failed, or found nothing, is looked for anew next time. */
  forgetFailures(): void {
    for (const [key, finding] of [...this.#findings]) {
      const empty = finding.state === 'found' && finding.sources.length === 0;
      if (finding.state === 'failed' || empty) this.#findings.delete(key);
    }
  }

  async #askHost(type: PoolType, server: string): Promise<Finding> {
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
