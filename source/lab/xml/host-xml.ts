import type { DefaultPool } from '../world/default-pool.js';
import type { HostFacts } from '../world/host.js';
import type { VirtualNetwork } from '../world/virtual-network.js';

/** The host's SMBIOS, as `virsh sysinfo` prints it. */
export function sysinfoXml({ uuid }: HostFacts): string {
  return `<sysinfo type='smbios'>
  <bios>
    <entry name='vendor'>Virtdeck</entry>
    <entry name='version'>lab</entry>
    <entry name='date'>01/01/2025</entry>
  </bios>
  <system>
    <entry name='manufacturer'>Virtdeck</entry>
    <entry name='product'>Simulated host</entry>
    <entry name='uuid'>${uuid}</entry>
  </system>
</sysinfo>
`;
}

export function networkXml({ name, uuid, bridge, mac, stem, prefix, netmask }: VirtualNetwork): string {
  const first = prefix === 24 ? '2' : '0.2';
  const last = prefix === 24 ? '254' : '255.254';
  const host = prefix === 24 ? '1' : '0.1';
  return `<network>
  <name>${name}</name>
  <uuid>${uuid}</uuid>
  <forward mode='nat'>
    <nat>
      <port start='1024' end='65535'/>
    </nat>
  </forward>
  <bridge name='${bridge}' stp='on' delay='0'/>
  <mac address='${mac}'/>
  <ip address='${stem}.${host}' netmask='${netmask}'>
    <dhcp>
      <range start='${stem}.${first}' end='${stem}.${last}'/>
    </dhcp>
  </ip>
</network>
`;
}

export function poolXml({ name, uuid, path, capacity, allocation }: DefaultPool): string {
  return `<pool type='dir'>
  <name>${name}</name>
  <uuid>${uuid}</uuid>
  <capacity unit='bytes'>${capacity}</capacity>
  <allocation unit='bytes'>${allocation}</allocation>
  <available unit='bytes'>${capacity - allocation}</available>
  <source>
  </source>
  <target>
    <path>${path}</path>
    <permissions>
      <mode>0711</mode>
      <owner>0</owner>
      <group>0</group>
    </permissions>
  </target>
</pool>
`;
}
