import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { guestImage } from '../support/guest-image.js';
import { cliPath, openVirtdeck } from '../support/program.js';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';
import { systemUri, systemVirsh, testPrefix } from '../support/system-libvirtd.js';
import { GuestHost } from './guest-host.js';

/** Emulated on a machine that does other things as well, a guest takes minutes. Milliseconds. */
const guestTime = 420_000;

requires(
  'root',
  'libvirtd',
  'qemu',
  'network',
  'genisoimage',
  'guest-image',
  'dist',
)('a real guest, from its image to its address', () => {
  let host: GuestHost;
  let image: string;

  beforeAll(async () => {
    image = await guestImage();
    host = await GuestHost.open();
  }, 600_000);

  afterAll(() => host?.close());

  const virtdeck = (...args: string[]) =>
    runProcess(process.execPath, [cliPath, ...args, '-c', systemUri], { env: host.env, timeout: guestTime });

  // Side by side: each has a processor of its own, and most of the time is a guest's boot.
  it.concurrent(
    'by one command, with a fixed address: the agent tells it, and a login with the key',
    async () => {
      const name = `${testPrefix}guest-1`;
      const address = `${host.subnet}.231`;
      const vendorData = join(host.folder, 'vendor-data');
      await writeFile(vendorData, '#cloud-config\nbootcmd: [[sh, -c, "echo vendor > /run/vendor"]]\n');
      const { exitCode, stdout, stderr } = await virtdeck(
        ...['create', name, '--image', image, '--pool', host.pool, '--network', host.network],
        ...[
          '--virt-type',
          'qemu',
          '--vcpus',
          '1',
          '--memory',
          '768',
          '--user',
          'isabell',
          '--ssh-key',
          host.publicKeyFile,
        ],
        ...['--run', 'echo seeded > /run/seeded', '--datasource', 'configdrive', '--timeout', '6m'],
        // The network leads nowhere: by itself it tells no router.
        ...['--address', `${address}/24`, '--gateway', `${host.subnet}.1`, '--dns', `${host.subnet}.1`],
        ...['--vendor-data', vendorData],
      );
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
      expect(stdout).toMatch(/is up: (\S+) \(guest agent\) +ssh isabell@\1\n$/);
      expect(stdout).toContain(`ssh isabell@${address}\n`);
      // Another client sees the same, from the agent itself.
      const seen = await systemVirsh(['domifaddr', name, '--source', 'agent']);
      expect(seen.stdout).toContain(` ${address}/24`);
      const login = await host.ssh(
        'isabell',
        address,
        'hostname; sudo -n cat /run/seeded /run/vendor; id -un; ip -4 route show default',
      );
      expect(login.stdout).toMatch(
        new RegExp(
          `^${name}\\nseeded\\nvendor\\nisabell\\ndefault via ${host.subnet}.1 dev \\S+ proto static`,
        ),
      );
      // The disk stands on the image, which stays for the next guest; the seed goes with the domain.
      const before = await host.volumes();
      expect(before).toEqual(
        expect.arrayContaining([
          `${name}.qcow2`,
          `${name}-seed.iso`,
          expect.stringMatching(/^guest-.*\.qcow2$/),
        ]),
      );
      expect(await virtdeck('undefine', name, '--force', '--remove-all-storage')).toMatchObject({
        exitCode: 0,
      });
      expect(await host.volumes()).toEqual(before.filter((volume) => !volume.startsWith(name)));
    },
    guestTime,
  );

  it.concurrent(
    'by the wizard, in a terminal',
    async () => {
      const name = `${testPrefix}guest-2`;
      const terminal = openVirtdeck(['-c', systemUri], { cols: 120, rows: 40, env: host.env });
      try {
        const next = async (page: RegExp): Promise<void> => {
          terminal.send('\r');
          await terminal.waitFor(page);
        };
        await terminal.waitFor(/system.*GiB/);
        terminal.send('c');
        await terminal.waitFor(/\[Image\][\s\S]*debian-12/);
        // A path is an image as well as a name of the list.
        terminal.send(image);
        await terminal.waitFor(`> ${image}`);
        await next(/\[Name and size\]/);
        terminal.send(`\u0015${name}`);
        terminal.send('\t\t\u00151\t\u0015768M');
        // "More", and there the virtualization: KVM where it works, KVM, emulation.
        terminal.send('\t\t\t ');
        await terminal.waitFor(/Virtualization/);
        terminal.send('\t\t');
        await terminal.waitFor(/> Virtualization +← KVM where it works/);
        terminal.send('\u001b[D');
        await terminal.waitFor(/> Virtualization +← QEMU, emulated/);
        await next(/\[Network and storage\]/);
        for (
          let step = 0;
          step < 8 && !/> Network +← virtdeck-test-guests/.test(terminal.text());
          step += 1
        ) {
          const shown = terminal.text();
          terminal.send('\u001b[C');
          await terminal.waitFor(() => terminal.text() !== shown);
        }
        terminal.send('\t');
        for (
          let step = 0;
          step < 8 && !/> Storage pool +← virtdeck-test-guests/.test(terminal.text());
          step += 1
        ) {
          const shown = terminal.text();
          terminal.send('\u001b[C');
          await terminal.waitFor(() => terminal.text() !== shown);
        }
        await next(/\[Access\]/);
        terminal.send('\u0015isabell\t');
        terminal.send(host.publicKeyFile);
        await next(/\[Review\][\s\S]*Define the domain/);
        await terminal.waitFor(/Domain XML/);
        terminal.send('\r');
        await terminal.waitFor(/booting|DHCP lease/, { timeout: guestTime });
        await terminal.waitFor(/guest-2 is up: [\d.]+ \(guest agent\) +ssh isabell@/, {
          timeout: guestTime,
        });
        const [, address = ''] = /guest-2 is up: (\S+)/.exec(terminal.text()) ?? [];
        const login = await host.ssh('isabell', address, 'hostname');
        expect(login.stdout).toBe(`${name}\n`);
        // The address is in the list as well, and its source.
        terminal.send('\u001b');
        await terminal.waitFor(new RegExp(`guest-2 +running[\\s\\S]*${address.replaceAll('.', '\\.')}`));
      } finally {
        await terminal.close();
      }
    },
    guestTime,
  );
});
