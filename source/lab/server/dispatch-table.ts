import type { Procedure } from '../../wire/procedure.js';
import { type AnyHandler, type HandlerTable, knownProcedures, type ProcedureName } from './handler.js';

/** A procedure that the host has. */
export interface Entry {
  readonly name: ProcedureName;
  readonly procedure: Procedure<unknown, unknown>;
  readonly handler: AnyHandler;
}

export type DispatchTable = ReadonlyMap<string, Entry>;

/** The handlers of all subjects, by program and number. */
export function dispatchTable(tables: readonly HandlerTable[]): DispatchTable {
  const entries = new Map<string, Entry>();
  for (const table of tables) {
    for (const [name, handler] of Object.entries(table) as [ProcedureName, AnyHandler][]) {
      const procedure = knownProcedures[name] as Procedure<unknown, unknown>;
      entries.set(entryKey(procedure.program, procedure.number), { name, procedure, handler });
    }
  }
  return entries;
}

export function entryKey(program: number, procedure: number): string {
  return `${program} ${procedure}`;
}
