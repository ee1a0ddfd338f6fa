import { type CreationJournal, type CreationRecord, ownMark } from './journal.js';
import { CreationLedger } from './ledger.js';
import type { VmRequest } from './request.js';
import { type LeftBehind, type PlanHost, type StepEvent, undoAll } from './run-plan.js';
import { nameOfMade } from './undo.js';

/** What a creation that was cut off has left, in words. */
export interface CutOff {
  readonly record: CreationRecord;
  /** Names of the machines that are not whole. */
  readonly machines: readonly string[];
  /** "volume web-1.qcow2 of the pool default" */
  readonly made: readonly string[];
}

export function describeCutOff(record: CreationRecord): CutOff {
  return {
    record,
    machines: unfinishedRequests(record).map(({ name }) => name),
    made: record.made
      .filter(({ machine }) => goes(record, machine))
      .map(({ made, sure }) => `${nameOfMade(made)}${sure ? '' : ' (perhaps)'}`),
  };
}

/** What machines share stays with those that are whole. */
function goes({ finished }: CreationRecord, machine: string | undefined): boolean {
  return machine !== undefined || finished.length === 0;
}

/**
 * The machines that are not whole, to be made anew. What is half there of them is removed first by
 * `removeCutOff`: nobody knows how far it was.
 */
export function unfinishedRequests({ requests, finished }: CreationRecord): readonly VmRequest[] {
  return requests.filter(({ name }) => !finished.includes(name));
}

/**
 * Takes back what a creation that was cut off has left. Machines that are whole stay, and with them what they share
 * with the others.
 *
 * @returns what could not be removed; the record stays in the journal then
 */
export async function removeCutOff(
  record: CreationRecord,
  {
    host,
    journal,
    onEvent,
  }: {
    readonly host: PlanHost;
    readonly journal: CreationJournal;
    readonly onEvent: (event: StepEvent) => void;
  },
): Promise<readonly LeftBehind[]> {
  // It may have been shown for long: another program may have ended it, or be at it.
  const current = (await journal.cutOff()).find(({ id }) => id === record.id);
  if (current === undefined) return [];
  // From now on it is this process that works on it.
  const ledger = new CreationLedger(journal, { ...current, process: await ownMark() });
  await ledger.begin();
  const machines = [...unfinishedRequests(record).map(({ name }) => name), undefined];
  const left: LeftBehind[] = [];
  for (const machine of machines.filter((one) => goes(record, one)))
    left.push(...(await undoAll({ host, ledger, machine, onEvent, longAgo: true })));
  await ledger.end(left.length === 0);
  return left;
}
