import { expect, test } from 'vitest';
import { DomainState } from '../../source/libvirt/domain-state.js';
import type { Hypervisor, InterfaceAddress } from '../../source/libvirt/hypervisor.js';
import { awaitAddress } from '../../source/provision/address.js';

const mac = '52:54:00:15:50:01';
const domain = { name: 'web-1', uuid: 'u', id: 1 };
const xml = `<domain><name>web-1</name><devices>
  <interface type="network"><mac address="${mac}"/><source network="lan"/></interface></devices></domain>`;
const lease = (address: string): InterfaceAddress => ({
  interface: 'vnet0',
  mac,
  family: 'ipv4',
  address,
  prefix: 24,
});

/** A host where each look finds the next of `looks`, in the end the last one; expiry grows with the address. */
function hostWith(looks: readonly (readonly string[])[]): Hypervisor {
  let look = -1;
  return {
    onEvent: () => () => {},
    closed: new Promise(() => {}),
    domainXml: async () => xml,
    domainStats: async () => [{ ...domain, state: DomainState.running, reason: 1 }],
    interfaceAddresses: async () => {
      look = Math.min(look + 1, looks.length - 1);
      return looks[look]?.map(lease);
    },
    networks: {
      lookup: async (name: string) => ({ name, uuid: 'n' }),
      leases: async () =>
        (looks[look] ?? []).map((address) => ({ ...lease(address), expires: Number(address.split('.')[3]) })),
    },
  } as unknown as Hypervisor;
}

test('the lease of an initramfs is not told: the system asks by another client id a moment later', async () => {
  const host = hostWith([[], ['10.0.0.80'], ['10.0.0.80'], ['10.0.0.82', '10.0.0.80']]);
  const found = await awaitAddress(host, domain, {
    source: 'lease',
    signal: new AbortController().signal,
    timeout: undefined,
    onProgress: () => {},
    connect: undefined,
    every: 1,
  });
  expect(found).toMatchObject({ address: '10.0.0.82', source: 'lease', all: ['10.0.0.82'] });
});
