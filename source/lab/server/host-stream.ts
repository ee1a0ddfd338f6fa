/** What flows on a stream: bytes, or a run of zeros that is told by its length. */
export type HostItem = { readonly data: Uint8Array } | { readonly hole: number };

/** The host's end of a stream. What it throws ends the stream. */
export interface HostStream {
  /** What the host sends next, or will send when there is more; undefined at the end. Absent: it only takes. */
  next?(): HostItem | undefined | Promise<HostItem | undefined>;
  /** Takes what the client sends. Absent: it only sends. */
  take?(item: HostItem): void;
  /** The stream is over, whether finished, aborted or lost. Called once. */
  close(): void;
}
