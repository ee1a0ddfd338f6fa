import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { WizardBed } from './bed.js';

let bed: WizardBed;

afterEach(() => bed?.end());

/** Opens the wizard and goes to the page of names, with an image of the host's own. */
async function openAtSize(options = {}): Promise<void> {
  bed = await WizardBed.make(options);
  bed.press('c', '"golden"');
  await bed.shows('golden-debian-12.qcow2');
  bed.press('enter');
  await bed.shows('[Name and size]');
}

/** From any page to the review, and until it is there. */
async function review(): Promise<void> {
  await bed.shows('New VM');
  for (let page = 0; page < 4 && !bed.text().includes('[Review]'); page += 1) bed.press('pagedown');
  await bed.until(() => !bed.text().includes('looking at the host'));
}

describe('making a VM', () => {
  test('Enter five times makes one, and its address shows; y copies the ssh line', async () => {
    await openAtSize();
    bed.press('enter', 'enter', 'enter');
    await bed.shows('[ Create ]');
    bed.press('enter');
    await bed.shows(/golden-debian-12-1 is up: 192\.168\.122\.\d+ \(guest agent\)/);
    const [, address] = /ssh admin@([\d.]+)/.exec(bed.text()) ?? [];
    bed.press('y');
    const copied = Buffer.from(`ssh admin@${address}`).toString('base64');
    expect(bed.written).toEqual([`\u001B]52;c;${copied}\u0007`]);
    bed.press('enter');
    await bed.shows(/1 \[Overview\]/);
  });

  test('several at once, each with its address', async () => {
    await openAtSize();
    bed.press('ctrl-u', '"shop"', 'tab', 'ctrl-u', '"3"');
    await review();
    expect(bed.text()).toContain('shop-1 to shop-3');
    bed.press('enter');
    await bed.until(() => [1, 2, 3].every((n) => bed.text().includes(`shop-${n} is up: 192.168.122.`)));
    expect(bed.text()).toContain('> shop-1 is up');
    bed.press('tab');
    expect(bed.text()).toContain('> shop-2 is up');
  });

  test('Esc leaves it going on; it is a task that can be cancelled, and then nothing is left', async () => {
    await openAtSize({ lab: { speed: 1 } });
    const before = await bed.world();
    const mend = bed.lab.faults.add({
      fault: 'slow',
      milliseconds: 800,
      procedure: 'STORAGE_VOL_CREATE_XML',
    });
    await review();
    bed.press('enter');
    await bed.shows('Make the disk');
    bed.press('escape', 'J');
    await bed.shows(/create golden-\S+ +lab +running/);
    bed.press('x');
    expect(bed.ui.getState().question?.lines.join(' ')).toMatch(
      /(?:What has been made of golden-\S+ is removed|Nothing has been made yet)\.$/,
    );
    bed.press('y');
    await bed.shows('cancelled');
    mend();
    expect(await bed.world()).toEqual(before);
  });

  test('the XML can be edited, and what was edited is made', async () => {
    await openAtSize();
    const editor = join(bed.folder, 'editor');
    await writeFile(editor, '#!/bin/sh\nsed -i "s|</name>|</name><title>by hand</title>|" "$1"\n');
    await chmod(editor, 0o700);
    Object.assign(bed.host.environment, { EDITOR: editor });
    await review();
    bed.press('e');
    await bed.shows('Domain XML, as edited');
    bed.press('enter');
    await bed.shows('is up:');
    const xml = await bed.inventory.ask(bed.connectionId, async (hypervisor) =>
      hypervisor.domainXml(await hypervisor.lookupDomain('golden-debian-12-1')),
    );
    expect(xml).toContain('<title>by hand</title>');
  });

  test('what is no XML any more is told at once, and not taken', async () => {
    await openAtSize();
    const editor = join(bed.folder, 'editor');
    await writeFile(editor, '#!/bin/sh\nsed -i "s|<vcpu|<vcp|" "$1"\n');
    await chmod(editor, 0o700);
    Object.assign(bed.host.environment, { EDITOR: editor });
    await review();
    bed.press('e');
    await bed.until(() => JSON.stringify(bed.ui.getState().question ?? '').includes('this is no XML'));
    expect(bed.text()).not.toContain('as edited');
  });

  test('other sources: an installer, an empty disk, the network', async () => {
    bed = await WizardBed.make();
    bed.press('c', '"iso"');
    await bed.shows('install ISO');
    bed.press('enter', '"netinst"');
    await bed.shows('debian-12.5.0-amd64-netinst.iso');
    bed.press('enter');
    await review();
    expect(bed.text()).toContain('debian-12.5.0-amd64-netinst.iso');
    expect(bed.text()).not.toContain('seed');
    bed.press('1', '"pxe"', 'enter');
    await bed.shows('[Name and size]');
    await review();
    bed.press('enter');
    await bed.shows('vm-1 is made and runs');
  });
});

