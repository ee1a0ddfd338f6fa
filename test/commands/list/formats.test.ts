import { describe, expect, it } from 'vitest';
import { formatCsv, formatJson, formatNames, formatTable } from '../../../source/commands/list/formats.js';
import { list } from '../../../source/commands/list/list.js';
import type { ListRow } from '../../../source/commands/list/rows.js';
import { dataFor } from '../../../source/text/safe.js';

const web: ListRow = {
  connection: 'qemu:///system',
  id: 3,
  name: 'web-1',
  uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f',
  state: 'running',
  reason: 'booted',
  stateText: 'running',
  vcpus: 2,
  cpuPercent: 12.34,
  cpuTime: 61_000_000_000,
  memoryUsed: 524_288,
  memory: 1_048_576,
  maxMemory: 2_097_152,
  address: '192.168.122.171',
  addressSource: 'agent',
  reach: {
    kind: 'address',
    address: {
      interface: 'enp1s0',
      mac: '52:54:00:00:00:01',
      family: 'ipv4',
      address: '192.168.122.171',
      prefix: 24,
      source: 'agent',
    },
  },
};
const off: ListRow = {
  ...web,
  reach: undefined,
  id: undefined,
  name: 'old-test',
  state: 'shut off',
  reason: 'failed',
  stateText: 'shut off (failed)',
  cpuPercent: undefined,
  cpuTime: undefined,
  memoryUsed: undefined,
  memory: undefined,
  maxMemory: undefined,
  address: undefined,
  addressSource: undefined,
};

describe('the table', () => {
  it('has the columns of virsh list first, and a dash for what is not known', () => {
    expect(formatTable([web, off], { severalHosts: false })).toBe(
      [
        ' Id   Name       State               vCPU   CPU %            Memory   Address',
        '-----------------------------------------------------------------------------------------------',
        ' 3    web-1      running                2    12.3    0.5 /    1 GiB   192.168.122.171 (agent)',
        ' -    old-test   shut off (failed)      2       -                 -   -',
        '',
        '',
      ].join('\n'),
    );
  });

  it('shows CPU time where no percentage was measured', () => {
    const text = formatTable([{ ...web, cpuPercent: undefined }], { severalHosts: false });
    expect(text).toContain('CPU time');
    expect(text).toContain('1m 1s');
  });

  it('names the host of each row when there are several', () => {
    expect(formatTable([web], { severalHosts: true })).toMatch(/Connection\n[\s\S]*qemu:\/\/\/system\n/);
  });

  it('keeps columns straight for wide names and lets no control character out', () => {
    const rows = [
      { ...web, name: '日本語' },
      { ...web, name: 'a\u001b[31mb\nc' },
    ];
    const lines = formatTable(rows, { severalHosts: false }).split('\n').slice(2, 4);
    expect(lines[1]).not.toMatch(/[\u0000-\u001f]/);
    // Each of the three characters takes two cells.
    expect((lines[0] ?? '').indexOf('running') + 3).toBe((lines[1] ?? '').indexOf('running'));
  });
});

describe('the forms for scripts', () => {
  it('has fields that the help tells, each of them', () => {
    const [row] = JSON.parse(formatJson([web]));
    for (const field of Object.keys(row)) expect(list.usage).toMatch(new RegExp(`\\b${field}\\b`));
  });

  it('writes JSON with null for what is not known', () => {
    const [first, second] = JSON.parse(formatJson([web, off]));
    expect(first).toEqual({
      connection: 'qemu:///system',
      id: 3,
      name: 'web-1',
      uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f',
      state: 'running',
      reason: 'booted',
      vcpus: 2,
      cpuPercent: 12.3,
      cpuTimeNs: 61_000_000_000,
      memoryUsedKiB: 524_288,
      memoryKiB: 1_048_576,
      maxMemoryKiB: 2_097_152,
      address: '192.168.122.171',
      addressSource: 'agent',
      reach: 'address',
      forward: null,
    });
    expect(second.id).toBeNull();
    expect(second.address).toBeNull();
  });

  it('keeps odd names whole in JSON, and harmless to a terminal', () => {
    const name = 'x\u001b[2J\u009b31m\u202e"\n';
    const text = formatJson([{ ...web, name }]);
    expect(JSON.parse(text)[0].name).toBe(name);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  it('gives names to a pipe as they are, so that they can be asked for, and none that acts on a terminal', () => {
    const name = 'a\u001b[2Jb\u00ad\u202e\u200bc';
    for (const text of [formatNames([{ ...web, name }]), formatCsv([{ ...web, name }])]) {
      expect(dataFor({}, text)).toContain(name);
      expect(dataFor({ isTTY: true }, text)).toContain('a·[2Jb···c');
    }
    const twoLines = [{ ...web, name: 'web-1\ndb-1' }];
    expect(formatNames(twoLines)).toBe('web-1 db-1\n');
  });

  it('quotes CSV cells that need it', () => {
    const lines = formatCsv([{ ...web, name: 'a,"b"' }]).split('\r\n');
    expect(lines[0]).toMatch(/^connection,id,name,uuid,state,/);
    expect(lines[1]).toContain('"a,""b"""');
    expect(lines.at(-1)).toBe('');
  });

  it('writes names one a line', () => {
    expect(formatNames([web, off])).toBe('web-1\nold-test\n');
  });
});
