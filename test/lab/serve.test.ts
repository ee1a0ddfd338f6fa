import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLab } from '../../source/lab/lab.js';
import { serveLab } from '../../source/lab/serve.js';
import { openHypervisor } from '../../source/libvirt/open.js';
import { stillLab } from './bed.js';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vd-serve-'));
  path = join(folder, 'lab.sock');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The error code of a connection, or "open". */
async function attempt(): Promise<string> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return 'open';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? '';
  } finally {
    socket.destroy();
  }
}

it('serves the program’s own client on a socket of this user only', async () => {
  const served = await serveLab(createLab(), path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const hypervisor = await openHypervisor(served.uri);
  expect(await hypervisor.listDomains()).toHaveLength(24);
  await hypervisor.close();
  await served.close();
  expect(existsSync(path)).toBe(false);
});

it('ends its clients when it is closed', async () => {
  const served = await serveLab(createLab(), path);
  const hypervisor = await openHypervisor(served.uri);
  await served.close();
  expect(await hypervisor.closed).toMatchObject({ kind: 'closed' });
});

it('replaces a socket that nobody serves any more', async () => {
  const server = createServer().listen(path);
  await once(server, 'listening');
  const { lab, clock } = stillLab();
  await expect(serveLab(lab, path)).rejects.toThrow(`${path} is served already`);
  await new Promise((resolve) => server.close(resolve));
  const first = await serveLab(lab, path);
  lab.refuse(5);
  await expect.poll(attempt).toBe('ECONNREFUSED');
  const { lab: other } = stillLab();
  const second = await serveLab(other, path);
  expect(await attempt()).toBe('open');
  await second.close();
  clock.advance(1);
  await first.close();
});

it('does not touch what is no socket', async () => {
  writeFileSync(path, 'precious');
  await expect(serveLab(createLab(), path)).rejects.toThrow('is no socket');
});

it('refuses connections for a while, as a dead daemon’s socket does', async () => {
  const { lab, clock } = stillLab();
  const served = await serveLab(lab, path);
  const hypervisor = await openHypervisor(served.uri);
  lab.refuse(5);
  await expect.poll(attempt).toBe('ECONNREFUSED');
  expect((await hypervisor.hostInfo()).hostname).toBe('lab');
  clock.advance(5000);
  await expect.poll(attempt).toBe('open');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await hypervisor.close();
  await served.close();
});
