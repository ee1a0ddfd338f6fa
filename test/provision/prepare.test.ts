import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { NetworkListing } from '../../source/libvirt/networks.js';
import { volumeXml } from '../../source/libvirt/xml/volume-xml.js';
import { hashPassword } from '../../source/provision/cloud-init/password.js';
import type { ImageSource } from '../../source/provision/images/image-source.js';
import { consoleLine, outcomeText, sshLine } from '../../source/provision/outcome-text.js';
import type { Finding } from '../../source/provision/plan.js';
import type { VmRequest } from '../../source/provision/request/vm-request.js';
import { access, CreationBed } from './bed.js';
import { Site } from './images/site.js';

const made = { name: 'web-1', user: 'isabell' };
let bed: CreationBed;

afterEach(() => bed?.end());

const told = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ level, field, message }) => `${level} ${field}: ${message}`);

async function findingsOf(change: Partial<VmRequest>): Promise<readonly string[]> {
  return told((await bed.prepare(bed.request(change))).findings);
}

test('a plan that nothing is in the way of: its steps, and what it comes to', async () => {
  bed = await CreationBed.make();
  const { plan, findings } = await bed.prepare(bed.request());
  expect(told(findings)).toEqual([]);
  expect(plan?.shared.map(({ title }) => title)).toEqual([
    expect.stringMatching(/^Upload small-[0-9a-f]{8}\.raw to the pool default$/),
  ]);
  const [machine] = plan?.machines ?? [];
  expect(machine?.steps.map(({ title }) => title)).toEqual([
    'Make the disk web-1.qcow2 (10 GiB) on the image, in the pool default',
    'Make the seed web-1-seed.iso for cloud-init, in the pool default',
    'Define the domain web-1',
    'Start the domain web-1',
  ]);
  expect(machine?.domainXml).toContain('<source file="/var/lib/libvirt/images/web-1.qcow2"/>');
  expect(machine?.domainXml).toMatch(/<target dev="sda" bus="scsi"\/>[\s\S]*model="virtio-scsi"/);
  expect(machine?.domainXml).toContain('org.qemu.guest_agent.0');
  expect(machine?.domainXml).toContain('mode="host-passthrough"');
  expect(machine).toMatchObject({ waiting: 'agent', user: 'isabell', started: true });
  expect(machine?.seedFiles.get('user-data')).toContain('isabell');
});

test('nothing is made by looking', async () => {
  bed = await CreationBed.make();
  const before = await bed.world();
  await bed.prepare(bed.request());
  expect(await bed.world()).toEqual(before);
});

test('everything that is wrong is told at once, each with what to do', async () => {
  bed = await CreationBed.make();
  await bed.create([bed.request()]);
  const { plan, findings } = await bed.prepare(
    bed.request({
      memory: 2 ** 50,
      vcpus: 0,
      firmware: 'uefi',
      machine: 'nonsense',
      disk: { size: 1024 },
      access: { ...access, timezone: 'Mars/Olympus', userData: { path: '/nonexistent', mode: 'merge' } },
    }),
  );
  expect(plan).toBeUndefined();
  const errors = findings.filter(({ level }) => level === 'error');
  expect(new Set(errors.map(({ field }) => field))).toEqual(
    new Set(['name', 'memory', 'vcpus', 'machine', 'disk', 'access']),
  );
  expect(told(errors)).toContain('error name: there is a domain web-1 already');
  expect(told(errors)).toContain('error name: the pool default has a volume web-1.qcow2 already');
  // What belongs to the domain is not to be deleted.
  expect(errors.find(({ message }) => message.includes('volume web-1.qcow2'))?.fix).toBe(
    'Choose another name.',
  );
});

