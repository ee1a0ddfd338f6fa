import type { ActionOutcome } from '../../../inventory/action-runner.js';
import type { Network } from '../../../inventory/object-types.js';
import { isAddress } from '../../../libvirt/ip.js';
import type { StaticHost } from '../../../libvirt/xml/network-xml.js';
import type { Form, Problem, Values } from '../../kit/form/form.js';
import { parentOf } from './address-rows.js';
import { factsOf } from './network-facts.js';

/**
 * The form of an address that DHCP keeps for a guest.
 *
 * @param add does it; the index is that of the `<ip>` the address lies in
 */
export function staticHostForm(
  network: Network,
  add: (host: StaticHost, parentIndex: number) => Promise<ActionOutcome>,
): Form {
  return {
    id: `static host ${network.uuid}`,
    title: `New static DHCP host of the network ${network.name}`,
    initial: { mac: '', ip: '', name: '' },
    action: 'Add',
    fields: () => [
      { id: 'mac', label: 'MAC address', kind: 'text', hint: 'e.g. 52:54:00:12:34:56' },
      { id: 'ip', label: 'IP address', kind: 'text' },
      { id: 'name', label: 'Name', kind: 'text', hint: 'empty: none' },
    ],
    problems: (values) => hostProblems(values, network),
    submit: ({ mac = '', ip = '', name = '' }) =>
      add({ mac: mac.toLowerCase(), id: undefined, name: name || undefined, ip }, parentOf(network, ip)),
  };
}

/** What is wrong with a static host, before libvirt is asked. */
function hostProblems({ mac = '', ip = '', name = '' }: Values, network: Network): readonly Problem[] {
  const problems: Problem[] = [];
  const hosts = factsOf(network)?.families.flatMap((family) => family.hosts) ?? [];
  if (!/^([\da-f]{2}:){5}[\da-f]{2}$/i.test(mac))
    problems.push({ field: 'mac', message: 'write it like 52:54:00:12:34:56' });
  else if (hosts.some((host) => host.mac?.toLowerCase() === mac.toLowerCase()))
    problems.push({ field: 'mac', message: 'an address is kept for it already' });
  if (!isAddress(ip)) problems.push({ field: 'ip', message: `"${ip}" is no IP address` });
  else if (parentOf(network, ip) === -1)
    problems.push({ field: 'ip', message: `${ip} is outside of the network` });
  else if (hosts.some((host) => host.ip === ip))
    problems.push({ field: 'ip', message: `${ip} is kept for another guest already` });
  if (/[\s/<>&]/.test(name))
    problems.push({ field: 'name', message: 'a host name has letters, digits, dashes and dots' });
  return problems;
}
