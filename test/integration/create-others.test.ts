import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { create } from '../../source/commands/create/create.js';
import { parseFlags } from '../../source/commands/parse-flags.js';
import { openHypervisor } from '../../source/libvirt/open.js';
import { heldBy } from '../../source/provision/undo.js';
import { type CommandResult, runCommand } from '../support/command-io.js';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';
import { systemUri, systemVirsh, testPrefix } from '../support/system-libvirtd.js';
import { ImagePool, virsh } from './image-pool.js';

const pool = `${testPrefix}others`;
const outside = `${testPrefix}outside`;

requires(
  'root',
  'libvirtd',
  'qemu',
  'qemu-img',
  'genisoimage',
)('what others do on a real libvirtd, virsh as one of them', () => {
  let images: ImagePool;

  beforeAll(async () => {
    images = await ImagePool.make(pool);
  });

  afterAll(async () => {
    await systemVirsh(['destroy', outside]);
    await images.end(`${testPrefix}others-`);
  });

  async function make(name: string, said: (text: string) => void = () => {}): Promise<CommandResult> {
    const usual = [
      '--image',
      images.base,
      '--no-cloud-init',
      '--pool',
      pool,
      '--user-network',
      '--memory',
      '128',
    ];
    const words = [`${testPrefix}others-${name}`, ...usual, '--virt-type', 'qemu', '--no-wait', '--no-start'];
    const parsed = parseFlags(words, create.flags);
    if ('problem' in parsed) throw new Error(parsed.problem);
    const flags = { connect: [systemUri], ...parsed.flags };
    return runCommand(create, parsed.input, flags, { env: images.env, stderr: { write: said } });
  }

  async function image(): Promise<string> {
    const [name = ''] = /base-[0-9a-f]{8}\.qcow2/.exec(await virsh('vol-list', pool)) ?? [];
    return name;
  }

  /** Who holds the image, asked as anything that would remove it does. */
  async function holders(): Promise<string | undefined> {
    const hypervisor = await openHypervisor(systemUri);
    try {
      const { pools, volumes } = hypervisor;
      return await heldBy(hypervisor, await volumes.lookup(await pools.lookup(pool), await image()));
    } finally {
      await hypervisor.close();
    }
  }

  test('an image with the sign of somebody’s upload beside it is waited for; afterwards no sign is left', async () => {
    expect((await make('first')).code).toBe(0);
    const sign = `${await image()}.uploading`;
    expect(await virsh('vol-list', pool)).not.toContain('.uploading');
    await virsh('vol-create-as', pool, sign, '512', '--format', 'raw');
    let removed: Promise<string> | undefined;
    const second = await make('second', (text) => {
      if (text.includes('being uploaded by somebody else')) removed ??= virsh('vol-delete', sign, pool);
    });
    await removed;
    expect([second.code, removed === undefined]).toEqual([0, false]);
  });

  test('overlays made by hand hold the image: in a pool that was not refreshed, and of a running guest elsewhere', async () => {
    for (const name of ['first', 'second']) {
      const full = `${testPrefix}others-${name}`;
      await virsh('undefine', full);
      await virsh('vol-delete', `${full}.qcow2`, pool);
    }
    expect(await holders()).toBeUndefined();
    const path = (await virsh('vol-path', await image(), pool)).trim();
    const overlay = async (at: string): Promise<void> => {
      await runProcess('qemu-img', ['create', '-f', 'qcow2', '-F', 'qcow2', '-b', path, at]);
    };
    await overlay(join(images.images, 'by-hand.qcow2'));
    expect(await holders()).toContain('by-hand.qcow2');
    await virsh('vol-delete', 'by-hand.qcow2', pool);
    const elsewhere = join(images.folder, 'elsewhere.qcow2');
    await overlay(elsewhere);
    await chmod(elsewhere, 0o666);
    const xml = join(images.folder, 'outside.xml');
    await writeFile(
      xml,
      `<domain type='qemu'><name>${outside}</name><memory unit='MiB'>64</memory><os><type>hvm</type></os>
      <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${elsewhere}'/>
      <target dev='vda' bus='virtio'/></disk></devices></domain>`,
    );
    await virsh('create', xml, '--paused');
    expect(await holders()).toContain(`domain ${outside}`);
  });
});
