import type { Lab } from '../../source/lab/lab.js';
import type { Fault } from '../../source/lab/server/faults.js';
import type { ProcedureName } from '../../source/lab/server/handler.js';

/** What goes wrong with a call: it is refused, answered by half or by nonsense, ended with the connection, or never answered. */
export const troubles = {
  error: { fault: 'error', code: 1, message: 'no \u001b[31m\u009bluck\u202e today' },
  truncate: { fault: 'truncate' },
  garbage: { fault: 'garbage' },
  drop: { fault: 'drop' },
  hang: { fault: 'slow', milliseconds: 2 ** 30 },
} as const satisfies Readonly<Record<string, Fault>>;

export type Trouble = keyof typeof troubles;

/** What a lab is asked from now on: each procedure once, in their order. */
export function recordCalls(lab: Lab): ReadonlySet<ProcedureName> {
  const called = new Set<ProcedureName>();
  const strike = lab.faults.strike.bind(lab.faults);
  lab.faults.strike = (names, procedure, objects) => {
    // One that the host does not know has no name.
    if (procedure !== '') called.add(procedure as ProcedureName);
    return strike(names, procedure, objects);
  };
  return called;
}
