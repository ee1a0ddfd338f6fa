import { describe, expect, test } from 'vitest';
import { net } from '../../../source/commands/net/net.js';
import { readNetworkXml } from '../../../source/lab/xml/network-xml.js';
import { openHypervisor } from '../../../source/libvirt/open.js';
import { done, failed, servedLabs } from '../served-lab.js';

const serve = servedLabs();

test('list: the active networks, the inactive ones, all of them', async () => {
  const { run } = await serve();
  expect((await run(net, 'list', '--all')).stdout).toBe(
    ` Name       State      Autostart   Persistent   Bridge   Forward    Address range
----------------------------------------------------------------------------------------------------
 default    active     yes         yes          virbr0   nat        192.168.122.0/24
 isolated   active     yes         yes          virbr1   isolated   10.20.0.0/16, fd20:0:0:20::/64
 staging    inactive   no          yes          virbr2   route      10.30.0.0/24

`,
  );
  const names = async (...words: string[]) =>
    JSON.parse((await run(net, 'list', '--json', ...words)).stdout).map(({ name }: { name: string }) => name);
  expect(await names()).toEqual(['default', 'isolated']);
  expect(await names('--inactive')).toEqual(['staging']);
  expect(await names('--all')).toEqual(['default', 'isolated', 'staging']);
});

test('the life of a network', async () => {
  const { run, lab } = await serve();
  expect(await run(net, 'start', 'staging')).toEqual(done("Network 'staging' started\n"));
  expect(await run(net, 'autostart', 'staging', 'on')).toEqual(done("Network 'staging': autostart on\n"));
  const [staging] = JSON.parse((await run(net, 'list', '--json')).stdout).slice(2);
  expect(staging).toMatchObject({ name: 'staging', active: true, autostart: true });
  expect(await run(net, 'stop', staging.uuid.toUpperCase())).toEqual(done("Network 'staging' stopped\n"));
  await run(net, 'autostart', 'staging', 'off');
  expect(lab.world.networks.find('staging')).toMatchObject({ active: false, autostart: false });
});

describe('with active guests on it', () => {
  test('a network is not stopped by a script without --yes: who is on it is named, and what they lose', async () => {
    const { run, lab } = await serve();
    const refused = await run(net, 'stop', 'default');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /^error: network 'default' has \d+ active guests: ad-1, .*db-1.*; they lose their link, and stay cut off when it is started again, until net reattach\nhint: --yes stops it all the same\.\n$/,
    );
    expect(lab.world.networks.find('default')).toMatchObject({ active: true });
    expect(await run(net, 'stop', 'default', '--yes')).toEqual(done("Network 'default' stopped\n"));
  });

  test('one that cannot be read may be on it: it counts as well', async () => {
    const fault = { fault: 'error', procedure: 'DOMAIN_GET_XML_DESC', domain: 'db-1', code: 1 } as const;
    const { run, lab } = await serve({ faults: [fault] });
    const refused = await run(net, 'stop', 'default');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(', and perhaps db-1, which could not be read; they lose their link');
    expect(lab.world.networks.find('default')).toMatchObject({ active: true });
    const reattached = await run(net, 'reattach', 'default');
    expect(reattached).toMatchObject({
      code: 1,
      stderr: "error: whether these are on 'default' could not be read: db-1\n",
    });
  });

  test('its start tells who is still cut off, and reattach plugs them in', async () => {
    const { run, uri } = await serve();
    await run(net, 'stop', 'default', '-y');
    const early = await run(net, 'reattach', 'default');
    expect([early.code, early.stderr]).toEqual([
      1,
      expect.stringContaining('hint: Start it first: virtdeck net start'),
    ]);
    const started = await run(net, 'start', 'default');
    expect(started).toMatchObject({ code: 0, stdout: "Network 'default' started\n" });
    expect(started.stderr).toMatch(/^note: still cut off from it: \d+ active guests: ad-1, /);
    expect(started.stderr).toContain(
      `hint: virtdeck net reattach default -c ${uri.includes('?') ? "'" : ''}${uri}`,
    );
    const { code, stdout } = await run(net, 'reattach', 'default');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Network 'default': reattached .*db-1/)]);
  });

  test('one that is not active is told as that, without a hint to start it', async () => {
    const { run } = await serve();
    const { code, stderr } = await run(net, 'stop', 'staging');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: Failed to stop network 'staging': .*not active\n$/);
  });
});

