import { expect, test } from 'vitest';
import { seedFiles } from '../../../source/provision/cloud-init/seed-files.js';
import { userData } from '../../../source/provision/cloud-init/user-data.js';
import { ed25519, example, hash, network, partsOf, read } from './examples.js';

test('a user with sudo takes the place of the one of the image', () => {
  const config = read(userData(example));
  expect(config).toMatchObject({
    hostname: 'web-1',
    manage_etc_hosts: true,
    users: ['default'],
    user: {
      name: 'isabell',
      sudo: 'ALL=(ALL) NOPASSWD:ALL',
      lock_passwd: true,
      ssh_authorized_keys: [ed25519],
    },
    package_update: true,
    packages: ['qemu-guest-agent'],
  });
  expect(config).not.toHaveProperty('ssh_pwauth');
});

test('a user without sudo is the only one, and gets no rights of the image', () => {
  const user = { name: 'isabell', sudo: false, keys: [], passwordHash: hash, shell: '/bin/bash' };
  expect(read(userData({ ...example, user }))).toMatchObject({
    users: [{ name: 'isabell', lock_passwd: false, hashed_passwd: hash, shell: '/bin/bash' }],
    ssh_pwauth: true,
  });
  expect(read(userData({ ...example, user }))).not.toHaveProperty('user');
});

test('root may log in where root is named', () => {
  const user = { name: 'root', sudo: true, keys: [ed25519] };
  const config = read(userData({ ...example, user }));
  expect(config).toMatchObject({ users: [{ name: 'root' }], disable_root: false });
  expect(JSON.stringify(config)).not.toContain('NOPASSWD');
});

test('without an agent and packages nothing is installed, and no list is fetched', () => {
  const config = read(userData({ ...example, agent: false, user: undefined }));
  expect(config).toEqual({ hostname: 'web-1', manage_etc_hosts: true });
});

test('commands run behind the start of the agent, in their order', () => {
  const commands = ['echo "<&">" > /tmp/x', "printf '%s\\n' `id` $(id) é"];
  const { runcmd } = read(userData({ ...example, commands })) as { runcmd: string[] };
  expect(runcmd[0]).toMatch(/systemctl start qemu-guest-agent.*rc-service qemu-guest-agent start/);
  expect(runcmd.slice(1)).toEqual(commands);
});

test('a command cannot make the file a MIME archive', () => {
  const commands = ['echo "MIME-Version: 1.0" | mail root'];
  const text = userData({ ...example, commands });
  expect(text.toLowerCase()).not.toContain('mime-version:');
  expect(read(text).runcmd).toContain(commands[0]);
});

test.each([
  ['a #cloud-config', '#cloud-config\n# by hand\npackages: [htop]\n'],
  ['one that is not ASCII', '#cloud-config\nruncmd: ["echo „é“ 日本 😀"]\n'],
  ['a script', '#!/bin/sh\necho "--virtdeck-"\n\n'],
  ['one without a line end', '#!/bin/sh\nexit 0'],
  ['line ends of Windows', '#cloud-config\r\npackages: [htop]\r\n'],
])('merged, %s stays as it is, before ours that gives way', (_, text) => {
  const parts = partsOf(userData({ ...example, extra: { text, mode: 'merge' } }));
  expect(parts.map((part) => part.text)[0]).toBe(text);
  expect(parts[1]?.headers).toContain('Merge-Type: list(append)+dict(no_replace,recurse_list)+str()');
  expect(read(parts[1]?.text)).toMatchObject({ hostname: 'web-1' });
});

test('an archive is a part of the archive, and a JSON patch changes what is before it', () => {
  const archive =
    'Content-Type: multipart/mixed; boundary="X"\nMIME-Version: 1.0\n\n--X\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n--X--\n';
  const merged = userData({ ...example, extra: { text: archive, mode: 'merge' } });
  expect(merged).toContain(`\n${archive}`);
  const text = '#cloud-config-jsonp\n[{"op": "add", "path": "/runcmd/-", "value": "id"}]\n';
  const parts = partsOf(userData({ ...example, extra: { text, mode: 'merge' } }));
  expect(parts[1]?.text).toBe(text);
});

test('alone, own user-data is all there is, and the keys go to the image by the meta-data', () => {
  const extra = { text: '#cloud-config\r\n{}', mode: 'alone' } as const;
  const { files } = seedFiles({ ...example, extra });
  expect(files.get('user-data')).toBe(extra.text);
  expect(read(files.get('meta-data'))).toEqual({
    'instance-id': example.instanceId,
    'local-hostname': 'web-1',
    'public-keys': [ed25519],
  });
});

test('NoCloud has its files, and a fixed address by the MAC address of the card', () => {
  const { label, files } = seedFiles({
    ...example,
    fqdn: 'web-1.example.org',
    network,
    vendorData: '#!/bin/sh\n',
  });
  expect(label).toBe('cidata');
  expect([...files.keys()]).toEqual(['meta-data', 'user-data', 'network-config', 'vendor-data']);
  expect(read(files.get('meta-data'))).toEqual({
    'instance-id': example.instanceId,
    'local-hostname': 'web-1.example.org',
  });
  expect(read(files.get('network-config'))).toEqual({
    version: 2,
    ethernets: {
      eth0: {
        match: { macaddress: '52:54:00:ab:cd:01' },
        'set-name': 'eth0',
        addresses: network.addresses,
        routes: [{ to: '0.0.0.0/0', via: network.gateway }],
        nameservers: { addresses: network.nameservers },
      },
    },
  });
});

test('the gateway of IPv6 is in the form that cloud-init 22.4 makes a default route of', () => {
  const { files } = seedFiles({ ...example, network: { ...network, gateway: 'fd00::1' } });
  const config = JSON.stringify(read(files.get('network-config')));
  expect(config).toContain('"gateway6":"fd00::1"');
  expect(config).not.toContain('routes');
});

test("a config drive has OpenStack's files", () => {
  const { label, files } = seedFiles({
    ...example,
    datasource: 'configdrive',
    network,
    vendorData: '#!/bin/sh\n',
  });
  expect(label).toBe('config-2');
  expect([...files.keys()].map((path) => path.replace('openstack/latest/', ''))).toEqual([
    'meta_data.json',
    'user_data',
    'network_data.json',
    'vendor_data.json',
  ]);
  const json = (name: string) => JSON.parse(files.get(`openstack/latest/${name}`) ?? '');
  expect(json('meta_data.json')).toEqual({
    uuid: example.instanceId,
    hostname: 'web-1',
    name: 'web-1',
    launch_index: 0,
  });
  expect(json('vendor_data.json')).toEqual({ 'cloud-init': '#!/bin/sh\n' });
  expect(json('network_data.json')).toMatchObject({
    links: [{ ethernet_mac_address: '52:54:00:ab:cd:01', type: 'phy' }],
    networks: [
      {
        type: 'ipv4',
        ip_address: '192.168.122.7',
        netmask: '255.255.255.0',
        routes: [{ gateway: '192.168.122.1' }],
      },
      { type: 'ipv6', ip_address: 'fd00::7/64', routes: [] },
    ],
    services: [
      { type: 'dns', address: '192.168.122.1' },
      { type: 'dns', address: '2606:4700:4700::1111' },
    ],
  });
});
