import { contains, isAddress, nthAddress, parseSubnet } from '../../libvirt/ip.js';
import type { CloudInit, Problem, StaticNetwork } from './request.js';
import { parseYaml } from './strict-yaml.js';

export function networkProblems({ network, datasource }: CloudInit): Problem[] {
  if (network === undefined) return [];
  return 'text' in network ? ownConfigProblems(network.text, datasource) : staticProblems(network);
}

function staticProblems({ mac, addresses, gateway, nameservers }: StaticNetwork): Problem[] {
  const problems: Problem[] = [];
  if (!/^[0-9a-f][02468ace](?::[0-9a-f]{2}){5}$/i.test(mac)) {
    problems.push({ field: 'network.mac', message: 'this is not the MAC address of a card' });
  }
  if (addresses.length === 0) {
    problems.push({
      field: 'network.addresses',
      message: 'give it an address',
      hint: 'e.g. 192.168.122.7/24',
    });
  }
  addresses.forEach((address, index) => {
    const message = addressProblem(address);
    if (message !== undefined) {
      problems.push({
        field: `network.addresses.${index}`,
        message,
        hint: 'e.g. 192.168.122.7/24 or fd00::7/64',
      });
    }
  });
  if (gateway !== undefined) {
    const message = gatewayProblem(gateway, addresses);
    if (message !== undefined) problems.push({ field: 'network.gateway', message });
  }
  nameservers.forEach((server, index) => {
    if (isAddress(server)) return;
    problems.push({
      field: `network.nameservers.${index}`,
      message: 'a name server is given by its address',
    });
  });
  return problems;
}

function addressProblem(address: string): string | undefined {
  const subnet = parseSubnet(address);
  if (subnet === undefined) return 'this is not an address with its prefix';
  const [host = ''] = address.trim().split('/');
  const unusable = subnet.family === 'ipv4' ? /^(?:0|127|2[2-5]\d)\./ : /^(?:::1?$|ff)/i;
  if (unusable.test(host)) return 'this address is not one of a machine';
  if (subnet.family === 'ipv4' && subnet.prefix < 31) {
    if (host === nthAddress(subnet, 0)) return 'this is the address of the network itself';
    if (host === nthAddress(subnet, -1)) return 'this is the broadcast address of the network';
  }
  return undefined;
}

function gatewayProblem(gateway: string, addresses: readonly string[]): string | undefined {
  if (!isAddress(gateway)) return 'a gateway is given by its address';
  // Every IPv6 link has these.
  if (/^fe[89ab][0-9a-f]:/i.test(gateway)) return undefined;
  const subnets = addresses.map(parseSubnet).filter((subnet) => subnet !== undefined);
  if (subnets.length > 0 && !subnets.some((subnet) => contains(subnet, gateway))) {
    return 'the gateway is in none of the networks of the addresses';
  }
  return addresses.some((address) => address.trim().split('/')[0] === gateway)
    ? 'the gateway is another machine, and this is the address of this one'
    : undefined;
}

function ownConfigProblems(text: string, datasource: CloudInit['datasource']): Problem[] {
  const field = 'network.text';
  return datasource === 'nocloud' ? noCloudProblems(field, text) : configDriveProblems(field, text);
}

function noCloudProblems(field: string, text: string): Problem[] {
  const { value, problem } = parseYaml(text);
  if (problem !== undefined) return [{ field, message: `network-config is no valid YAML: ${problem}` }];
  if (!isMapping(value)) return [{ field, message: 'network-config is not a mapping', hint: versions }];
  // Both forms are in use: with everything below "network", and without.
  const config = isMapping(value.network) ? value.network : value;
  if (config.version === 1 || config.version === 2) return [];
  return [{ field, message: 'network-config has no version 1 or 2', hint: versions }];
}

const versions = 'begin it with "version: 2" and "ethernets:"';

/** A config drive has OpenStack's network_data.json; cloud-init reads no network-config from it. */
function configDriveProblems(field: string, text: string): Problem[] {
  const hint = 'give it as network_data.json with links and networks, or take NoCloud';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [{ field, message: 'a config drive takes no network-config, and this is no JSON', hint }];
  }
  if (isMapping(value) && Array.isArray(value.links) && Array.isArray(value.networks)) return [];
  return [{ field, message: "this is not OpenStack's network_data.json", hint }];
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
