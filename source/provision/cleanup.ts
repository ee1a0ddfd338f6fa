import { ErrorCode, type LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import { describeVolume } from '../libvirt/xml/volume-xml.js';
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
    made: record.made.map(({ made, sure }) => `${nameOfMade(made)}${sure ? '' : ' (perhaps)'}`),
  };
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
  // From now on it is this process that works on it.
  const ledger = new CreationLedger(journal, { ...record, process: await ownMark() });
  await ledger.begin();
  const machines: (string | undefined)[] = unfinishedRequests(record).map(({ name }) => name);
  if (record.finished.length === 0) {
    await keepWhatOthersUse(ledger, host.hypervisor);
    machines.push(undefined);
  }
  const left: LeftBehind[] = [];
  for (const machine of machines) left.push(...(await undoAll({ host, ledger, machine, onEvent })));
  if (left.length === 0) await ledger.end();
  return left;
}

/**
 * Long after a creation was cut off, others may stand on its image and use the network and pool that it has started:
 * those are theirs by now.
 */
async function keepWhatOthersUse(ledger: CreationLedger, { pools, volumes }: Hypervisor): Promise<void> {
  for (const noted of ledger.madeBy(undefined)) {
    const { made } = noted;
    if (made.kind !== 'volume') {
      await ledger.forget(noted);
      continue;
    }
    try {
      const pool = await pools.lookup(made.pool);
      const path = await volumes.path(await volumes.lookup(pool, made.name));
      const own = new Set(
        ledger.record.made.flatMap((one) => (one.made.kind === 'volume' ? [one.made.name] : [])),
      );
      const others = (await volumes.list(pool)).filter(({ name }) => !own.has(name));
      const texts = await Promise.all(others.map((volume) => volumes.xml(volume)));
      if (texts.some((xml) => describeVolume(xml).backing?.path === path)) await ledger.forget(noted);
    } catch (error) {
      // What is gone need not be removed; of anything else nobody knows who uses it.
      if ((error as LibvirtError).code !== ErrorCode.noVolume) await ledger.forget(noted);
    }
  }
}
