import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBootDisk } from '../support/boot-disk.js';
import { runProcess } from '../support/run-process.js';
import { systemVirsh, testPrefix } from '../support/system-libvirtd.js';

/** A command of virsh on the machine's libvirtd. @throws Error with what it said */
export async function virsh(...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await systemVirsh(args);
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
}

/** A pool of the machine's libvirtd, an image that boots, and a home of nobody. */
export class ImagePool {
  static async make(name: string): Promise<ImagePool> {
    const folder = await mkdtemp(join(tmpdir(), 'vd-images-'));
    const images = await mkdtemp(join('/var/lib/libvirt/images', testPrefix));
    // QEMU's own user must be able to enter them.
    for (const one of [folder, images]) await chmod(one, 0o711);
    await virsh('pool-create-as', name, 'dir', '--target', images);
    const { disk } = await makeBootDisk(folder, 'boot');
    const base = join(folder, 'base.qcow2');
    await runProcess('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', disk, base]);
    return new ImagePool(name, folder, images, base);
  }

  readonly name: string;
  readonly folder: string;
  /** Where the pool's volumes lie. */
  readonly images: string;
  /** A qcow2 file in `folder`. */
  readonly base: string;
  readonly env: Readonly<Record<string, string | undefined>>;

  private constructor(name: string, folder: string, images: string, base: string) {
    this.name = name;
    this.folder = folder;
    this.images = images;
    this.base = base;
    this.env = { PATH: process.env.PATH, HOME: folder, XDG_STATE_HOME: folder, XDG_CACHE_HOME: folder };
  }

  /** @param domains beginning of the names of those that go with it */
  async end(domains: string): Promise<void> {
    const { stdout } = await systemVirsh(['list', '--all', '--name']);
    for (const name of stdout.split('\n').filter((one) => one.startsWith(domains))) {
      await systemVirsh(['destroy', name]);
      await systemVirsh(['undefine', name, '--nvram']);
    }
    await systemVirsh(['pool-destroy', this.name]);
    for (const one of [this.images, this.folder]) await rm(one, { recursive: true, force: true });
  }
}
