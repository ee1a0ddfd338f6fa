import { expect, it } from 'vitest';
import { start } from '../../source/lab/world/power.js';
import { domainWhere } from '../lab/bed.js';
import { requires } from '../support/requirements.js';
import { pairs, rows, VirshEvents, virshBed } from './lab-virsh-bed.js';

/** libvirt's own client and the virtual networks of the lab. */

const bed = virshBed();
const all = () => [...bed.lab.world.domains.values()];
const network = (name: string) => bed.lab.world.networks.find(name);

const office = `<network>
  <name>office</name>
  <forward mode='nat'/>
  <ip address='192.168.150.1' netmask='255.255.255.0'>
    <dhcp><range start='192.168.150.2' end='192.168.150.99'/></dhcp>
  </ip>
</network>`;

requires('libvirtd')('virsh sees networks', () => {
  it('in its lists, by what they are', async () => {
    expect(rows(await bed.virsh('net-list', '--all'))).toEqual([
      ['default', 'active', 'yes', 'yes'],
      ['isolated', 'active', 'yes', 'yes'],
      ['staging', 'inactive', 'no', 'yes'],
    ]);
    expect(await bed.virsh('net-list', '--inactive', '--name')).toBe('staging\n\n');
    expect(await bed.virsh('net-list', '--transient', '--name')).toBe('\n');
    expect(await bed.virsh('net-list', '--autostart', '--name')).toBe('default\nisolated\n\n');
  });

  it('with their facts', async () => {
    expect(pairs(await bed.virsh('net-info', 'default'), /:\s+/)).toEqual({
      Name: 'default',
      UUID: network('default').uuid,
      Active: 'yes',
      Persistent: 'yes',
      Autostart: 'yes',
      Bridge: 'virbr0',
    });
    expect((await bed.virsh('net-uuid', 'staging')).trim()).toBe(network('staging').uuid);
    expect((await bed.virsh('net-name', network('staging').uuid)).trim()).toBe('staging');
  });

  it('as XML: running with its guests and ports, at rest without', async () => {
    const live = await bed.virsh('net-dumpxml', 'default');
    const plugged = all().filter(
      ({ active, definition }) => active && definition.nics[0]?.source === 'default',
    );
    expect(live).toContain(`<network connections='${plugged.length}'>`);
    expect(live).toContain("<port start='1024' end='65535'/>");
    const inactive = await bed.virsh('net-dumpxml', 'default', '--inactive');
    expect(inactive).toMatch(/^<network>\n {2}<name>default<\/name>/);
    expect(inactive).toContain("<forward mode='nat'/>");
    expect(inactive).toContain("<range start='192.168.122.2' end='192.168.122.254'/>");
  });

  it('with the leases of the guests that are up', async () => {
    const leases = rows(await bed.virsh('net-dhcp-leases', 'default'));
    const expected = all().filter((d) => d.active && d.hasLease && d.definition.nics[0]?.kind === 'network');
    expect(leases.map(([, , , , name]) => name).sort()).toEqual(expected.map(({ name }) => name).sort());
    const addresses = leases.map(([, , , address]) => address);
    expect(new Set(addresses).size).toBe(leases.length);
    const [, mac = ''] = leases[0] ?? [];
    expect(rows(await bed.virsh('net-dhcp-leases', 'default', mac))).toEqual([leases[0]]);
    expect(rows(await bed.virsh('net-dhcp-leases', 'staging'))).toEqual([]);
  });

  it('with leases of both families on a network that has both', async () => {
    const leases = rows(await bed.virsh('net-dhcp-leases', 'isolated'));
    const families = leases.map(([, , family, , name]) => `${name} ${family}`);
    expect(families).toContain('backup-1 ipv4');
    expect(families).toContain('backup-1 ipv6');
    const fromDomain = await bed.virsh('domifaddr', 'backup-1');
    for (const [, , , address, name] of leases)
      if (name === 'backup-1') expect(fromDomain).toContain(address);
  });
});

