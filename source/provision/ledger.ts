import type { LibvirtError } from '../libvirt/errors.js';
import { type CreationJournal, type CreationRecord, isAlive, type NotedMade } from './journal.js';
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
      const { kind } = error as Partial<LibvirtError>;
      if (kind === 'libvirt' || kind === 'unsupported' || kind === 'connect') await this.forget(planned);
      throw error;
    }
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

  /** Whether other creations on the same host are under way. */
  async othersAtWork(): Promise<boolean> {
    const { id, connection, uri } = this.#record;
    const others = (await this.#journal.list()).filter(
      (record) => record.id !== id && (record.connection === connection || record.uri === uri),
    );
    const alive = await Promise.all(others.map(({ process }) => isAlive(process)));
    return alive.includes(true);
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
