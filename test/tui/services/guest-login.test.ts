import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseConnectionUri } from '../../../source/libvirt/connection-uri.js';
import { DomainState } from '../../../source/libvirt/domain-state.js';
import { openGuestLogin } from '../../../source/tui/services/guest-login.js';
import { Manager } from '../manager-harness.js';

let folder: string;
let manager: Manager;
const address = { interface: 'eth0', mac: '52:54:00:00:00:01', family: 'ipv4', prefix: 24 } as const;
const xml = `<domain><metadata><v:vm xmlns:v="https://virtdeck.dev/domain/1.0" user="isabell"/></metadata>
  <devices><interface type="network"><mac address="${address.mac}"/><source network="default"/></interface></devices></domain>`;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-login-'));
  manager = new Manager((inventory) => {
    inventory.addHost('stardust', [{ name: 'web-1' }]);
  });
});

afterEach(async () => {
  manager.model.dispose();
  await rm(folder, { recursive: true });
});

/** Presses what logs in, where ssh does this; what is then on the terminal, and on the screen. */
async function login(script: string, uri: string, told = xml) {
  const ssh = join(folder, 'ssh');
  await writeFile(ssh, `#!/bin/sh\n${script}\n`);
  await chmod(ssh, 0o755);
  manager.inventory.hypervisor = {
    endpoint: parseConnectionUri(uri).endpoint,
    domainXml: async () => told,
    domainState: async () => ({ state: DomainState.running, reason: 1 }),
    interfaceAddresses: async () => [{ ...address, address: '192.168.122.7' }],
  };
  const [connection] = manager.inventory.store.getState().connections;
  const [domain] = [...(connection?.domains.values() ?? [])];
  if (connection === undefined || domain === undefined) throw new Error('nobody is there');
  let shown = '';
  const output = { write: (data: string | Buffer) => (shown += data.toString()) };
  const environment = { PATH: `${folder}:/usr/bin:/bin`, XDG_RUNTIME_DIR: folder };
  await openGuestLogin({ ...manager.host, environment }, connection.id, domain, output);
  return { shown, message: manager.ui.getState().message };
}

test('ssh gets the terminal, through the host where that is another machine, and leaves the screen as it was', async () => {
  const log = join(folder, 'log');
  const { shown, message } = await login(`echo "$@" > ${log}; exit 3`, 'qemu+ssh://root@lab2/system');
  expect(shown).toBe('ssh -J root@lab2 isabell@192.168.122.7\r\n');
  expect(message).toBeUndefined();
});

test('why ssh failed is on the screen afterwards, and the line to try it by hand', async () => {
  const said = 'channel 0: open failed: connect failed: No route to host\nstdio forwarding failed\n';
  const { shown, message } = await login(`printf '${said}' >&2; exit 255`, 'qemu+ssh://lab2/system');
  expect(shown).toContain(said);
  expect(message).toMatchObject({
    level: 'error',
    text: 'web-1: its host does not reach it: No route to host',
    hint: 'By hand: ssh -J lab2 isabell@192.168.122.7',
  });
});

test('a guest that was made anew is told by the line that forgets its old host key', async () => {
  const said = [
    'WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!',
    'SHA256:abc.',
    '  ssh-keygen -f "/k/known_hosts" -R "192.168.122.7"',
    'Host key verification failed.',
  ];
  const { message } = await login(`printf '${said.join('\\n')}\\n' >&2; exit 255`, 'qemu:///system');
  expect(message?.text).toBe('web-1: its host key has changed: it was made anew, or is another machine');
  expect(message?.hint).toContain('forget the old one: ssh-keygen -f "/k/known_hosts" -R "192.168.122.7"');
});

test('without a way to the guest the terminal stays where it is', async () => {
  const userNet = xml.replace('type="network"', 'type="user"');
  const { shown, message } = await login('exit 0', 'qemu:///session', userNet);
  expect(shown).toBe('');
  expect(message).toMatchObject({
    level: 'warning',
    text: 'nobody reaches web-1: it has user-mode networking, and no port of the host leads to it',
  });
  expect((await login('exit 0', 'lab:///')).message?.text).toMatch(/^web-1 is simulated/);
});

test('Ctrl-C while ssh runs is meant for it alone', async () => {
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  process.on('SIGINT', end);
  try {
    await login(`kill -INT ${process.pid}; sleep 0.1; exit 0`, 'qemu:///system');
    expect(ended).toBe(false);
    expect(process.listeners('SIGINT')).toContain(end);
  } finally {
    process.off('SIGINT', end);
  }
});

test('a domain that is off is refused at the key', () => {
  const [connection] = manager.inventory.store.getState().connections;
  const [domain] = [...(connection?.domains.values() ?? [])];
  if (domain === undefined) throw new Error('nobody is there');
  Object.assign(domain, { id: -1 });
  manager.press('j', 'L');
  expect(manager.ui.getState().message?.text).toBe('web-1 is not running');
});
