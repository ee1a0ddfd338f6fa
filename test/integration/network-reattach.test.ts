import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { net } from '../../source/commands/net/net.js';
import { temporaryDirectories } from '../settings/temporary.js';
import { runCommand } from '../support/command-io.js';
import { requires } from '../support/requirements.js';
import { systemUri, systemVirsh, testPrefix } from '../support/system-libvirtd.js';
import { virsh } from './image-pool.js';

const temporary = temporaryDirectories();
const network = `${testPrefix}plug`;
const domain = `${testPrefix}plugged`;
const bridge = 'vdplug0';

requires(
  'libvirtd',
  'qemu',
  'root',
)('a network of the machine’s own libvirtd with an active guest on it', () => {
  beforeAll(async () => {
    const folder = await temporary();
    const file = async (name: string, xml: string): Promise<string> => {
      const path = join(folder, name);
      await writeFile(path, xml);
      return path;
    };
    await virsh(
      'net-define',
      await file('net.xml', `<network><name>${network}</name><bridge name='${bridge}'/></network>`),
    );
    await virsh('net-start', network);
    // No system in it is needed: its tap is what counts.
    const machine = `<os><type arch='x86_64' machine='pc'>hvm</type></os><memory unit='MiB'>32</memory>`;
    const plug = `<interface type='network'><source network='${network}'/><model type='virtio'/></interface>`;
    await virsh(
      'create',
      await file(
        'domain.xml',
        `<domain type='qemu'><name>${domain}</name>${machine}<devices>${plug}</devices></domain>`,
      ),
    );
  });

  afterAll(async () => {
    await systemVirsh(['destroy', domain]);
    await systemVirsh(['net-destroy', network]);
    await systemVirsh(['net-undefine', network]);
  });

  const run = (words: string, flags: Record<string, unknown> = {}) =>
    runCommand(net, words.split(' '), { connect: [systemUri], ...flags }, { env: {} });
  /** What is plugged into the bridge, as the kernel has it. */
  const ports = () => readdir(`/sys/class/net/${bridge}/brif`);
  const plugged = async (): Promise<string> =>
    (await virsh('dumpxml', domain, '--xpath', '//interface')).trim();

  it('names it before it is stopped, tells that it stays cut off, and plugs it in again', async () => {
    const [tap = ''] = await ports();
    expect(tap).toMatch(/^vnet/);
    const before = await plugged();
    const refused = await run(`stop ${network}`);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining(`1 active guest: ${domain};`),
    ]);
    expect((await run(`stop ${network}`, { yes: true })).code).toBe(0);
    const started = await run(`start ${network}`);
    expect(started.stderr).toContain(`note: still cut off from it: 1 active guest: ${domain}\n`);
    expect(await ports()).toEqual([]);
    const reattached = await run(`reattach ${network}`);
    expect([reattached.code, reattached.stderr]).toEqual([0, '']);
    expect(reattached.stdout).toBe(`Network '${network}': reattached ${domain}\n`);
    expect(await ports()).toEqual([tap]);
    // The same interface on the same network, counted there again.
    const port = / portid="[^"]*"/;
    expect((await plugged()).replace(port, '')).toBe(before.replace(port, ''));
    expect(await virsh('net-dumpxml', network)).toContain("connections='1'");
  });
});
