import { expect, it } from 'vitest';
import { diskAllocation, hostInterface } from '../../source/lab/world/counters.js';
import type { LabDomain } from '../../source/lab/world/domain.js';
import { DomainState, stateName } from '../../source/libvirt/domain-state.js';
import { domainWhere } from '../lab/bed.js';
import { requires } from '../support/requirements.js';
import { isWell, pairs, rows, virshBed } from './lab-virsh-bed.js';

/** libvirt's own client against the lab: an independent witness for the codecs and the XML. */

const bed = virshBed();
const all = (): LabDomain[] => [...bed.lab.world.domains.values()];
const byName = (domains: LabDomain[]) => domains.map(({ name }) => name).sort();

requires('libvirtd')('virsh lists', () => {
  it('all domains with their ids and states', async () => {
    const listed = rows(await bed.virsh('list', '--all'));
    const known = all().map(({ id, name, state }) => [id < 0 ? '-' : String(id), name, stateName(state)]);
    expect(listed.sort()).toEqual(known.sort());
  });

  it.each<[string, (domain: LabDomain) => boolean]>([
    ['--state-running', (d) => d.state === DomainState.running],
    ['--state-paused', (d) => d.state === DomainState.paused],
    ['--state-shutoff', (d) => d.state === DomainState.shutOff],
    ['--state-other', (d) => [DomainState.crashed, DomainState.pmSuspended].includes(d.state as 6)],
    ['--inactive', (d) => !d.active],
    ['--persistent', (d) => d.persistent],
    ['--transient', (d) => !d.persistent],
    ['--autostart', (d) => d.autostart],
    ['--no-autostart', (d) => !d.autostart],
    ['--with-managed-save', (d) => d.managedSave],
    ['--without-managed-save', (d) => !d.managedSave],
    ['--with-snapshot', () => false],
    ['--without-snapshot', () => true],
  ])('what %s lets through', async (flag, test) => {
    const names = (await bed.virsh('list', '--all', '--name', flag))
      .split('\n')
      .filter((name) => name !== '');
    // "--inactive" alone would be all that is not active; with "--all" virsh keeps to both.
    const expected = flag === '--inactive' ? all() : all().filter(test);
    expect(names.sort()).toEqual(byName(expected));
  });

  it('titles', async () => {
    const domain = domainWhere(bed.lab, (d) => d.definition.title !== undefined);
    expect(await bed.virsh('list', '--all', '--title')).toContain(domain.definition.title);
  });
});