test('a volume of the name, of no domain: how it is deleted', async () => {
  bed = await CreationBed.make();
  await bed.create([bed.request()]);
  await bed.hypervisor.destroy(await bed.hypervisor.lookupDomain('web-1'));
  await bed.hypervisor.undefineDomain(await bed.hypervisor.lookupDomain('web-1'));
  const { findings } = await bed.prepare(bed.request());
  expect(findings.map(({ fix }) => fix)).toEqual(
    ['web-1.qcow2', 'web-1-seed.iso'].map((volume) =>
      expect.stringContaining(`delete it: virtdeck vol delete default ${volume} -c lab:///`),
    ),
  );
});

test('a MAC address, and a disk to import, that another domain has', async () => {
  bed = await CreationBed.make();
  await bed.create([bed.request({ mac: '52:54:00:AA:BB:01' })]);
  expect(await findingsOf({ name: 'web-2', mac: '52:54:00:aa:bb:01' })).toContain(
    'error network: the domain web-1 has the MAC address 52:54:00:aa:bb:01 already',
  );
  const source = { kind: 'import', pool: 'default', volume: 'web-1.qcow2' } as const;
  expect(await findingsOf({ name: 'web-2', source })).toContain(
    'error source: the volume web-1.qcow2 of the pool default is used by domain web-1',
  );
  expect(await findingsOf({ name: 'web-2', mac: '52:54:00:aa:bb:02' })).toEqual([]);
});

test('a disk that a domain writes to is no image: refused with the way to copy it; its own image is one', async () => {
  bed = await CreationBed.make();
  await bed.create([bed.request({ start: false })]);
  const image = { kind: 'volume', pool: 'default', name: 'web-1.qcow2' } as const;
  const onDisk = bed.request({ name: 'web-2', source: { kind: 'image', image } });
  const { findings, plan } = await bed.prepare(onDisk);
  expect(plan).toBeUndefined();
  expect(findings.filter(({ level }) => level === 'error')).toEqual([
    {
      level: 'error',
      field: 'source',
      message:
        'the volume web-1.qcow2 of the pool default is a disk of the domain web-1 (vda), which writes to it',
      fix:
        'A disk that stands on it breaks when it changes. Shut it down. Then clone it ' +
        '(virtdeck vol clone default web-1.qcow2 NEWNAME -c lab:///), or let the new disk be a full copy of it.',
      options: '--image default/web-1.qcow2 --copy',
    },
  ]);
  const copied = await bed.prepare({ ...onDisk, disk: { mode: 'copy' } });
  expect(copied.plan).toBeDefined();
  expect(copied.findings.map(({ level, message }) => `${level} ${message}`)).toContainEqual(
    expect.stringMatching(/^warning .*which writes to it$/),
  );
  expect((await bed.prepare(bed.request({ name: 'web-3' }))).plan).toBeDefined();
});

test('the image of a file is none any more once a domain has it as its disk', async () => {
  bed = await CreationBed.make();
  await bed.create([bed.request({ start: false })]);
  await bed.hypervisor.undefineDomain(await bed.hypervisor.lookupDomain('web-1'));
  const { pools, volumes } = bed.hypervisor;
  const pool = await pools.lookup('default');
  for (const { name, ...rest } of await volumes.list(pool))
    if (/^web-1/.test(name)) await volumes.delete({ name, ...rest });
  const image = (await volumes.list(pool)).find(({ name }) => /^small-/.test(name));
  const source = { kind: 'import', pool: 'default', volume: image?.name ?? '' } as const;
  await bed.create([bed.request({ name: 'owner', source, start: false })]);
  const { findings } = await bed.prepare(bed.request({ name: 'web-2' }));
  expect(findings.map(({ message }) => message)).toContain(
    `the volume ${image?.name} of the pool default is a disk of the domain owner (vda), which writes to it`,
  );
});

