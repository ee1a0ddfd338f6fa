import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseConnectionUri } from '../../source/libvirt/connection-uri.js';
import { handshake } from '../../source/libvirt/remote/handshake.js';
import { RemoteHypervisor } from '../../source/libvirt/remote/remote-hypervisor.js';
import { Channel } from '../../source/wire/channel.js';
import { procedures } from '../../source/wire/procedures.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';

const port = 16_509;
/** Bytes in one recorded packet: below what an IP packet may hold. */
const packetSize = 32_768;

interface Chunk {
  readonly direction: 'I' | 'O';
  readonly bytes: Buffer;
}

requires('libvirtd', 'tshark')('a conversation with the real daemon', () => {
  let daemon: PrivateLibvirtd;

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'shark' });
  });

  afterAll(() => daemon.stop());

  it('holds nothing that Wireshark’s own dissector of the protocol finds malformed', async () => {
    const chunks = await conversation(daemon);
    const capture = await write(daemon, 'good', chunks);
    expect(await tshark(capture, '_ws.malformed || libvirt.unknown')).toEqual([]);
    const seen = new Set(await tshark(capture, 'libvirt', 'libvirt.procedure'));
    // Both directions are understood: procedures, an event (318), a stream (211), pings are of another program.
    for (const { number } of [
      procedures.AUTH_LIST,
      procedures.CONNECT_OPEN,
      procedures.CONNECT_LIST_ALL_DOMAINS,
      procedures.CONNECT_GET_ALL_DOMAIN_STATS,
      procedures.DOMAIN_GET_XML_DESC,
      procedures.DOMAIN_SCREENSHOT,
      procedures.DOMAIN_DEFINE_XML_FLAGS,
      { number: 318 },
    ]) {
      expect(seen).toContain(String(number));
    }
  });

  it('would be found malformed if it were', async () => {
    const chunks = await conversation(daemon);
    const open = chunks.find(({ direction, bytes }) => direction === 'O' && bytes.readInt32BE(12) === 1);
    // The name's length now goes beyond the message.
    open?.bytes.writeUInt32BE(0x1000, 32);
    const capture = await write(daemon, 'bad', chunks);
    expect((await tshark(capture, '_ws.malformed || libvirt.unknown')).length).toBeGreaterThan(0);
  });
});

/** A bit of everything, recorded in the order of the wire. */
async function conversation(daemon: PrivateLibvirtd): Promise<Chunk[]> {
  const socket = createConnection(daemon.socket);
  await once(socket, 'connect');
  const chunks = recorded(socket);
  const channel = new Channel(socket);
  await handshake(channel, parseConnectionUri(daemon.testUri), { keepalive: true });
  const hypervisor = new RemoteHypervisor(channel);
  await hypervisor.subscribe();
  await hypervisor.hostInfo();
  await hypervisor.hostStats();
  await hypervisor.listDomains();
  await hypervisor.domainStats(['state', 'cpu', 'balloon', 'vcpu', 'interface', 'block']);
  const dom = await hypervisor.lookupDomain('test');
  const xml = await hypervisor.domainXml(dom);
  await hypervisor.interfaceAddresses(dom, 'lease');
  await hypervisor.suspend(dom);
  await hypervisor.resume(dom);
  await hypervisor.lookupDomain('nobody').catch(() => {});
  await channel.call(procedures.DOMAIN_DEFINE_XML_FLAGS, { xml, flags: 0 });
  const { stream } = await channel.openStream(procedures.DOMAIN_SCREENSHOT, { dom, screen: 0, flags: 0 });
  for await (const _ of stream);
  await stream.finish();
  await hypervisor.close();
  return chunks;
}

/** Everything that goes through a socket from now on. */
function recorded(socket: Socket): Chunk[] {
  const chunks: Chunk[] = [];
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = ((bytes: Buffer, ...rest: unknown[]) => {
    chunks.push({ direction: 'O', bytes: Buffer.from(bytes) });
    return write(bytes, ...rest);
  }) as Socket['write'];
  socket.on('data', (bytes: Buffer) => chunks.push({ direction: 'I', bytes: Buffer.from(bytes) }));
  return chunks;
}

/** Writes the chunks as a capture of a TCP connection to libvirt's port. */
async function write(daemon: PrivateLibvirtd, name: string, chunks: readonly Chunk[]): Promise<string> {
  const dump = chunks.flatMap(({ direction, bytes }) => {
    const parts: string[] = [];
    for (let at = 0; at < bytes.length; at += packetSize) {
      const hex = bytes
        .subarray(at, at + packetSize)
        .toString('hex')
        .replace(/../g, '$& ');
      parts.push(`${direction}\n000000 ${hex}`);
    }
    return parts;
  });
  const file = join(daemon.folder, name);
  await writeFile(`${file}.txt`, `${dump.join('\n')}\n`);
  const made = await runProcess('text2pcap', [
    '-q',
    '-D',
    '-T',
    `${port},40000`,
    `${file}.txt`,
    `${file}.pcap`,
  ]);
  if (made.exitCode !== 0) throw new Error(made.stderr);
  return `${file}.pcap`;
}

/** One field of all packets that match. */
async function tshark(capture: string, filter: string, field = 'frame.number'): Promise<string[]> {
  const args = ['-r', capture, '-d', `tcp.port==${port},libvirt`, '-Y', filter, '-T', 'fields', '-e', field];
  const { stdout, stderr, exitCode } = await runProcess('tshark', args);
  if (exitCode !== 0) throw new Error(stderr);
  return stdout.split(/[\n,]/).filter((line) => line !== '');
}
