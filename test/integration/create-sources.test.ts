import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { create } from '../../source/commands/create/create.js';
import { parseFlags } from '../../source/commands/parse-flags.js';
import { undefine } from '../../source/commands/undefine.js';
import { runCommand } from '../support/command-io.js';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';
import { systemUri, systemVirsh, testPrefix } from '../support/system-libvirtd.js';
import { ImagePool, virsh } from './image-pool.js';

const pool = `${testPrefix}sources`;

requires(
  'root',
  'libvirtd',
  'qemu',
  'ovmf',
  'qemu-img',
  'genisoimage',
)('every beginning of a VM on a real libvirtd, virsh as the witness', () => {
  let images: ImagePool;

  beforeAll(async () => {
    images = await ImagePool.make(pool);
  });

  afterAll(async () => {
    await images.end(`${testPrefix}from-`);
  });

  /** Made, started and not waited for. */
  async function made(name: string, ...words: string[]): Promise<string> {
    const full = `${testPrefix}from-${name}`;
    const usual = ['--pool', pool, '--user-network', '--virt-type', 'qemu', '--memory', '128', '--no-wait'];
    const parsed = parseFlags([full, ...usual, ...words], create.flags);
    if ('problem' in parsed) throw new Error(parsed.problem);
    const flags = { connect: [systemUri], ...parsed.flags };
    const { code, stderr } = await runCommand(create, parsed.input, flags, { env: images.env });
    expect(`${code}\n${stderr}`).toMatch(/^0\n/);
    expect(await virsh('domstate', full)).toBe('running\n\n');
    return virsh('dumpxml', full, '--inactive');
  }

  const disksOf = async (name: string): Promise<string> => virsh('domblklist', `${testPrefix}from-${name}`);
  const info = async (volume: string): Promise<string> => virsh('vol-dumpxml', volume, pool);

  test('an image: a thin disk on it, and the seed on virtio-scsi', async () => {
    const xml = await made(
      'image',
      '--image',
      images.base,
      '--disk',
      '2G',
      '--ssh-key',
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqFvBqXxVvJYBVuzzUvZjO1qEwMZ9lGkSuTn1e6k8YV x',
    );
    expect(xml).toMatch(/<controller type='scsi'[^>]*model='virtio-scsi'/);
    expect(await disksOf('image')).toMatch(/ vda +\S+from-image\.qcow2\n sda +\S+from-image-seed\.iso/);
    const disk = await info(`${testPrefix}from-image.qcow2`);
    expect(disk).toContain("<capacity unit='bytes'>2147483648</capacity>");
    expect(disk).toMatch(
      /<backingStore>\s+<path>\S+\/base-[0-9a-f]{8}\.qcow2<\/path>\s+<format type='qcow2'\/>/,
    );
    // Nobody else reads what the guest is told.
    expect(await info(`${testPrefix}from-image-seed.iso`)).toMatch(/<mode>0600<\/mode>/);
  });

  test('a full copy, as large as asked for, and in another format', async () => {
    await made('copy', '--image', images.base, '--copy', '--disk', '1G', '--no-cloud-init');
    const copy = await info(`${testPrefix}from-copy.qcow2`);
    expect(copy).toContain("<capacity unit='bytes'>1073741824</capacity>");
    expect(copy).not.toContain('backingStore');
    await made('raw', '--image', images.base, '--copy', '--format', 'raw', '--disk', '1G', '--no-cloud-init');
    expect(await info(`${testPrefix}from-raw.raw`)).toMatch(/1073741824[\s\S]*<format type='raw'\/>/);
  });

  test('an image that is a volume of the pool is used as it is', async () => {
    await virsh('vol-create-as', pool, 'own.qcow2', '64M', '--format', 'qcow2');
    await made('volume', '--image', `${pool}/own.qcow2`, '--no-cloud-init');
    expect(await info(`${testPrefix}from-volume.qcow2`)).toContain('/own.qcow2</path>');
  });

  test('an installer, the network, nothing, and a disk that is there', async () => {
    const installer = join(images.folder, 'installer.iso');
    await runProcess('genisoimage', ['-quiet', '-V', 'installer', '-o', installer, images.base]);
    const iso = await made('iso', '--iso', installer);
    expect(iso).toMatch(/<boot order='1'\/>[\s\S]*device='cdrom'[\s\S]*<boot order='2'\/>/);
    expect(iso).toMatch(/<graphics type='vnc'/);
    const pxe = await made('pxe', '--pxe');
    expect(pxe).toMatch(/<interface[\s\S]*<boot order='2'\/>[\s\S]*<\/interface>/);
    await made('empty', '--empty', '--graphics', 'none');
    await virsh('vol-create-as', pool, 'there.qcow2', '64M', '--format', 'qcow2');
    await made('import', '--import', `${pool}/there.qcow2`);
    expect(await disksOf('import')).toMatch(/ vda +\S+\/there\.qcow2/);
  });

  test('UEFI, whose variables go with the domain', async () => {
    await made('uefi', '--empty', '--firmware', 'uefi');
    const name = `${testPrefix}from-uefi`;
    // What libvirt has chosen, only the running domain tells.
    const [, nvram = ''] = /<nvram[^>]*>([^<]+)<\/nvram>/.exec(await virsh('dumpxml', name)) ?? [];
    expect(existsSync(nvram)).toBe(true);
    const flags = { connect: [systemUri], force: true, 'remove-all-storage': true };
    expect(await runCommand(undefine, [name], flags, { env: images.env })).toMatchObject({ code: 0 });
    expect(existsSync(nvram)).toBe(false);
    expect(await virsh('vol-list', pool)).not.toContain(name);
  });

  test('a bridge that this machine does not have is told before anything is made', async () => {
    const words = [`${testPrefix}from-bridge`, '--empty', '--pool', pool, '--bridge', 'no-such-br'];
    const parsed = parseFlags(words, create.flags);
    if ('problem' in parsed) throw new Error(parsed.problem);
    const flags = { connect: [systemUri], ...parsed.flags };
    const { code, stderr } = await runCommand(create, parsed.input, flags, { env: images.env });
    expect([code, stderr]).toEqual([1, expect.stringContaining('the bridge no-such-br is not there\n')]);
    expect(stderr).not.toContain('undone');
  });

  test('what is refused by libvirt in the middle leaves nothing', async () => {
    const before = await virsh('vol-list', pool);
    const name = `${testPrefix}from-bad`;
    // libvirt starts a network of a bridge that is not there, and only a domain finds that out.
    const network = `${testPrefix}no-br`;
    const definition = join(images.folder, 'network.xml');
    await writeFile(
      definition,
      `<network><name>${network}</name><forward mode='bridge'/><bridge name='no-such-br'/></network>`,
    );
    await virsh('net-create', definition);
    const parsed = parseFlags(
      [name, '--empty', '--pool', pool, '--virt-type', 'qemu', '--network', network, '--no-wait'],
      create.flags,
    );
    if ('problem' in parsed) throw new Error(parsed.problem);
    const flags = { connect: [systemUri], ...parsed.flags };
    const { code, stderr } = await runCommand(create, parsed.input, flags, { env: images.env }).finally(() =>
      systemVirsh(['net-destroy', network]),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/was not made: .*no-such-br/);
    expect(stderr).toContain(`undone: domain ${name}\n`);
    expect(await virsh('vol-list', pool)).toBe(before);
    expect((await systemVirsh(['domstate', name])).exitCode).not.toBe(0);
  });
});
