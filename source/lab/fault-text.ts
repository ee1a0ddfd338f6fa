import type { Disturbance } from './disturbance.js';
import { knownProcedures } from './server/handler.js';

interface Form {
  readonly needs: readonly string[];
  readonly may: readonly string[];
  readonly means: string;
}

const when = ['procedure', 'domain', 'every', 'times', 'after', 'lasting'];

/** Every fault with the keys that it takes. */
export const faultForms: Readonly<Record<Disturbance['fault'], Form>> = {
  drop: { needs: [], may: when, means: 'end the connection in the middle of a reply' },
  truncate: { needs: [], may: when, means: 'cut a reply short' },
  oversize: { needs: [], may: when, means: 'send a frame longer than any may be' },
  garbage: { needs: [], may: when, means: 'send bytes that are no frame' },
  silent: { needs: [], may: ['after', 'lasting'], means: 'accept everything and answer nothing' },
  slow: { needs: ['milliseconds'], may: when, means: 'work on a call for so long' },
  error: { needs: ['code'], may: [...when, 'from', 'message'], means: 'refuse a call with a virError' },
  refuse: { needs: ['lasting'], may: ['after'], means: 'refuse new connections' },
  restart: { needs: [], may: ['after', 'repeat', 'down', 'changes'], means: 'drop all clients' },
};

const texts: ReadonlySet<string> = new Set(['procedure', 'domain', 'message']);

/**
 * Reads a fault as it stands on the command line: `NAME[:KEY=VALUE,...]`, e.g.
 * `drop:procedure=CONNECT_GET_ALL_DOMAIN_STATS,every=5` or `silent:after=20,lasting=15`.
 * Returns the text of what is wrong with it otherwise.
 */
export function parseFault(text: string): Disturbance | string {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  if (!Object.hasOwn(faultForms, name)) {
    return `there is no fault "${name}": ${Object.keys(faultForms).join(', ')}`;
  }
  const form = faultForms[name as keyof typeof faultForms];
  const fault: Record<string, string | number> = { fault: name };
  for (const pair of colon < 0 ? [] : text.slice(colon + 1).split(',')) {
    const [key = '', ...rest] = pair.split('=');
    const value = rest.join('=');
    if (![...form.needs, ...form.may].includes(key)) return `the fault "${name}" takes no "${key}"`;
    if (texts.has(key)) fault[key] = value;
    else if (value === '' || !(Number(value) >= 0)) return `${key} must be a number, not "${value}"`;
    else fault[key] = Number(value);
  }
  const missing = form.needs.find((key) => fault[key] === undefined);
  if (missing !== undefined) return `the fault "${name}" needs ${missing}=…`;
  const { procedure } = fault;
  if (procedure !== undefined && !Object.hasOwn(knownProcedures, procedure)) {
    return `there is no procedure "${procedure}"`;
  }
  // Checked key by key above.
  return fault as unknown as Disturbance;
}