requires('libvirtd')('virsh changes networks', () => {
  it('defines, starts, stops and undefines one', async () => {
    await bed.virsh('net-define', bed.file('office.xml', office));
    expect(network('office')).toMatchObject({ active: false, persistent: true, autostart: false });
    const xml = await bed.virsh('net-dumpxml', 'office');
    expect(xml).toContain("<bridge name='virbr3' stp='on' delay='0'/>");
    expect(xml).toMatch(/<mac address='52:54:00:[\da-f:]{8}'\/>/);
    await bed.virsh('net-start', 'office');
    await bed.virsh('net-autostart', 'office');
    expect(network('office')).toMatchObject({ active: true, autostart: true });
    await bed.virsh('net-autostart', 'office', '--disable');
    await bed.virsh('net-undefine', 'office');
    expect(network('office')).toMatchObject({ active: true, persistent: false });
    await bed.virsh('net-destroy', 'office');
    await expect(bed.virsh('net-info', 'office')).rejects.toThrow(
      "Network not found: no network with matching name 'office'",
    );
  });

  it('creates a transient one, which a definition keeps', async () => {
    const file = bed.file('office.xml', office);
    await bed.virsh('net-create', file);
    expect(network('office')).toMatchObject({ active: true, persistent: false });
    await expect(bed.virsh('net-autostart', 'office')).rejects.toThrow(
      'cannot set autostart for transient network',
    );
    const { uuid } = network('office');
    const kept = office.replace('</name>', `</name><uuid>${uuid}</uuid>`).replace('.99', '.50');
    await bed.virsh('net-define', bed.file('kept.xml', kept));
    expect(await bed.virsh('net-dumpxml', 'office')).toContain("end='192.168.150.99'");
    await bed.virsh('net-destroy', 'office');
    expect(await bed.virsh('net-dumpxml', 'office')).toContain("end='192.168.150.50'");
  });

  it('pins a lease to a guest, and lets it go', async () => {
    const guest = domainWhere(
      bed.lab,
      (d) => !d.active && !d.managedSave && d.definition.nics[0]?.source === 'default',
    );
    const mac = guest.definition.nics[0]!.mac;
    const host = (ip: string) => `<host mac='${mac}' name='${guest.name}' ip='192.168.122.${ip}'/>`;
    const update = (command: string, ip: string, ...flags: string[]) =>
      bed.virsh('net-update', 'default', command, 'ip-dhcp-host', host(ip), '--live', '--config', ...flags);
    await update('add', '77');
    await update('modify', '78');
    for (const flag of [[], ['--inactive']]) {
      expect(await bed.virsh('net-dumpxml', 'default', ...flag)).toContain(host('78'));
    }
    start(bed.lab.world, guest);
    await expect.poll(() => guest.hasLease).toBe(true);
    expect(rows(await bed.virsh('net-dhcp-leases', 'default', mac))[0]?.[3]).toBe('192.168.122.78/24');
    expect(await bed.virsh('domifaddr', guest.name)).toContain('192.168.122.78/24');
    await update('delete', '78', '--parent-index', '0');
    expect(rows(await bed.virsh('net-dhcp-leases', 'default', mac))[0]?.[3]).not.toContain('.78/');
  });

  it('changes ranges and names, live or for the next start only', async () => {
    const range = "<range start='10.30.0.50' end='10.30.0.60'/>";
    await bed.virsh('net-update', 'staging', 'add-first', 'ip-dhcp-range', range);
    expect(await bed.virsh('net-dumpxml', 'staging')).toMatch(/<dhcp>\s+<range start='10.30.0.50'/);
    await bed.virsh('net-start', 'staging');
    await bed.virsh('net-update', 'staging', 'delete', 'ip-dhcp-range', range, '--live');
    expect(await bed.virsh('net-dumpxml', 'staging')).not.toContain(range);
    expect(await bed.virsh('net-dumpxml', 'staging', '--inactive')).toContain(range);
    const dns = "<host ip='10.30.0.3'><hostname>mirror</hostname></host>";
    await bed.virsh('net-update', 'staging', 'add', 'dns-host', dns, '--live', '--config');
    expect(await bed.virsh('net-dumpxml', 'staging')).toContain('<hostname>mirror</hostname>');
    await bed.virsh('net-update', 'staging', 'delete', 'dns-host', "<host ip='10.30.0.3'/>", '--live');
    expect(await bed.virsh('net-dumpxml', 'staging')).not.toContain('mirror');
  });

  it('and a stopped one gives no leases, and takes no guests', async () => {
    await bed.virsh('net-destroy', 'default');
    expect(rows(await bed.virsh('net-dhcp-leases', 'default'))).toEqual([]);
    const guest = domainWhere(bed.lab, (d) => !d.active && d.definition.nics[0]?.source === 'default');
    await expect(bed.virsh('start', guest.name)).rejects.toThrow("network 'default' is not active");
  });
});

