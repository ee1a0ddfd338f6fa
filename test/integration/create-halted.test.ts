import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { create } from '../../source/commands/create/create.js';
import { parseFlags } from '../../source/commands/parse-flags.js';
import { type CommandResult, runCommand } from '../support/command-io.js';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';
import { systemUri, systemVirsh, testPrefix } from '../support/system-libvirtd.js';
import { ImagePool, virsh } from './image-pool.js';

const pool = `${testPrefix}halted`;
const full = `${testPrefix}full`;
const folder = `/var/lib/libvirt/images/${full}`;

/** Writes its whole disk, 32 KiB at a time, by the BIOS: an "operating system" of 28 bytes. */
function fillingDisk(): Buffer {
  const disk = Buffer.alloc(65_536);
  // cli; ds = ss = 0; sp = 0x7c00; sti; again: write what 0x7c40 says (int 13h, ah = 43h); its LBA += 64; again
  disk.write('fa31c08ed88ed0bc007cfbbe407cb80043cd13668306487c40ebf0', 'hex');
  disk.write('10004000008000004000000000000000', 0x40, 'hex');
  disk.writeUInt16LE(0xaa55, 510);
  return disk;
}

requires(
  'root',
  'libvirtd',
  'qemu',
  'qemu-img',
  'genisoimage',
)('a guest of a real QEMU that is halted while its address is waited for', () => {
  let images: ImagePool;
  let image: string;

  beforeAll(async () => {
    images = await ImagePool.make(pool);
    image = join(images.folder, 'fill.raw');
    await writeFile(image, fillingDisk());
    await mkdir(folder, { recursive: true });
    await runProcess('mount', ['-t', 'tmpfs', '-o', 'size=6m,mode=0711', full, folder]);
    await virsh('pool-create-as', full, 'dir', '--target', folder);
  });

  afterAll(async () => {
    await images.end(`${testPrefix}halted-`);
    await systemVirsh(['pool-destroy', full]);
    await runProcess('umount', [folder]);
    await rm(folder, { recursive: true, force: true });
  });

  async function make(name: string, place: string, said = (_: string): void => {}): Promise<CommandResult> {
    const usual = ['--image', image, '--user', 'ops', '--no-ssh-key', '--user-network', '--memory', '128'];
    const words = [`${testPrefix}halted-${name}`, ...usual, '--virt-type', 'qemu', '--pool', place];
    const parsed = parseFlags([...words, '--disk', '1'], create.flags);
    if ('problem' in parsed) throw new Error(parsed.problem);
    const flags = { connect: [systemUri], ...parsed.flags };
    let stderr = '';
    const write = (text: string): void => {
      stderr += text;
      said(text);
    };
    const result = await runCommand(create, parsed.input, flags, { env: images.env, stderr: { write } });
    return { ...result, stderr };
  }

  test('a disk that is full ends the wait with the reason and what to do; the VM stays', async () => {
    const name = `${testPrefix}halted-disk`;
    const { code, stderr } = await make('disk', full);
    expect(code).toBe(1);
    expect(stderr).toContain(`${name} is paused (I/O error): its disk ${folder}/${name}.qcow2`);
    expect(stderr).toContain('what was made stays');
    expect(stderr).toContain(`virtdeck resume ${name} -c ${systemUri}`);
    expect(await virsh('domstate', name, '--reason')).toMatch(/^paused \(I\/O error\)/);
  });

  test('a guest that somebody removes ends it as well', async () => {
    const name = `${testPrefix}halted-gone`;
    let removed: Promise<unknown> | undefined;
    const { code, stderr } = await make('gone', pool, (text) => {
      if (!text.includes('booting')) return;
      removed ??= virsh('undefine', name).then(() => virsh('destroy', name));
    });
    await removed;
    expect(code).toBe(1);
    expect(stderr).toContain(`${name} is not there any more`);
  });
});