test('a disk that others stand on is not to be imported, but may be stood on', async () => {
  bed = await CreationBed.make();
  await bed.create([bed.request({ start: false })]);
  const pool = await bed.hypervisor.pools.lookup('default');
  const image = (await bed.hypervisor.volumes.list(pool)).find(({ name }) => /^small-/.test(name));
  const source = { kind: 'import', pool: 'default', volume: image?.name ?? '' } as const;
  const { findings } = await bed.prepare(bed.request({ name: 'web-2', source }));
  expect(findings.find(({ level }) => level === 'error')).toMatchObject({
    message: expect.stringContaining('is used by domain web-1, volume default/web-1.qcow2'),
    fix: 'Writing to it destroys what stands on it. Let the new disk stand on it as well',
    options: `--image default/${image?.name}`,
  });
});

test('more vCPUs than the machine can have is told', async () => {
  bed = await CreationBed.make();
  const { findings } = await bed.prepare(bed.request({ vcpus: 1000 }));
  expect(findings.find(({ level, field }) => level === 'error' && field === 'vcpus')?.message).toContain(
    '288',
  );
});

describe('what is not active', () => {
  test('is an error that says how to start it, and a step where that was agreed to', async () => {
    bed = await CreationBed.make();
    await bed.hypervisor.networks.stop(await bed.hypervisor.networks.lookup('default'));
    const { findings } = await bed.prepare(bed.request({ network: { kind: 'network', name: 'default' } }));
    expect(findings).toMatchObject([
      {
        level: 'error',
        field: 'network',
        offer: { does: 'start', byHand: 'virtdeck net start default -c lab:///' },
      },
    ]);
    const agreed = await bed.prepare(bed.request({ startInactive: true }));
    expect(agreed.plan?.shared.map(({ title }) => title)[0]).toBe('Start the network default');
  });

  test('a pool', async () => {
    bed = await CreationBed.make();
    expect(await findingsOf({ pool: 'nas' })).toContain('error pool: the storage pool nas is not active');
    expect(await findingsOf({ pool: 'nas', startInactive: true })).toContain(
      'note pool: the storage pool nas is not active: it is started',
    );
  });
});

describe('a host without the usual network', () => {
  async function withoutNetworks(...keep: readonly string[]): Promise<void> {
    bed = await CreationBed.make();
    const { networks } = bed.hypervisor;
    for (const network of (await networks.list()) as readonly NetworkListing[]) {
      if (keep.includes(network.name)) continue;
      if (network.active) await networks.stop(network);
      if (network.persistent) await networks.undefine(network);
    }
  }

  test('is told so; where that was agreed to it is made and started, and used', async () => {
    await withoutNetworks();
    const { plan, findings } = await bed.prepare(bed.request());
    expect(plan).toBeUndefined();
    expect(findings).toMatchObject([
      {
        level: 'error',
        field: 'network',
        message: 'the host has no network default',
        offer: { does: 'make', byHand: expect.stringMatching(/net-define .*; .*net-start default$/) },
      },
    ]);
    const request = bed.request({ startInactive: true });
    expect(await findingsOf({ startInactive: true })).toEqual([
      'note network: the host has no network default: it is made and started',
    ]);
    const outcomes = await bed.create([request], { wait: { timeout: undefined } });
    expect(outcomes.get('web-1')).toMatchObject({ state: 'up' });
    expect(await bed.world()).toContain('network default true');
  });

  test('is as it was after a creation that failed', async () => {
    await withoutNetworks();
    // They would be on it, and keep it.
    for (const domain of await bed.hypervisor.listDomains())
      if (domain.id >= 0) await bed.hypervisor.destroy(domain);
    bed.lab.faults.add({ fault: 'error', code: 1, procedure: 'DOMAIN_CREATE_WITH_FLAGS', times: 1 });
    await bed.create([bed.request({ startInactive: true })]);
    expect((await bed.world()).filter((line) => line.startsWith('network '))).toEqual([]);
  });

  test('another one is not taken without a word', async () => {
    await withoutNetworks('staging', 'lab', 'isolated', 'spare');
    const { networks } = bed.hypervisor;
    const [other] = ((await networks.list()) as readonly NetworkListing[]).filter(({ active }) => active);
    expect(await findingsOf({})).toContain(
      `note network: there is no network default: the guest is on ${other?.name}`,
    );
  });
});

