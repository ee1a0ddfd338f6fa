import type { HostFacts } from '../world/host.js';

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
