import { suggestName, uniqueName } from './connection-names.js';
import { nameProblem, uriProblem } from './connection-rules.js';
import { isSameUri } from './same-uri.js';
import type { ConnectionSetting } from './settings.js';

/** A connection that another program has saved. */
export interface Importable {
  readonly uri: string;
  /** What it is called there; absent: made from the URI. */
  readonly name?: string;
  readonly autoconnect: boolean;
}

export interface LeftOut {
  readonly uri: string;
  readonly reason: string;
}

/** What would be added to the connections that there are, and what not, and why. */
export function importConnections(
  current: readonly ConnectionSetting[],
  found: readonly Importable[],
  mistake: (uri: string) => string | undefined,
): { readonly added: readonly ConnectionSetting[]; readonly leftOut: readonly LeftOut[] } {
  const added: ConnectionSetting[] = [];
  const leftOut: LeftOut[] = [];
  for (const { uri, name, autoconnect } of found) {
    const all = [...current, ...added];
    const same = all.find((one) => isSameUri(one.uri, uri));
    const there = same && `it is there already as ${same.name}`;
    const problem = uriProblem(uri);
    const reason = problem ?? there ?? mistake(uri);
    if (reason !== undefined) {
      leftOut.push({ uri: problem === undefined ? uri : withoutSecrets(uri), reason });
      continue;
    }
    const wanted = name !== undefined && nameProblem(name) === undefined ? name : suggestName(uri);
    const names = all.map((one) => one.name);
    added.push({ name: uniqueName(wanted, names), uri, autoconnect });
  }
  return { added, leftOut };
}

/** What is told of a URI that may hold a password. */
function withoutSecrets(uri: string): string {
  return uri.replace(/\/\/.*@/, '//…@').replace(/\?.*/s, '?…');
}
