import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Endpoint, type TransportContext, TransportError } from '../../source/transport/endpoint.js';
import { openTransport } from '../../source/transport/open.js';
import { rejection } from '../wire/peer.js';

let folder: string;
let server: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-unix-'));
});

afterEach(async () => {
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

const context: TransportContext = { euid: 1000, env: { LIBVIRT_AUTOSTART: '0' } };

function endpointOf(parts: Partial<Endpoint>): Endpoint {
  return {
    transport: 'unix',
    driver: 'qemu',
    scope: 'system',
    readOnly: false,
    mode: 'auto',
    name: '',
    options: {},
    ...parts,
  };
}

async function listen(path: string): Promise<void> {
  server = createServer((socket) => socket.pipe(socket));
  server.listen(path);
  await once(server, 'listening');
}

async function failureOf(parts: Partial<Endpoint>, own: Partial<TransportContext> = {}) {
  const error = await rejection(openTransport(endpointOf(parts), { ...context, ...own }));
  expect(error).toBeInstanceOf(TransportError);
  return error as TransportError;
}

describe('a unix socket', () => {
  it('carries bytes both ways', async () => {
    const socket = join(folder, 'sock');
    await listen(socket);
    const { stream: duplex } = await openTransport(endpointOf({ socket }), context);
    duplex.write('hello');
    const [data] = await once(duplex, 'data');
    expect(String(data)).toBe('hello');
    duplex.destroy();
  });

  it('is found in the session’s directory', async () => {
    await mkdir(join(folder, 'libvirt'));
    await listen(join(folder, 'libvirt', 'virtqemud-sock'));
    const env = { ...context.env, XDG_RUNTIME_DIR: folder };
    const { stream: duplex } = await openTransport(endpointOf({ scope: 'session' }), { ...context, env });
    duplex.destroy();
  });

  it('that is missing is named in the error', async () => {
    const socket = join(folder, 'nothing');
    const error = await failureOf({ socket });
    expect(error).toMatchObject({ kind: 'socket-missing', path: socket, scope: 'system', driver: 'qemu' });
    expect(error.message).toContain(socket);
  });

  it('below something that is no directory is missing as well', async () => {
    await writeFile(join(folder, 'file'), '');
    expect(await failureOf({ socket: join(folder, 'file', 'sock') })).toMatchObject({
      kind: 'socket-missing',
    });
  });

  it('that nobody listens on refuses', async () => {
    const socket = join(folder, 'sock');
    // A socket file whose server is gone, as a killed daemon leaves it.
    await listen(socket);
    await rename(socket, `${socket}-kept`);
    server?.close();
    await rename(`${socket}-kept`, socket);
    expect(await failureOf({ socket })).toMatchObject({ kind: 'refused', path: socket });
  });

  it('that this user may not reach is a question of permission', async () => {
    const socket = join(folder, 'closed', 'sock');
    await mkdir(join(folder, 'closed'));
    await listen(socket);
    await chmod(join(folder, 'closed'), 0o700);
    await asAnotherUser(join(folder, 'closed'), async () => {
      const error = await failureOf({ socket });
      expect(error).toMatchObject({ kind: 'permission', path: socket });
      expect(error.message).toContain(socket);
    });
  });

  it('whose path is too long is an error like any other', async () => {
    const error = await failureOf({ socket: join(folder, 'x'.repeat(200)) });
    expect(['failed', 'socket-missing']).toContain(error.kind);
  });

  it('is not waited for when the caller has given up', async () => {
    const socket = join(folder, 'sock');
    await listen(socket);
    expect(await failureOf({ socket }, { signal: AbortSignal.abort() })).toMatchObject({ kind: 'aborted' });
    const later = new AbortController();
    const opening = failureOf({ socket }, { signal: later.signal });
    later.abort();
    expect(await opening).toMatchObject({ kind: 'aborted' });
  });
});

it('a program of one’s own carries bytes both ways, and says why it ended', async () => {
  expect((await failureOf({ transport: 'ext' })).message).toContain('needs command=PROGRAM');
  const { stream } = await openTransport(endpointOf({ transport: 'ext', options: { command: 'cat' } }), {
    ...context,
    env: process.env,
  });
  stream.write('hello');
  expect(String((await once(stream, 'data'))[0])).toBe('hello');
  stream.destroy();
  const none = await openTransport(
    endpointOf({ transport: 'ext', options: { command: '/no/such' } }),
    context,
  );
  expect(String((await once(none.stream, 'error'))[0])).toContain('/no/such');
});

it('a session without a daemon program says so', async () => {
  const env = { XDG_RUNTIME_DIR: folder, LIBVIRTD_PATH: undefined };
  const error = await failureOf({ scope: 'session', driver: 'nosuch', mode: 'direct' }, { env });
  expect(error).toMatchObject({ kind: 'daemon-missing', scope: 'session' });
  expect(error.message).toContain('virtnosuchd');
});

/** Root may enter every directory: as root, `action` runs with nobody's rights. */
async function asAnotherUser(directory: string, action: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) {
    await chmod(directory, 0);
    await action();
    await chmod(directory, 0o700);
    return;
  }
  await chmod(folder, 0o755);
  process.seteuid?.(65_534);
  try {
    await action();
  } finally {
    process.seteuid?.(0);
  }
}
