/**
 * Work that is never done twice at once: asked for while it is under way it is done once more afterwards,
 * for all who asked meanwhile. The promise resolves when nothing is left to do; it rejects with the last
 * round's reason.
 */
export function coalesced(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let again = false;
  const rounds = async (): Promise<void> => {
    do {
      again = false;
      await work();
    } while (again);
  };
  return () => {
    again = running !== undefined;
    running ??= rounds().finally(() => {
      running = undefined;
    });
    return running;
  };
}
