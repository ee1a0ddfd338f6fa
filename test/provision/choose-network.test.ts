import { expect, it } from 'vitest';
import type { Hypervisor } from '../../source/libvirt/hypervisor.js';
import { chooseNetwork } from '../../source/provision/choose-network.js';
import type { HostFacts } from '../../source/provision/host-facts.js';

it('the way from a session to the host with networks is a command that can be typed as it is told', async () => {
  const facts = { networks: [], info: { uri: 'qemu:///session' } } as unknown as HostFacts;
  const request = { name: 'web-1', startInactive: false };
  const { findings } = await chooseNetwork({} as Hypervisor, request, facts, {
    connection: undefined,
    local: false,
  });
  expect(findings.map(({ fix }) => fix)).toEqual([
    "The system's host has networks: virtdeck create web-1 -c qemu:///system",
  ]);
});
