/** What was entered on screens that were left, kept while the program runs: nothing typed is lost by Esc. */
export class Drafts {
  readonly #kept = new Map<string, unknown>();

  /** @param id of the form or wizard: the same one has put it there */
  get<T>(id: string): T | undefined {
    return this.#kept.get(id) as T | undefined;
  }

  /** @param entered undefined: nothing was, or it has done its work */
  keep(id: string, entered: unknown): void {
    if (entered === undefined) this.#kept.delete(id);
    else this.#kept.set(id, entered);
  }
}