requires('libvirtd')('virsh says of a domain', () => {
  it('what dominfo has', async () => {
    for (const domain of [domainWhere(bed.lab, isWell), domainWhere(bed.lab, (d) => !d.active)]) {
      const info = pairs(await bed.virsh('dominfo', domain.name), /:\s+/);
      expect(info).toMatchObject({
        Id: domain.active ? String(domain.id) : '-',
        Name: domain.name,
        UUID: domain.uuid,
        'OS Type': 'hvm',
        State: stateName(domain.state),
        'CPU(s)': String(domain.definition.vcpus),
        'Max memory': `${domain.definition.memory} KiB`,
        Persistent: domain.persistent ? 'yes' : 'no',
        Autostart: domain.autostart ? 'enable' : 'disable',
        'Managed save': domain.managedSave ? 'yes' : 'no',
        'Security model': 'apparmor',
      });
    }
  });

  it('every statistic', async () => {
    const domain = domainWhere(
      bed.lab,
      (d) => d.state === DomainState.paused && d.definition.disks.length === 1,
    );
    const { definition } = domain;
    const stats = pairs(await bed.virsh('domstats', domain.name), /=/);
    expect(stats).toMatchObject({
      'state.state': '3',
      'balloon.current': String(domain.balloon),
      'balloon.maximum': String(definition.memory),
      'vcpu.current': String(definition.vcpus),
      'vcpu.maximum': String(definition.maxVcpus),
      'net.count': '1',
      'net.0.name': hostInterface(domain, 0),
      'block.count': '1',
      'block.0.name': definition.disks[0]?.target,
      'block.0.path': definition.disks[0]?.source,
      'block.0.capacity': String(definition.disks[0]?.capacity),
      'block.0.allocation': String(diskAllocation(domain, definition.disks[0]!)),
    });
    expect(Number(stats['cpu.time'])).toBeGreaterThan(0);
    // A paused guest stands still: the single calls must say the same as the bulk one.
    const disk = await bed.virsh('domblkstat', domain.name, definition.disks[0]!.target);
    expect(disk).toContain(`rd_bytes ${stats['block.0.rd.bytes']}`);
    const net = await bed.virsh('domifstat', domain.name, hostInterface(domain, 0));
    expect(net).toContain(`rx_bytes ${stats['net.0.rx.bytes']}`);
    const memory = await bed.virsh('dommemstat', domain.name);
    expect(memory).toContain(`rss ${stats['balloon.rss']}`);
  });

  it('the statistics of all, by group and by filter', async () => {
    const text = await bed.virsh('domstats', '--state', '--list-shutoff', '--nowait');
    const names = [...text.matchAll(/^Domain: '(.*)'$/gm)].map(([, name]) => name);
    expect(names.sort()).toEqual(byName(all().filter(({ state }) => state === DomainState.shutOff)));
    expect(text).not.toContain('cpu.time');
  });

  it('its addresses from each source', async () => {
    const domain = domainWhere(bed.lab, (d) => isWell(d) && d.definition.nics[0]?.kind === 'network');
    const mac = domain.definition.nics[0]!.mac;
    const lease = rows(await bed.virsh('domifaddr', domain.name, '--source', 'lease'));
    expect(lease).toEqual([
      [hostInterface(domain, 0), mac, 'ipv4', expect.stringMatching(/^192\.168\.122\.\d+\/24$/)],
    ]);
    const agent = rows(await bed.virsh('domifaddr', domain.name, '--source', 'agent'));
    expect(agent).toContainEqual([domain.definition.os.nic, mac, 'ipv4', lease[0]?.[3]]);
    expect(agent).toContainEqual(['lo', '00:00:00:00:00:00', 'ipv4', '127.0.0.1/8']);
    const arp = rows(await bed.virsh('domifaddr', domain.name, '--source', 'arp'));
    expect(arp[0]?.slice(0, 3)).toEqual([hostInterface(domain, 0), mac, 'ipv4']);
  });

  it('its devices, read out of the XML', async () => {
    const domain = domainWhere(bed.lab, isWell);
    const { disks, nics } = domain.definition;
    expect(rows(await bed.virsh('domblklist', domain.name))).toEqual(
      disks.map(({ target, source }) => [target, source]),
    );
    expect(rows(await bed.virsh('domiflist', domain.name))).toEqual(
      nics.map((nic, index) => [hostInterface(domain, index), nic.kind, nic.source, nic.model, nic.mac]),
    );
    expect(await bed.virsh('domblkinfo', domain.name, disks[0]!.target)).toContain(
      String(disks[0]!.capacity),
    );
    expect((await bed.virsh('vcpuinfo', domain.name)).match(/^VCPU:/gm)).toHaveLength(
      domain.definition.vcpus,
    );
  });
});

requires('libvirtd')('virsh says of the host', () => {
  it('what it is', async () => {
    const { host } = bed.lab.world;
    expect((await bed.virsh('hostname')).trim()).toBe('lab');
    expect((await bed.virsh('uri')).trim()).toBe(bed.served.uri);
    expect(await bed.virsh('version', '--daemon')).toMatch(
      /Running hypervisor: QEMU 7\.2\.22\nRunning against daemon: 9\.0\.0/,
    );
    expect(pairs(await bed.virsh('nodeinfo'), /:\s+/)).toMatchObject({
      'CPU(s)': String(host.sockets * host.cores * host.threads),
      'Memory size': `${host.memory} KiB`,
      'NUMA cell(s)': '1',
    });
    expect(await bed.virsh('capabilities')).toContain(`<uuid>${host.uuid}</uuid>`);
    expect(await bed.virsh('domcapabilities')).toContain('<domain>kvm</domain>');
    expect(await bed.virsh('sysinfo')).toContain('Simulated host');
  });

  it('how it does', async () => {
    const cpu = pairs(await bed.virsh('nodecpustats'), /:\s+/);
    expect(Object.keys(cpu)).toEqual(['user', 'system', 'idle', 'iowait']);
    const percent = pairs(await bed.virsh('nodecpustats', '--percent'), /:\s+/);
    expect(Number.parseFloat(percent.usage ?? '')).toBeGreaterThan(0);
    expect(pairs(await bed.virsh('nodememstats'), /\s*:\s+/)).toMatchObject({
      total: `${bed.lab.world.host.memory} KiB`,
    });
  });
});
