import { expect, test } from 'vitest';
import type { CommandIo } from '../../../source/commands/command.js';
import { jsonReport } from '../../../source/commands/create/json.js';
import { textReport } from '../../../source/commands/create/report.js';
import type { Host } from '../../../source/commands/hosts.js';
import { parseConnectionUri } from '../../../source/libvirt/connection-uri.js';
import type { Outcome } from '../../../source/provision/create.js';
import type { MachinePlan } from '../../../source/provision/plan.js';

const uri = 'qemu+ssh://root@lab2/system';
const address = '192.168.122.7';
const rest = { interface: 'eth0', mac: undefined, prefix: 24, family: 'ipv4', source: 'agent' } as const;
const outcome: Outcome = {
  state: 'up',
  found: {
    reach: { kind: 'address', address: { ...rest, address } },
    ...{ address, family: 'ipv4', source: 'agent', all: [address] },
  },
};

test.each([
  ['text', (io: CommandIo) => textReport(io, uri)],
  ['JSON', jsonReport],
])('the ssh line of a VM on a remote host goes through the host, as %s', (_, reportOf) => {
  let stdout = '';
  const write = (text: string) => {
    stdout += text;
  };
  const report = reportOf({ stdout: { write }, stderr: { write: () => {} }, env: {} });
  const hypervisor = { endpoint: parseConnectionUri(uri).endpoint } as Host['hypervisor'];
  report.begin({ label: uri, hypervisor }, [{ name: 'web-1', user: 'isabell' } as MachinePlan]);
  report.event({ type: 'end', machine: 'web-1', outcome });
  expect(stdout).toContain('ssh -J root@lab2 isabell@192.168.122.7');
});
