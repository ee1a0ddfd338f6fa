import { describe, expect, test } from 'vitest';
import { createBed } from './bed.js';

const bed = createBed();

function read(stdout: string): { readonly type: string; readonly [field: string]: unknown }[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('every line is an object; the last one tells what came of it all', async () => {
  const { code, stdout, stderr } = await bed.make('web-1', '--json');
  const lines = read(stdout);
  expect([code, stderr]).toEqual([0, '']);
  expect(lines.filter(({ type }) => type === 'step').map(({ step, state }) => `${step} ${state}`)).toEqual(
    ['base', 'disk', 'seed', 'define', 'start'].flatMap((step) => [`${step} running`, `${step} done`]),
  );
  const ssh = expect.stringMatching(/^ssh isabell@192\.168\.122\.\d+$/);
  expect(lines.slice(-2)).toEqual([
    expect.objectContaining({ type: 'end', machine: 'web-1', state: 'up', source: 'agent', ssh }),
    {
      type: 'result',
      code: 0,
      host: bed.uri,
      machines: [{ name: 'web-1', state: 'up', address: expect.any(String), reach: 'address', ssh }],
    },
  ]);
  expect(lines.filter(({ type }) => type === 'address').at(-1)).toMatchObject({ agentConnected: true });
});

describe('what goes wrong is a line as well, and the result has the exit code', () => {
  test('a wrong command line', async () => {
    const { code, stdout, stderr } = await bed.make('web-1', '--json', '--vcpus', '0');
    expect([code, stderr]).toEqual([2, '']);
    expect(read(stdout)).toEqual([
      expect.objectContaining({ type: 'error', message: '--vcpus is a whole number above 0, not 0' }),
      { type: 'result', code: 2, machines: [] },
    ]);
  });

  test('a host that is not there', async () => {
    await bed.close();
    const { code, stdout, stderr } = await bed.make('web-1', '--json');
    expect([code, stderr]).toEqual([1, '']);
    expect(read(stdout)).toEqual([
      expect.objectContaining({ type: 'error', message: expect.stringContaining('no socket') }),
      expect.objectContaining({ type: 'result', code: 1, machines: [] }),
    ]);
  });

  test('findings', async () => {
    await bed.make('web-1', '--no-wait');
    const { code, stdout } = await bed.make('web-1', '--json');
    expect(code).toBe(1);
    const lines = read(stdout);
    expect(lines[0]).toMatchObject({ type: 'error', field: 'name', hint: 'Choose another name.' });
    expect(lines.at(-1)).toMatchObject({ type: 'result', code: 1, host: bed.uri, machines: [] });
  });

  test('a step', async () => {
    bed.lab.faults.add({
      fault: 'error',
      code: 38,
      procedure: 'DOMAIN_CREATE_WITH_FLAGS',
      message: 'no space',
    });
    const { code, stdout } = await bed.make('web-1', '--json');
    expect(code).toBe(1);
    const lines = read(stdout);
    expect(lines.filter(({ type, state }) => type === 'undo' && state === 'done')).not.toEqual([]);
    expect(lines.filter(({ type }) => type === 'end')).toEqual([
      { type: 'end', machine: 'web-1', state: 'failed', message: 'no space', step: 'start', left: [] },
    ]);
    expect(lines.at(-1)).toEqual({
      type: 'result',
      code: 1,
      host: bed.uri,
      machines: [{ name: 'web-1', state: 'failed' }],
    });
  });
});

test('--dry-run: the plan of each machine', async () => {
  const { code, stdout } = await bed.make('web-1', '--dry-run', '--json', '--count', '2');
  const [plan, result, ...more] = read(stdout);
  expect([code, more]).toEqual([0, []]);
  expect(plan).toMatchObject({
    type: 'plan',
    machines: [
      { name: 'web-1', user: 'isabell', seed: { 'user-data': expect.stringContaining('isabell') } },
      { name: 'web-2' },
    ],
  });
  expect(result).toMatchObject({ type: 'result', code: 0 });
});

test('characters that a terminal acts on are escaped, and are the same after parsing', async () => {
  const message = 'no\u009b31m space\u202e \u001b[2J';
  bed.lab.faults.add({ fault: 'error', code: 38, procedure: 'DOMAIN_CREATE_WITH_FLAGS', message });
  const { stdout } = await bed.make('web-1', '--json');
  expect(stdout).not.toMatch(/[\u009b\u202e\u001b]/);
  expect(read(stdout)).toContainEqual(expect.objectContaining({ type: 'end', message }));
});
