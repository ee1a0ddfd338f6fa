import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** In Linux's abstract namespace: it belongs to a process, and is gone with it whatever ends it. */
const usualName = '\0virtdeck-system-tests';

/**
 * Waits until no other run of tests uses the machine's libvirt: each removes what it finds of tests, also of others.
 *
 * @param onWait called once, where it has to wait
 * @returns lets the next one in; nothing to do where this process is in already
 */
export async function beOnlyRun(onWait: () => void, name = usualName): Promise<() => Promise<void>> {
  for (let told = false; ; told = true) {
    const waiting = new Set<Socket>();
    const server = createServer((other) => {
      waiting.add(other);
      other.on('error', () => {}).once('close', () => waiting.delete(other));
      other.unref().write(`${process.pid}\n`);
    }).unref();
    if (await listens(server, name)) {
      return async () => {
        server.close();
        for (const other of waiting) other.destroy();
        await once(server, 'close');
      };
    }
    const holder = connect(name).on('error', () => {});
    const ended = once(holder, 'close');
    const [pid] = await Promise.race([once(holder, 'data'), ended]);
    if (String(pid).trim() === String(process.pid)) {
      holder.destroy();
      return async () => {};
    }
    if (!told) onWait();
    await ended;
  }
}

async function listens(server: Server, path: string): Promise<boolean> {
  try {
    const listening = once(server, 'listening');
    server.listen({ path });
    await listening;
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}
