import { chmodSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import type { Lab } from './lab.js';

export interface ServedLab {
  readonly path: string;
  /** What libvirt's own tools connect to. */
  readonly uri: string;
  /** Drops all clients and removes the socket. */
  close(): Promise<void>;
}

/**
 * Serves a lab on a unix socket that only this user may open. A socket left behind by a server that is gone is
 * replaced; anything else at `path` is an error.
 */
export async function serveLab(lab: Lab, path: string): Promise<ServedLab> {
  await removeStale(path);
  let server = await listen(lab, path);
  // One change after the other, however fast they are asked for.
  let change = Promise.resolve();
  const stopWatching = lab.onRefusing((refusing) => {
    change = change.then(async () => {
      if (refusing) await refuse(server, path);
      else server = await listen(lab, path);
    });
  });
  return {
    path,
    uri: `qemu+unix:///system?socket=${path}`,
    async close() {
      stopWatching();
      await change;
      lab.close();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
      rmSync(path, { force: true });
    },
  };
}

async function listen(lab: Lab, path: string): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    if (!lab.accept(socket)) socket.destroy();
  });
  // The socket must never be there with more rights than it is to have.
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  } finally {
    process.umask(mask);
  }
  chmodSync(path, 0o600);
  return server;
}

/**
 * Stops listening, but leaves the socket's file: connections are then refused, as when a daemon has died.
 * Closing removes the file under its name, so that it is moved out of the way for that moment.
 */
async function refuse(server: Server, path: string): Promise<void> {
  const aside = `${path}.refusing`;
  renameSync(path, aside);
  // Connections that exist keep the server from being closed altogether, but it listens no more at once.
  server.close();
  renameSync(aside, path);
}

async function removeStale(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket()) throw new Error(`${path} is there already, and is no socket`);
  if (await answers(path)) throw new Error(`${path} is served already`);
  rmSync(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