test('a transient network or pool is gone once it is stopped, and that is said', async () => {
  const { run, uri, lab } = await serve();
  const hypervisor = await openHypervisor(uri);
  lab.world.networks.create(
    readNetworkXml('<network><name>passing</name><bridge name="virbr8"/></network>', {
      random: lab.world.random,
      freeBridge: () => 'virbr8',
    }),
  );
  await hypervisor.close();
  expect(await run(net, 'stop', 'passing')).toEqual(
    done("Network 'passing' stopped: it was transient, and is gone\n"),
  );
});

test('dumpxml: what a host puts into its XML does nothing to a terminal, and stays as it is in a file', async () => {
  const { uri, run, runWith } = await serve();
  const hypervisor = await openHypervisor(uri);
  const { name } = await hypervisor.networks.define(
    '<network><name>odd\u009b2J\u202ename</name><bridge name="virbr9"/></network>',
  );
  await hypervisor.close();
  let screen = '';
  const terminal = { isTTY: true, write: (text: string) => (screen += text) };
  expect(await runWith({ stdout: terminal }, net, 'dumpxml', name)).toMatchObject({ code: 0, stderr: '' });
  expect(screen).toContain('\n  <name>odd·2J·name</name>\n');
  expect((await run(net, 'dumpxml', name)).stdout).toContain(name);
});

test('one that fails does not stop the others', async () => {
  const { run } = await serve();
  const { code, stdout, stderr } = await run(net, 'start', 'default', 'no\u001b[2Jthing', 'staging');
  expect({ code, stdout }).toEqual({ code: 1, stdout: "Network 'staging' started\n" });
  expect(stderr).toContain("error: failed to get network 'no·[2Jthing'\n");
  expect(stderr).toContain("error: Failed to start network 'default': Requested operation is not valid: ");
});

test('leases are joined to domains by their MAC addresses', async () => {
  const { run } = await serve();
  const leases = JSON.parse((await run(net, 'leases', 'default', '--json')).stdout);
  expect(leases[0]).toEqual({
    interface: 'virbr0',
    expires: expect.any(Number),
    mac: expect.stringMatching(/^52:54:00(:[0-9a-f]{2}){3}$/),
    family: 'ipv4',
    address: '192.168.122.11',
    prefix: 24,
    hostname: 'db-1',
    clientId: expect.any(String),
    domain: 'db-1',
  });
  const { stdout } = await run(net, 'leases', 'default');
  expect(stdout).toMatch(/^ Expiry Time +MAC address +Protocol +IP address +Hostname +Domain\n/);
  expect(stdout).toMatch(
    /\n \d{4}-\d\d-\d\d \d\d:\d\d:\d\d {3}52:54:\S+ +ipv4 +192\.168\.122\.11\/24 +db-1 +db-1\n/,
  );
});

test('a host that has no networks says so', async () => {
  const { run, lab } = await serve();
  lab.faults.set([{ fault: 'error', procedure: 'CONNECT_LIST_ALL_NETWORKS', code: 3, message: 'no driver' }]);
  const { code, stderr } = await run(net, 'start', 'default');
  expect([code, stderr]).toEqual([1, expect.stringContaining('no driver')]);
});

test('a host that does not answer fails, the other is listed', async () => {
  const { run, uri, folder } = await serve();
  const gone = `qemu+unix:///system?socket=${folder}/none`;
  const { code, stdout, stderr } = await run(net, 'list', '-c', uri, '-c', gone);
  expect([code, stderr]).toEqual([1, expect.stringContaining(`error: ${gone}: `)]);
  expect(stdout).toContain(' default ');
});

test('dumpxml prints the definition', async () => {
  const { run } = await serve();
  const { code, stdout } = await run(net, 'dumpxml', 'isolated');
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^<network[\s>][\s\S]*<name>isolated<\/name>/)]);
  expect(await run(net, 'dumpxml', 'none')).toEqual(failed("error: failed to get network 'none'\n"));
});

describe('usage', () => {
  test.each([
    [[], 'say what to do: list, start, stop, reattach, autostart, leases, dumpxml'],
    [['lst'], 'there is no "lst"; there are list, '],
    [['start'], 'the form is: virtdeck net start NAME… [--connect]'],
    [['leases'], 'the form is: virtdeck net leases NAME'],
    [['autostart', 'default', 'yes'], 'autostart takes on or off, not "yes"'],
    [['stop', 'default', '--json'], 'stop has no option --json'],
  ])('%j', async (words, message) => {
    const { run, lab } = await serve();
    const { code, stdout, stderr } = await run(net, ...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`virtdeck net: ${message}`);
    expect(lab.clients).toBe(0);
  });
});
