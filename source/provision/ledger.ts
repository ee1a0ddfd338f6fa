import { isDeepStrictEqual } from 'node:util';
import { isRefusal } from '../libvirt/errors.js';
import { isAlive } from '../state/process-mark.js';
import type { CreationJournal, CreationRecord, NotedMade } from './journal.js';
import type { Made } from './plan.js';

/** What one creation has made so far, written down as it grows. */
export class CreationLedger {
  readonly #journal: CreationJournal;
  #record: CreationRecord;
  /** Writes follow one another: a later state is never overwritten by an earlier one. */
  #writing: Promise<void> = Promise.resolve();

  constructor(journal: CreationJournal, record: CreationRecord) {
    this.#journal = journal;
    this.#record = record;
  }

  get record(): CreationRecord {
    return this.#record;
  }

  /** Writes the beginning down. @throws the system's error where it cannot be written */
  begin(): Promise<void> {
    return this.#change({});
  }

  /** What a machine has made, or what all of them share (undefined), the oldest first. */
  madeBy(machine: string | undefined): NotedMade[] {
    return this.#record.made.filter((noted) => noted.machine === machine);
  }

  /** Makes something that is to be taken back where the creation fails. */
  async make<T>(made: Made, machine: string | undefined, work: () => Promise<T>): Promise<T> {
    const planned: NotedMade = { made, machine, sure: false };
    await this.#change({ made: [...this.#record.made, planned] });
    try {
      const result = await work();
      const sure: NotedMade = { ...planned, sure: true };
      await this.#change({ made: this.#record.made.map((noted) => (noted === planned ? sure : noted)) });
      return result;
    } catch (error) {
      // The daemon has answered, or was never asked: there is nothing, or what there is belongs to others.
      if (isRefusal(error)) await this.forget(planned);
      throw error;
    }
  }

  /** Takes away what `make` has made, for good. */
  async unmake(made: Made, machine: string | undefined, work: () => Promise<void>): Promise<void> {
    await work();
    const noted = this.madeBy(machine).find((one) => isDeepStrictEqual(one.made, made));
    if (noted !== undefined) await this.forget(noted);
  }

  /**
   * Writes down that what a machine (or all of them) has made is about to go: whoever needs an image of it waits from
   * now on until that is settled, and what ends the program does not make it wanted again.
   *
   * @param kinds all where it is undefined
   */
  giveUp(machine: string | undefined, kinds?: ReadonlySet<Made['kind']>): Promise<void> {
    const goes = (noted: NotedMade): boolean =>
      noted.machine === machine && (kinds === undefined || kinds.has(noted.made.kind));
    const made = this.#record.made.map((noted) => (goes(noted) ? { ...noted, unwanted: true } : noted));
    return this.#change({ made });
  }

  /** It is not there any more. */
  forget(noted: NotedMade): Promise<void> {
    return this.#change({ made: this.#record.made.filter((one) => one !== noted) });
  }

  /**
   * A machine is whole: nothing of it is taken back from now on.
   *
   * @throws the system's error where that cannot be written; it is not whole then
   */
  async finish(machine: string): Promise<void> {
    const { made } = this.#record;
    try {
      await this.#change({
        finished: [...this.#record.finished, machine],
        made: made.filter((noted) => noted.machine !== machine),
      });
    } catch (error) {
      this.#record = {
        ...this.#record,
        finished: this.#record.finished.filter((name) => name !== machine),
        made: [...this.#record.made, ...made.filter((noted) => noted.machine === machine)],
      };
      throw error;
    }
  }

  /** Other creations on the same host that are under way. */
  async othersAtWork(): Promise<readonly CreationRecord[]> {
    const { id, connection, uri } = this.#record;
    const others = (await this.#journal.list()).filter(
      (record) => record.id !== id && (record.connection === connection || record.uri === uri),
    );
    const alive = await Promise.all(others.map(({ process }) => isAlive(process)));
    return others.filter((_, index) => alive[index]);
  }

  /**
   * Nobody works on it any more.
   *
   * @param clean nothing is left of it; else the record stays, for whoever takes back the rest
   */
  async end(clean: boolean): Promise<void> {
    if (!clean) return this.#change({ process: { ...this.#record.process, ended: true } });
    await this.#writing.catch(() => {});
    await this.#journal.remove(this.#record.id);
  }

  #change(change: Partial<CreationRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change };
    const { record } = this;
    this.#writing = this.#writing.catch(() => {}).then(() => this.#journal.write(record));
    return this.#writing;
  }
}
