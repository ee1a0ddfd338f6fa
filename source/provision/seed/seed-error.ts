/** The seed could not be made. */
export class SeedError extends Error {
  /** What the person can do, ready to show. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SeedError';
    this.hint = hint;
  }
}
