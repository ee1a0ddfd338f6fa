/** The terminal's size, in cells. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Below this the program shows one line that says so. */
export const smallest: Size = { columns: 20, rows: 5 };
