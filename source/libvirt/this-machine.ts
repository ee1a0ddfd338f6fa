import { hostname } from 'node:os';

/** A default URI, or a socket that is forwarded, may lead to another machine; a domain's name may come with the host's. */
export function isThisMachine(name: string): boolean {
  const first = (full: string): string => full.toLowerCase().split('.', 1)[0] ?? '';
  return first(name) === first(hostname());
}
