/** What arrives on a stream: data, or the length of a hole (a run of zeros that is not sent) in bytes. */
export type StreamItem = { readonly data: Uint8Array } | { readonly hole: number };

/** Data beside a call: a volume's contents. Everything it throws is a LibvirtError. */
export interface ByteStream extends AsyncIterable<StreamItem> {
  /** Resolves when the transport has taken the bytes. */
  write(data: Uint8Array): Promise<void>;
  /** Sends a run of zeros as its length; only on a stream opened as sparse. */
  writeHole(length: number): Promise<void>;
  /** All is sent, or taken: resolves when the daemon confirms. */
  finish(): Promise<void>;
  /** Gives up; the daemon drops the rest. Never rejects. */
  abort(): Promise<void>;
}
