import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { networkXml } from '../../source/libvirt/xml/network-xml.js';
import { bridgeFindings } from '../../source/provision/network-checks.js';
import type { Access, VmRequest } from '../../source/provision/request/vm-request.js';
import { access, CreationBed } from './bed.js';

let bed: CreationBed;

afterEach(() => bed?.end());

type Fixed = Partial<Extract<NonNullable<Access['network']>, { addresses: unknown }>>;

function request(addresses: readonly string[], change: Fixed = {}, of: Partial<VmRequest> = {}): VmRequest {
  return bed.request({ access: { ...access, network: { addresses, nameservers: [], ...change } }, ...of });
}

async function findingsOf(...addresses: readonly string[]): Promise<readonly string[]> {
  const { findings } = await bed.prepare(request(addresses));
  return findings.map(({ level, part, message }) => `${level} ${part}: ${message}`);
}

test('an address that is not one of the network, or is the network’s own', async () => {
  bed = await CreationBed.make();
  expect(await findingsOf('192.168.122.77/24')).toEqual([]);
  expect(await findingsOf('10.0.0.5')).toHaveLength(1);
  expect(await findingsOf('192.168.122.1/24')).toEqual([
    'error network.addresses.0: it is the address of the network default itself',
  ]);
  const outside =
    'it is not one of the network default, which has 192.168.122.0/24: nobody reaches the guest by it';
  expect(await findingsOf('10.1.2.3/24')).toEqual([`error network.addresses.0: ${outside}`]);
  expect(await findingsOf('192.168.122.77/24', '10.1.2.3/24')).toEqual([
    `warning network.addresses.1: ${outside}`,
  ]);
});

test('an address that another guest has by DHCP', async () => {
  bed = await CreationBed.make();
  const outcomes = await bed.create([bed.request()], { wait: { timeout: 60_000 } });
  const first = outcomes.get('web-1');
  if (first?.state !== 'up') throw new Error('it is not up');
  const { findings } = await bed.prepare(request([`${first.found.address}/24`], {}, { name: 'web-2' }));
  expect(findings.map(({ message }) => message)).toEqual([expect.stringContaining('has it by DHCP')]);
});

async function seedOf(wanted: VmRequest): Promise<string> {
  const { plan } = await bed.prepare(wanted);
  return plan?.machines[0]?.seedFiles.get('network-config') ?? '';
}

test('router and name server are the network’s own where nothing else is said', async () => {
  bed = await CreationBed.make();
  const usual = await seedOf(request(['192.168.122.77/24']));
  expect(usual.match(/192\.168\.122\.1\b/g)).toHaveLength(2);
  const own = await seedOf(
    request(['192.168.122.77/24'], { gateway: '192.168.122.9', nameservers: ['9.9.9.9'] }),
  );
  expect(own).toContain('192.168.122.9');
  expect(own).not.toMatch(/192\.168\.122\.1\b/);
});

test('a network that leads nowhere has no router', async () => {
  bed = await CreationBed.make();
  const { networks } = bed.hypervisor;
  const subnet = { family: 'ipv4', address: '10.9.0.0', prefix: 24 } as const;
  await networks.start(
    await networks.define(networkXml({ name: 'alone', forward: 'isolated', families: [{ subnet }] })),
  );
  const network = { kind: 'network', name: 'alone' } as const;
  expect(await seedOf(request(['10.9.0.7/24'], {}, { network }))).not.toContain('10.9.0.1');
});

test('a bridge of this machine that is none, or not there; of another machine nobody knows', async () => {
  const devices = await mkdtemp(join(tmpdir(), 'vd-devices-'));
  try {
    await mkdir(join(devices, 'br0', 'bridge'), { recursive: true });
    await mkdir(join(devices, 'eth0'));
    const told = async (name: string, local = true): Promise<readonly string[]> =>
      (await bridgeFindings({ network: { kind: 'bridge', name } }, local, devices)).map(
        ({ message }) => message,
      );
    expect(await told('br0')).toEqual([]);
    expect(await told('eth0')).toEqual(['the bridge eth0 is no bridge']);
    expect(await told('br9')).toEqual(['the bridge br9 is not there']);
    expect(await told('br9', false)).toEqual([]);
  } finally {
    await rm(devices, { recursive: true });
  }
});