describe('user-mode networking', () => {
  const text = 'user-mode networking: the guest reaches out, and nobody reaches it, by SSH or otherwise';

  test('is told before anything is made, and no way that leads nowhere after it', async () => {
    bed = await CreationBed.make();
    const request = bed.request({ network: { kind: 'user' } });
    const { plan, findings } = await bed.prepare(request);
    expect(told(findings)).toEqual([`note network: ${text}`]);
    const outcomes = await bed.create([request], { wait: { timeout: undefined } });
    const outcome = outcomes.get('web-1')!;
    expect(outcome).toMatchObject({ state: 'up', found: { address: undefined, all: [] } });
    expect(outcomeText('web-1', outcome)).toBe(
      'web-1 is up; nobody reaches it over its user-mode networking',
    );
    expect(sshLine(made, outcome, undefined)).toBeUndefined();
    expect(consoleLine(plan!.machines[0]!, outcome, 'lab:///')).toBe('virtdeck console web-1 -c lab:///');
  });

  test('a port that leads to the guest is told, and the ssh line goes by it', async () => {
    bed = await CreationBed.make();
    const { plan } = await bed.prepare(bed.request({ network: { kind: 'user' } }));
    const forward = '<portForward proto="tcp"><range start="2222" to="22"/></portForward>';
    const xml = plan!.machines[0]!.domainXml.replace('</interface>', `${forward}</interface>`);
    expect(await findingsOf({ network: { kind: 'user' }, xml })).toEqual([
      'note network: user-mode networking: only 127.0.0.1:2222 of the host leads to the guest, to its port 22',
    ]);
    const found = { reach: { kind: 'forward', host: '127.0.0.1', port: 2222, to: 22 }, all: [] } as const;
    const none = { address: undefined, family: undefined, source: undefined };
    const outcome = { state: 'up', found: { ...found, ...none } } as const;
    expect(sshLine(made, outcome, undefined)).toBe('ssh -p 2222 isabell@127.0.0.1');
  });
});

test('what is not there names what is', async () => {
  bed = await CreationBed.make();
  expect(await findingsOf({ pool: 'none' })).toContain('error pool: there is no storage pool none');
  expect(await findingsOf({ network: { kind: 'network', name: 'none' } })).toContain(
    'error network: there is no network none',
  );
  const source = { kind: 'image', image: { kind: 'volume', pool: 'default', name: 'none.qcow2' } } as const;
  expect(await findingsOf({ source })).toContain('error source: the pool default has no volume none.qcow2');
});

test('a file that is no image', async () => {
  bed = await CreationBed.make();
  const path = join(bed.folder, 'page.qcow2');
  await writeFile(path, '<!DOCTYPE html><html><title>404</title></html>');
  const source = { kind: 'image', image: { kind: 'file', path } } as const;
  expect(await findingsOf({ source })).toEqual([expect.stringMatching(/^error source: .*page\.qcow2/)]);
  const folder = join(bed.folder, 'folder');
  await mkdir(folder);
  const none = { kind: 'image', image: { kind: 'file', path: folder } } as const;
  expect(await findingsOf({ source: none })).toEqual([expect.stringMatching(/is a directory$/)]);
  const missing = { kind: 'image', image: { kind: 'file', path: '/nonexistent.img' } } as const;
  expect(await findingsOf({ source: missing })).toEqual([
    'error source: /nonexistent.img: there is no such file',
  ]);
});

test('a raw file without a boot sector is taken with a warning', async () => {
  bed = await CreationBed.make();
  const path = join(bed.folder, 'root.img');
  await writeFile(path, Buffer.alloc(1_000_000, 0xa5));
  const source = { kind: 'image', image: { kind: 'file', path } } as const;
  expect(await findingsOf({ source })).toEqual([
    expect.stringMatching(
      /^warning source: .*root\.img: it has no boot sector: it may be no image of a disk/,
    ),
  ]);
});

