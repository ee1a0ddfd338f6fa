import { expect, test } from 'vitest';
import { list } from '../../../source/commands/list/list.js';
import type { AgentInterface } from '../../../source/lab/world/domain.js';
import { domainWhere } from '../../lab/bed.js';
import { servedLabs } from '../served-lab.js';

const serve = servedLabs();

const docker0: AgentInterface = {
  name: 'docker0',
  hwaddr: '02:42:aa:bb:cc:dd',
  addrs: [{ type: 0, addr: '172.17.0.1', prefix: 16 }],
};

/** The address that the list tells of a guest on a network, whose agent answers like this. */
async function told(answer: (mac: string) => readonly AgentInterface[]): Promise<object> {
  const { lab, run } = await serve();
  const domain = domainWhere(
    lab,
    (one) =>
      one.agent === 'connected' && one.active && one.hasLease && one.definition.nics[0]?.source === 'default',
  );
  domain.agentAnswer = answer(domain.definition.nics[0]!.mac);
  const { stdout } = await run(list, '--json');
  const rows: { name: string; address: string; addressSource: string; reach: string }[] = JSON.parse(stdout);
  const { address, addressSource, reach } = rows.find(({ name }) => name === domain.name)!;
  return { address, addressSource, reach };
}

test('the list tells what the agent says of the domain’s own card, not docker0’s, not the lease', async () => {
  const addrs = [{ type: 0, addr: '192.168.155.77', prefix: 24 }];
  expect(await told((hwaddr) => [docker0, { name: 'enp1s0', hwaddr, addrs }])).toEqual({
    address: '192.168.155.77',
    addressSource: 'agent',
    reach: 'address',
  });
});

test('the lease is told while the agent tells nothing that leads to the guest, or what is no address', async () => {
  const odd = ['-oProxyCommand=x', '', '1.2.3', 'fe80::1%eth0', '\u001b[2J', '0x7f.1', 'localhost'];
  const addrs = odd.map((addr) => ({ type: 0, addr, prefix: 0 }));
  expect(await told((hwaddr) => [docker0, { name: 'enp1s0', hwaddr, addrs }])).toEqual({
    address: expect.stringMatching(/^192\.168\.122\.\d+$/),
    addressSource: 'lease',
    reach: 'address',
  });
});