describe('what was entered', () => {
  test('stays when one goes back, leaves and comes again; but the password', async () => {
    await openAtSize();
    bed.press('ctrl-u', '"web-7"', 'tab', 'tab', 'ctrl-u', '"4"', 'enter', 'enter');
    await bed.shows('somebody@somewhere');
    bed.press('tab', 'tab', 'tab', '"hunter2"');
    expect(bed.text()).toContain('•••••••');
    bed.press('tab');
    expect(bed.text()).toMatch(/Password +set/);
    bed.press('escape', 'escape');
    expect(bed.text()).toMatch(/Name +web-7[\s\S]*vCPUs +4/);
    bed.press('escape', 'escape');
    expect(bed.panes.top()).toBeUndefined();
    bed.press('c');
    await bed.shows('> golden-debian-12.qcow2');
    bed.press('enter');
    expect(bed.text()).toMatch(/Name +web-7[\s\S]*vCPUs +4/);
    bed.press('enter', 'enter');
    expect(bed.text()).toMatch(/Password +–/);
    for (const screen of bed.seen) expect(screen).not.toContain('hunter2');
  });

  test('a password is in no print-out, and neither is its hash', async () => {
    await openAtSize({ rows: 200 });
    bed.press('enter', 'enter');
    await bed.shows('somebody@somewhere');
    bed.press('tab', 'tab', 'tab', '"correct horse"', 'tab', '"correct horse"', 'tab');
    await review();
    expect(bed.text()).toContain('********');
    for (const screen of bed.seen) {
      expect(screen).not.toContain('correct');
      expect(screen).not.toContain('$6$');
    }
  });

  test('a password is typed twice, and asked for again where the two differ', async () => {
    await openAtSize();
    bed.press('enter', 'enter');
    await bed.shows('somebody@somewhere');
    bed.press('tab', 'tab', 'tab', '"hunter2"', 'enter');
    expect(bed.text()).toMatch(/> Once more[\s\S]*! type the password once more/);
    bed.press('"hunter3"', 'enter');
    expect(bed.text()).toMatch(/> Once more[\s\S]*! this is another one than above/);
    expect(bed.text()).not.toContain('! type the password once more');
    bed.press('"hunter2"', 'tab');
    expect(bed.text()).not.toContain('Once more');
    expect(bed.text()).toMatch(/> sudo/);
    await review();
    for (const screen of bed.seen) expect(screen).not.toMatch(/hunter\d/);
  });

  test('letters that move elsewhere are text here', async () => {
    bed = await WizardBed.make();
    bed.press('c', '"jkGgq?"');
    await bed.shows('/ jkGgq?');
    bed.press('ctrl-u', '"golden"');
    await bed.shows('golden-debian-12.qcow2');
    bed.press('enter', 'ctrl-u', '"jJq"');
    expect(bed.text()).toMatch(/Name +jJq/);
  });
});

