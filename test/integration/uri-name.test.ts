import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseConnectionUri } from '../../source/libvirt/connection-uri.js';
import { encodeFrame, type Frame, FrameReader, MessageType } from '../../source/wire/framing.js';
import type { Procedure } from '../../source/wire/procedure.js';
import { procedures } from '../../source/wire/procedures.js';
import { decode, encode } from '../../source/wire/xdr.js';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';

const { AUTH_LIST, CONNECT_SUPPORTS_FEATURE, CONNECT_OPEN } = procedures;

requires('libvirtd')('the name by which a hypervisor is opened', () => {
  let folder: string;
  let server: Server;
  let socket: string;
  let asked: { readonly name?: string | undefined; readonly flags: number } | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vd-name-'));
    socket = join(folder, 's');
    server = createServer(serve);
    server.listen(socket);
    await once(server, 'listening');
  });

  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  /** As much of a daemon as it takes until a client says what it wants opened. */
  function serve(client: Socket): void {
    const reader = new FrameReader();
    client.on('error', () => {});
    client.on('data', (chunk) => {
      for (const frame of reader.push(chunk)) answer(client, frame);
    });
  }

  function answer(client: Socket, frame: Frame): void {
    const reply = <A, R>({ ret }: Procedure<A, R>, value: R) =>
      client.write(encodeFrame({ ...frame, type: MessageType.reply }, encode(ret, value)));
    if (frame.procedure === AUTH_LIST.number) reply(AUTH_LIST, { types: [0] });
    else if (frame.procedure === CONNECT_SUPPORTS_FEATURE.number) {
      reply(CONNECT_SUPPORTS_FEATURE, { supported: 0 });
    } else if (frame.procedure === CONNECT_OPEN.number) {
      asked = decode(CONNECT_OPEN.args, frame.payload);
      client.destroy();
    }
  }

  it.each([
    'qemu+unix:///system?SOCKET',
    'qemu+unix:///session?SOCKET&x=1&y=a%20b',
    'qemu+unix:///system?a=1;b=2&SOCKET',
    'qemu+unix:///system?SOCKET;b=2',
    'qemu+unix:///system?SOCKET&x=1&x=2',
    'qemu+unix:///system?foo&SOCKET',
    'qemu+unix:///system?SOCKET&x=a-b_c.d/e:f',
    'qemu+unix:///system?name=test:///other&SOCKET',
    'qemu+unix:///system?SOCKET&Mode=auto',
    'qemu+unix:///system?SOCKET&no_sanity=1&tls_priority=x&pkipath=/p&known_hosts=/k&sshauth=agent&no_tty=1',
    'qemu+unix:///system?SOCKET#part',
    'test+unix:///a%20b?SOCKET',
    'qemu+UNIX:///system?SOCKET',
    'qemu+unix:/system?SOCKET',
    'lxc+unix:///?SOCKET',
    'vbox+unix:///session?SOCKET',
    'test+unix:///default?SOCKET',
    'remote+unix:///system?SOCKET&x=1',
  ])('is what virsh sends for %s', async (template) => {
    const uri = template.replace('SOCKET', `socket=${socket}`);
    asked = undefined;
    await runProcess('virsh', ['-c', uri, 'uri']);
    expect(asked).toMatchObject({ name: parseConnectionUri(uri).name });
  });

  it('comes with the read-only flag', async () => {
    await runProcess('virsh', ['-r', '-c', `qemu+unix:///system?socket=${socket}`, 'uri']);
    expect(asked).toMatchObject({ flags: 1 });
  });
});
