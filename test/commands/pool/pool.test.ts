import { describe, expect, test } from 'vitest';
import { pool } from '../../../source/commands/pool/pool.js';
import { openHypervisor } from '../../../source/libvirt/open.js';
import { done, servedLabs } from '../served-lab.js';

const serve = servedLabs();

test('list: sizes of those that are active', async () => {
  const { run } = await serve();
  expect((await run(pool, 'list', '--all')).stdout).toMatch(
    new RegExp(
      [
        '^ Name +State +Autostart +Type +Capacity +Allocation +Available +Path\n-+',
        ' default +running +yes +dir +6 TiB +\\S+ TiB +\\S+ TiB +/var/lib/libvirt/images',
        ' isos +running +yes +dir +200 GiB +\\S+ GiB +\\S+ GiB +/var/lib/libvirt/isos',
        ' nas +inactive +no +netfs +- +- +- +/var/lib/libvirt/nas\n\n$',
      ].join('\n'),
    ),
  );
  const [first, ...others] = JSON.parse((await run(pool, 'list', '--json')).stdout);
  expect(first).toMatchObject({ name: 'default', state: 'running', autostart: true, type: 'dir' });
  expect(first.capacity).toBe(first.allocation + first.available);
  expect(others.map(({ name }: { name: string }) => name)).toEqual(['isos']);
  const inactive = JSON.parse((await run(pool, 'list', '--json', '--inactive')).stdout);
  expect(inactive).toMatchObject([{ name: 'nas', state: 'inactive' }]);
});

test('the life of a pool', async () => {
  const { run } = await serve();
  expect(await run(pool, 'start', 'nas')).toEqual(done("Pool 'nas' started\n"));
  expect(await run(pool, 'refresh', 'nas', 'default')).toMatchObject({ code: 0, stderr: '' });
  expect(await run(pool, 'autostart', 'nas', 'on')).toEqual(done("Pool 'nas': autostart on\n"));
  expect(JSON.parse((await run(pool, 'list', '--json')).stdout)[2]).toMatchObject({
    name: 'nas',
    active: true,
    autostart: true,
  });
  expect(await run(pool, 'stop', 'nas')).toEqual(done("Pool 'nas' stopped\n"));
  expect((await run(pool, 'dumpxml', 'nas')).stdout).toMatch(/^<pool type=.netfs.>/);
});

test('dumpxml: what a host puts into its XML does nothing to a terminal, and stays as it is in a file', async () => {
  const { uri, run, runWith } = await serve();
  const hypervisor = await openHypervisor(uri);
  const { name } = await hypervisor.pools.define(
    '<pool type="dir"><name>odd\u009b2J\u202ename</name><target><path>/odd</path></target></pool>',
  );
  await hypervisor.close();
  let screen = '';
  const terminal = { isTTY: true, write: (text: string) => (screen += text) };
  expect(await runWith({ stdout: terminal }, pool, 'dumpxml', name)).toMatchObject({ code: 0, stderr: '' });
  expect(screen).toContain('\n  <name>odd·2J·name</name>\n');
  expect((await run(pool, 'dumpxml', name)).stdout).toContain(name);
});

test('one that fails does not stop the others', async () => {
  const { run } = await serve();
  const { code, stdout, stderr } = await run(pool, 'refresh', 'nas', 'none', 'isos');
  expect({ code, stdout }).toEqual({ code: 1, stdout: "Pool 'isos' refreshed\n" });
  expect(stderr).toContain("error: failed to get pool 'none'\n");
  expect(stderr).toContain("error: Failed to refresh pool 'nas': ");
});

test('a name that two hosts have is not guessed', async () => {
  const { run, uri } = await serve();
  const other = await serve();
  const { code, stderr } = await run(pool, 'stop', 'default', '-c', uri, '-c', other.uri);
  expect([code, stderr]).toEqual([1, expect.stringContaining("'default' is on more than one host")]);
  const { stdout } = await run(pool, 'list', '-c', uri, '-c', other.uri);
  expect(stdout).toMatch(/Path +Host\n/);
});

describe('usage', () => {
  test.each([
    [[], 'say what to do: list, start, stop, refresh, autostart, dumpxml'],
    [['refresh'], 'the form is: virtdeck pool refresh NAME… [--connect]'],
    [['autostart', 'default'], 'the form is: virtdeck pool autostart NAME on|off'],
    [['autostart', 'default', 'maybe'], 'autostart takes on or off, not "maybe"'],
    [['start', 'nas', '--all'], 'start has no option --all'],
  ])('%j', async (words, message) => {
    const { run, lab } = await serve();
    const { code, stdout, stderr } = await run(pool, ...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`virtdeck pool: ${message}`);
    expect(lab.clients).toBe(0);
  });
});