test('a volume whose name only its content tells is not announced under another one', async () => {
  bed = await CreationBed.make();
  const site = await Site.open({ 'small.raw': await readFile(bed.image) });
  try {
    site.etags = false;
    const url = site.url('small.raw');
    const { plan } = await bed.prepare(
      bed.request({ source: { kind: 'image', image: { kind: 'url', url } } }),
    );
    expect(plan?.shared.map(({ title }) => title)).toEqual([
      expect.stringContaining(`Get the image ${url}`),
      `Upload ${url} to the pool default`,
    ]);
  } finally {
    await site.close();
  }
});

test('an installer that is a disk', async () => {
  bed = await CreationBed.make();
  const path = join(bed.folder, 'netinst.iso');
  await writeFile(path, Buffer.concat([Buffer.from('QFI\xfb\0\0\0\x03', 'latin1'), Buffer.alloc(70_000)]));
  const iso = (image: ImageSource) => ({ source: { kind: 'iso', image } as const, access: undefined });
  expect(await findingsOf(iso({ kind: 'file', path }))).toEqual([
    expect.stringMatching(/netinst\.iso: it is no ISO 9660 image but a disk \(qcow2\)$/),
  ]);
  await bed.create([bed.request()]);
  const volume = { kind: 'volume', pool: 'default', name: 'web-1.qcow2' } as const;
  expect(await findingsOf({ name: 'web-2', ...iso(volume) })).toEqual([
    'error source: the volume web-1.qcow2 of the pool default is no ISO image but a disk (qcow2)',
  ]);
});

test('more that is to be taken at once than the disk has', async () => {
  bed = await CreationBed.make();
  const disk = { size: 2 * 1024 ** 3, allocation: 3 * 1024 ** 3 };
  expect(await findingsOf({ disk })).toEqual([
    'error disk: more would be taken at once (3 GiB) than the disk has (2 GiB)',
  ]);
});

test('a host that was given memory since it booted has that too', async () => {
  bed = await CreationBed.make();
  const { hypervisor } = bed;
  const hostInfo = hypervisor.hostInfo.bind(hypervisor);
  hypervisor.hostInfo = async () => ({ ...(await hostInfo()), memory: 1024 ** 2 });
  expect(await findingsOf({ memory: 4 * 1024 ** 3 })).toEqual([]);
});

test('a volume that somebody is uploading is no image yet', async () => {
  bed = await CreationBed.make();
  const { pools, volumes } = bed.hypervisor;
  const pool = await pools.lookup('default');
  for (const name of ['half.raw', 'half.raw.uploading'])
    await volumes.create(pool, volumeXml({ name, capacity: 1_000_000, format: 'raw' }));
  const source = { kind: 'image', image: { kind: 'volume', pool: 'default', name: 'half.raw' } } as const;
  const { findings } = await bed.prepare(bed.request({ source }));
  expect(findings).toMatchObject([
    {
      message: expect.stringContaining('is not whole: it is being uploaded'),
      fix: expect.stringContaining('vol delete default half.raw half.raw.uploading'),
    },
  ]);
});

test('an architecture that the host does not have hides nothing else', async () => {
  bed = await CreationBed.make();
  const network = { kind: 'network', name: 'none' } as const;
  expect(await findingsOf({ arch: 'sparky', pool: 'none', network })).toEqual(
    expect.arrayContaining([
      'error machine: the host runs no guests of sparky',
      'error pool: there is no storage pool none',
      'error network: there is no network none',
    ]),
  );
});

test('without a pool default it is told where the disks go', async () => {
  bed = await CreationBed.make();
  const { pools } = bed.hypervisor;
  const pool = await pools.lookup('default');
  await pools.stop(pool);
  await pools.undefine(pool);
  const [told] = await findingsOf({ source: { kind: 'empty' }, access: undefined });
  expect(told).toMatch(/^note pool: there is no storage pool default: the disks go into \S+$/);
});

