import type { Hypervisor } from '../libvirt/hypervisor.js';
import { ownMark } from '../state/process-mark.js';
import { virtdeckLine } from './by-hand.js';
import type { CreationJournal, CreationRecord } from './journal.js';
import { CreationLedger } from './ledger.js';
import type { VmRequest } from './request/vm-request.js';
import { type LeftBehind, type PlanHost, type StepEvent, undoAll } from './run-plan.js';
import { isRunning, nameOfMade } from './undo.js';

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

/** What came of the end of a creation that was cut off. */
export interface Removed {
  /** What could not be removed; the record stays in the journal then. */
  readonly left: readonly LeftBehind[];
  /** Machines that run: they are whole, and nothing of them was touched. */
  readonly running: readonly string[];
}

/**
 * Takes back what a creation that was cut off has left. Machines that are whole stay, and with them what they share
 * with the others. One that runs is whole, since its start is the last step: where it was to be removed, it and its
 * record stay, and the command that deletes it is told.
 *
 * @param finish what is half there is to be made anew: one that runs is finished
 */
export async function removeCutOff(
  record: CreationRecord,
  {
    host,
    journal,
    onEvent,
    finish = false,
  }: {
    readonly host: PlanHost;
    readonly journal: CreationJournal;
    readonly onEvent: (event: StepEvent) => void;
    readonly finish?: boolean;
  },
): Promise<Removed> {
  // It may have been shown for long: another program may have ended it, or be at it.
  const current = (await journal.cutOff()).find(({ id }) => id === record.id);
  if (current === undefined) return { left: [], running: [] };
  const running = await runningOf(current, host.hypervisor);
  // From now on it is this process that works on it.
  const ledger = new CreationLedger(journal, { ...current, process: await ownMark() });
  await ledger.begin();
  const machines = [...unfinishedRequests(record).map(({ name }) => name), undefined];
  const left: LeftBehind[] = [];
  for (const machine of machines.filter((one) => goes(record, one) && !stays(running, one)))
    left.push(...(await undoAll({ host, ledger, machine, onEvent, longAgo: true })));
  for (const name of running) {
    if (finish) await ledger.finish(name);
    else left.push({ what: `domain ${name}`, why: 'it runs', byHand: removalLine(current, name) });
  }
  await ledger.end(left.length === 0);
  return { left, running };
}

/** What all share is needed by one that runs. */
function stays(running: readonly string[], machine: string | undefined): boolean {
  return machine === undefined ? running.length > 0 : running.includes(machine);
}

function removalLine({ connection }: CreationRecord, name: string): string {
  return virtdeckLine(connection, 'undefine', name, '--force', '--remove-all-storage');
}

/** The machines that run and were wanted when the creation was cut off. */
async function runningOf(record: CreationRecord, hypervisor: Hypervisor): Promise<readonly string[]> {
  const wanted = record.made.filter(({ unwanted }) => unwanted !== true);
  const found = await Promise.all(
    unfinishedRequests(record).map(async ({ name }) => {
      const domains = wanted.flatMap(({ made }) =>
        made.kind === 'domain' && made.name === name ? [made] : [],
      );
      const runs = await Promise.all(domains.map((made) => isRunning(hypervisor, made)));
      return runs.includes(true) ? [name] : [];
    }),
  );
  return found.flat();
}
