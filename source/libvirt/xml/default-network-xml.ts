/**
 * The network that libvirt installs as "default" (its src/network/default.xml.in), with the bridge that its
 * packages name it. Without UUID and MAC: libvirt makes them.
 */
export const defaultNetworkXml = `<network>
  <name>default</name>
  <forward mode='nat'/>
  <bridge name='virbr0' stp='on' delay='0'/>
  <ip address='192.168.122.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='192.168.122.2' end='192.168.122.254'/>
    </dhcp>
  </ip>
</network>
`;