test('secrets are masked in what is printed', async () => {
  bed = await CreationBed.make();
  const passwordHash = hashPassword('correct horse');
  const secret = passwordHash.slice(-20);
  const { plan } = await bed.prepare(bed.request({ access: { ...access, passwordHash } }));
  const printed = [...(plan?.machines[0]?.seedFiles.values() ?? [])].join('\n');
  expect(printed).toContain('********');
  expect(printed).not.toContain(secret);
  expect(plan?.machines[0]?.domainXml).not.toContain(secret);
});

test('KVM where the host has it; emulation where it is chosen, without a warning', async () => {
  bed = await CreationBed.make();
  const xmlOf = async (change: Partial<VmRequest>): Promise<string> =>
    (await bed.prepare(bed.request(change))).plan?.machines[0]?.domainXml ?? '';
  expect(await xmlOf({})).toContain('<domain type="kvm">');
  expect(await xmlOf({ virtType: 'qemu' })).toContain('<domain type="qemu">');
  expect(await findingsOf({ virtType: 'qemu' })).toEqual([]);
});

test.each([
  '<&">',
  "a'b",
  '$(reboot)',
  '`id`',
  'ä ö',
  '日本',
  'a;b',
  '{"a":1}',
  '%s',
  '-',
  'null',
  'x: y',
  '# no',
])('a name of %j is a name and nothing else, all the way to the guest', async (name) => {
  bed = await CreationBed.make();
  if (name === '-') return expect(await findingsOf({ name })).toHaveLength(1);
  const outcomes = await bed.create([bed.request({ name })], { wait: { timeout: 60_000 } });
  expect(outcomes.get(name)?.state).toBe('up');
  const domain = await bed.hypervisor.lookupDomain(name);
  expect(domain.name).toBe(name);
  const world = await bed.world();
  expect(world).toContain(`volume default/${name}.qcow2`);
  expect(world).toContain(`volume default/${name}-seed.iso`);
});

test('a fixed address asks for no lease: without an agent there is nothing to wait for', async () => {
  bed = await CreationBed.make();
  const network = { addresses: ['192.168.122.7/24'], nameservers: [] };
  const waiting = async (change: Partial<typeof access>) =>
    (await bed.prepare(bed.request({ access: { ...access, ...change } }))).plan?.machines[0]?.waiting;
  expect(await waiting({ agent: false })).toBe('lease');
  expect(await waiting({ agent: false, network })).toBe('none');
  expect(await waiting({ network })).toBe('agent');
});

describe('pools that hold no files', () => {
  async function pool(type: string, source: string): Promise<string> {
    const { pools } = bed.hypervisor;
    const xml = `<pool type="${type}"><name>other</name><source>${source}</source><target><path>/dev/vg0</path></target></pool>`;
    const made = await pools.define(xml);
    await pools.start(made);
    return 'other';
  }

  test('a disk that is a device is called one', async () => {
    bed = await CreationBed.make();
    const name = await pool('logical', '<device path="/dev/sdb"/><name>vg0</name>');
    const { plan } = await bed.prepare(
      bed.request({ source: { kind: 'empty' }, access: undefined, pool: name }),
    );
    expect(plan?.machines[0]?.domainXml).toMatch(
      /<disk type="block"[\s\S]*<source dev="\/dev\/vg0\/web-1"\/>/,
    );
  });

  test('what is reached over the network is not offered', async () => {
    bed = await CreationBed.make();
    const name = await pool('rbd', '<name>rbd</name><host name="ceph"/>');
    const findings = await findingsOf({ source: { kind: 'empty' }, access: undefined, pool: name });
    expect(findings).toContain('error pool: disks in the pool other (rbd) are not offered here');
  });
});