describe('what is wrong', () => {
  test('is said at the field, before the host is asked; its page has a mark', async () => {
    await openAtSize();
    bed.press('ctrl-u', '"a/b"', 'enter');
    expect(bed.text()).toMatch(/> Name +a\/b\s+! a name has no slash/);
    expect(bed.text()).toContain('2![Name and size]');
    bed.press('ctrl-u', '"shop-1"', 'tab', 'tab', 'tab', 'ctrl-u', '"lots"', 'enter');
    expect(bed.text()).toMatch(/> Memory +lots.*\s+! "lots" is no size/);
  });

  test('a name in use', async () => {
    await openAtSize();
    const [name = ''] = (await bed.world()).flatMap((line) => /^domain (.*)/.exec(line)?.[1] ?? []);
    bed.press('ctrl-u', `"${name}"`, 'enter');
    expect(bed.text()).toContain(`! there is a domain ${name} already`);
    // It can be left all the same, and is told again at the end.
    await review();
    expect(bed.text()).toContain(`> Error: there is a domain ${name} already`);
    expect(bed.text()).toContain('Put right what is wrong first.');
    bed.press('enter');
    expect(bed.text()).toMatch(new RegExp(`\\[Name and size\\][\\s\\S]*> Name +${name}`));
  });

  test('what the host finds leads to its page and field', async () => {
    await openAtSize();
    bed.press('tab', 'tab', 'tab', 'ctrl-u', '"900G"');
    await review();
    expect(bed.text()).toContain('> Error: 900 GiB are more than the host has');
    bed.press('enter');
    expect(bed.text()).toMatch(/\[Name and size\][\s\S]*> Memory +900G/);
    bed.press('ctrl-u', '"1G"');
    await review();
    expect(bed.text()).toContain('[ Create ]');
  });

  test('a network that is not active: the switch that starts it', async () => {
    await openAtSize();
    await bed.inventory.ask(bed.connectionId, async ({ networks }) =>
      networks.stop(await networks.lookup('default')),
    );
    bed.press('enter', 'tab', 'tab', ' ');
    await review();
    expect(bed.text()).toContain('> Error: the network default is not active');
    bed.press('enter', ' ');
    await review();
    expect(bed.text()).toContain('[ Create ]');
    expect(bed.text()).toContain('is started');
  });

  test('keys that cannot be read are told at their field', async () => {
    await openAtSize();
    bed.press('enter', 'enter');
    await bed.shows('somebody@somewhere');
    bed.press('tab', 'tab', '"/nowhere/id.pub"');
    await review();
    expect(bed.text()).toContain('> Error: /nowhere/id.pub: there is no such file');
    bed.press('enter');
    expect(bed.text()).toMatch(/\[Access\][\s\S]*> Another key +\/nowhere\/id\.pub/);
  });

  test('a file of user-data that is not there is told at its field, also where that is folded away', async () => {
    await openAtSize();
    bed.press('enter', 'enter');
    await bed.shows('somebody@somewhere');
    for (let step = 0; step < 12 && !/> More /.test(bed.text()); step += 1) bed.press('tab');
    bed.press(' ');
    for (let step = 0; step < 12 && !/> Own user-data /.test(bed.text()); step += 1) bed.press('tab');
    bed.press('"/nowhere/user-data"');
    await review();
    expect(bed.text()).toContain('> Error: /nowhere/user-data: there is no such file');
    bed.press('enter');
    expect(bed.text()).toMatch(/\[Access\][\s\S]*> Own user-data +\/nowhere\/user-data/);
  });

  test('a failure in the middle: what was taken back, and the pages again with all that was entered', async () => {
    await openAtSize();
    const before = await bed.world();
    const mend = bed.lab.faults.add({
      fault: 'error',
      code: 1,
      message: 'no luck',
      procedure: 'DOMAIN_CREATE_WITH_FLAGS',
    });
    bed.press('ctrl-u', '"web-9"');
    await review();
    bed.press('enter');
    await bed.shows('web-9 was not made: ');
    expect(bed.text()).toContain('no luck');
    expect(bed.text()).toMatch(/Taken back\s+✓ domain web-9/);
    expect(bed.text()).toContain('Nothing of it is left.');
    expect(await bed.world()).toEqual(before);
    mend();
    await bed.shows('b back to the pages');
    bed.press('b');
    await bed.shows('[ Create ]');
    expect(bed.text()).toContain('web-9');
    bed.press('enter');
    // What the first attempt said is not said of the second.
    expect(bed.text()).not.toContain('was not made');
    await bed.shows('web-9 is up: ');
    await bed.until(() => bed.host.tasks.tasks.map(({ state }) => state).join() === 'done,failed');
  });

  test('a host that fails to answer says so, and is asked again', async () => {
    bed = await WizardBed.make();
    bed.lab.faults.add({
      fault: 'error',
      code: 38,
      message: 'too busy',
      procedure: 'CONNECT_GET_CAPABILITIES',
      times: 1,
    });
    bed.press('c');
    await bed.shows(/too busy.*Ctrl-R tries again/);
    bed.press('"golden"', 'ctrl-r');
    await bed.shows('golden-debian-12.qcow2');
  });

  test('the plan fails: the reason, and another attempt', async () => {
    await openAtSize();
    bed.lab.faults.add({
      fault: 'error',
      code: 38,
      message: 'too busy',
      procedure: 'CONNECT_GET_CAPABILITIES',
      times: 1,
    });
    await review();
    expect(bed.text()).toContain('too busy');
    bed.press('r');
    await bed.shows('[ Create ]');
  });

  test('where no VM can be made the wizard says so at once', async () => {
    bed = await WizardBed.make();
    const ask = bed.inventory.ask.bind(bed.inventory);
    const lxc = `<capabilities><host><cpu><arch>x86_64</arch></cpu></host>
      <guest><os_type>exe</os_type><arch name='x86_64'><domain type='lxc'/></arch></guest></capabilities>`;
    bed.inventory.ask = (id, call) =>
      ask(id, (hypervisor) =>
        call(
          new Proxy(hypervisor, {
            get: (target, name) => {
              if (name === 'capabilities') return async () => lxc;
              const value = Reflect.get(target, name, target) as unknown;
              return typeof value === 'function' ? value.bind(target) : value;
            },
          }),
        ),
      );
    bed.press('c');
    await bed.shows('making VMs is not offered on');
    expect(bed.text()).toContain('a container needs a root');
    bed.press('enter', 'escape');
    expect(bed.panes.top()).toBeUndefined();
  });

  test('a host that is not connected is told to be so', async () => {
    bed = await WizardBed.make();
    await bed.inventory.disconnect(bed.connectionId);
    await bed.until(() => bed.inventory.connection(bed.connectionId)?.status.state === 'disconnected');
    bed.press('g', 'c');
    expect(bed.text()).toContain('lab is not connected.');
  });
});

test('an image of a site is downloaded, uploaded, and stood on', async () => {
  bed = await WizardBed.make();
  const disk = Buffer.alloc(3_000_000, 7);
  // The boot signature of a disk that somebody could boot from.
  disk.set([0x55, 0xaa], 510);
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-length': disk.length });
    response.end(request.method === 'HEAD' ? undefined : disk);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    bed.press('c', `"http://127.0.0.1:${port}/small.img"`, 'enter');
    await bed.shows(/Name +small-1/);
    await review();
    expect(bed.text()).toContain(`- Get the image http://127.0.0.1:${port}/small.img`);
    bed.press('enter');
    await bed.shows('small-1 is up: 192.168.122.');
    // Only its content will tell its name.
    expect(bed.text()).toMatch(/✓ Upload http:\S+small\.img to the pool default/);
    expect((await bed.world()).filter((line) => line.includes('/small-'))).toHaveLength(3);
  } finally {
    server.close();
  }
});
