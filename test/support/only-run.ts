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
    const { pid, ended } = askHolder(name);
    if ((await pid) === String(process.pid)) return async () => {};
    if (!told) onWait();
    await ended;
  }
}

/**
 * Who holds the name. A holder that is killed resets its connections: that is an end like any other.
 *
 * @returns `pid` undefined where it ended without a word
 */
function askHolder(name: string): {
  readonly pid: Promise<string | undefined>;
  readonly ended: Promise<void>;
} {
  const holder = connect(name);
  const ended = new Promise<void>((resolve) => {
    holder.on('error', () => {}).once('close', () => resolve());
  });
  const told = new Promise<string>((resolve) => {
    holder.once('data', (line) => {
      const pid = String(line).trim();
      // Its own server could never close else.
      if (pid === String(process.pid)) holder.destroy();
      resolve(pid);
    });
  });
  return { pid: Promise.race([told, ended.then(() => undefined)]), ended };
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