requires('libvirtd')('virsh is refused, in libvirt’s words', () => {
  it.each([
    ['net-start default', 'Requested operation is not valid: network is already active'],
    ['net-destroy staging', "Requested operation is not valid: network 'staging' is not active"],
    ['net-info nobody', "Network not found: no network with matching name 'nobody'"],
  ])('%s', async (command, message) => {
    await expect(bed.virsh(...command.split(' '))).rejects.toThrow(message);
  });

  const ip = (attributes: string, dhcp = '') =>
    `<network><name>q</name><ip ${attributes}><dhcp>${dhcp}</dhcp></ip></network>`;
  const net = "address='192.168.150.1' netmask='255.255.255.0'";

  it.each([
    ['<network/>', 'missing name information'],
    ['<networ/>', 'unexpected root element <networ>, expecting <network>'],
    ['<network><name>x/y</name></network>', 'invalid char in name: /'],
    ["<network><name>q</name><forward mode='foo'/></network>", "unknown forwarding type 'foo'"],
    [
      "<network><name>q</name><forward mode='nat'/></network>",
      "nat forwarding requested, but no IP address provided for network 'q'",
    ],
    [ip("address='bogus'"), "Invalid address 'bogus' in network 'q'"],
    [
      ip(net, "<range start='192.168.151.2' end='192.168.151.3'/>"),
      'range 192.168.151.2 - 192.168.151.3 is not entirely within network 192.168.150.1/24',
    ],
    [
      ip(net, "<range start='192.168.150.9' end='192.168.150.3'/>"),
      'range 192.168.150.9 - 192.168.150.3 is reversed',
    ],
    ["<network><name>q</name><bridge name='virbr0'/></network>", "bridge name 'virbr0' already in use."],
    ['<network><name>default</name></network>', "network 'default' already exists with uuid"],
  ])('net-define %s', async (xml, message) => {
    await expect(bed.virsh('net-define', bed.file('bad.xml', xml))).rejects.toThrow(message);
  });

  it('two running networks with the same addresses', async () => {
    const twin = office.replaceAll('192.168.150', '192.168.122');
    await bed.virsh('net-define', bed.file('twin.xml', twin));
    await expect(bed.virsh('net-start', 'office')).rejects.toThrow(
      'Network is already in use by interface virbr0',
    );
  });

  const at = 'there is an existing dhcp host entry in network';
  it.each([
    ['add', "<host mac='52:54:00:00:00:02' ip='192.168.150.6'/>", `${at} 'office' that matches`],
    [
      'add',
      "<host mac='52:54:00:00:00:03'/>",
      "Missing IP address in static host definition for network 'office'",
    ],
    ['add', "<host ip='192.168.150.9'/>", "IPv4 network 'office' must have mac or name attribute"],
    ['add', '<foo/>', "unexpected element <foo>, expecting <host>, while updating network 'office'"],
    [
      'delete',
      "<host mac='52:54:00:00:00:03'/>",
      "couldn't locate a matching dhcp host entry in network 'office'",
    ],
    [
      'modify',
      "<host mac='52:54:00:00:00:03' ip='192.168.150.9'/>",
      "couldn't locate an existing dhcp host entry with \"mac='52:54:00:00:00:03'\"",
    ],
  ])('net-update %s %s', async (command, host, message) => {
    const known = "<host mac='52:54:00:00:00:01' ip='192.168.150.6'/>";
    await bed.virsh('net-define', bed.file('office.xml', office));
    await bed.virsh('net-update', 'office', 'add', 'ip-dhcp-host', known);
    await expect(bed.virsh('net-update', 'office', command, 'ip-dhcp-host', host)).rejects.toThrow(message);
  });

  it.each([
    [
      ['modify', 'ip-dhcp-range', "<range start='10.30.0.1' end='10.30.0.2'/>"],
      'dhcp ranges cannot be modified',
    ],
    [['add', 'bridge', "<bridge name='x'/>"], "can't update 'bridge' section of network 'staging'"],
    [
      ['add', 'ip-dhcp-host', "<host mac='52:54:00:00:00:01' ip='10.30.0.9'/>", '--live'],
      'network is not running',
    ],
    [
      ['add', 'ip-dhcp-host', "<host mac='52:54:00:00:00:01' ip='10.30.0.9'/>", '--parent-index', '3'],
      "no <ip> element found at index 3 in network 'staging'",
    ],
  ])('net-update staging %j', async (args, message) => {
    await expect(bed.virsh('net-update', 'staging', ...args)).rejects.toThrow(message);
  });
});

requires('libvirtd')('virsh hears of networks', () => {
  it('what others do, in the order in which it happens', async () => {
    const events = new VirshEvents(bed, 'net-event', '--event', 'lifecycle');
    const staging = await bed.virsh('net-dumpxml', 'staging');
    const again = bed.file('staging.xml', staging);
    await events.ready("'lifecycle' for network staging: Defined", () => bed.virsh('net-define', again));
    await bed.virsh('net-define', bed.file('office.xml', office));
    await bed.virsh('net-start', 'office');
    await bed.virsh('net-destroy', 'office');
    await bed.virsh('net-undefine', 'office');
    await events.hears('office: Undefined');
    const heard = events.heard.filter((line) => line.includes('office'));
    expect(heard.map((line) => line.replace(/.*office: /, ''))).toEqual([
      'Defined',
      'Started',
      'Stopped',
      'Undefined',
    ]);
    await events.end();
  });
});
