import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Finished, runProcess } from '../support/run-process.js';
import { systemVirsh, testPrefix } from '../support/system-libvirtd.js';

/** Where QEMU's user can read, and AppArmor lets it. */
const images = '/var/lib/libvirt/images';
/**
 * Private ones that are rarely in use; libvirt refuses one that this machine has. None of documentation (RFC 5737):
 * test machines that reach the world through a proxy have their mirrors there, and would lose them.
 */
const subnets = ['192.168.231', '192.168.243', '172.29.87'];

/** A pool, a network with DHCP and a key pair on the machine's own libvirt, for guests of real images. */
export class GuestHost {
  static async open(): Promise<GuestHost> {
    const folder = await mkdtemp(join(tmpdir(), 'vd-guest-'));
    const pool = await mkdtemp(join(images, testPrefix));
    await chmod(pool, 0o711);
    const host = new GuestHost(folder, pool);
    try {
      await host.#setUp();
    } catch (error) {
      await host.close();
      throw error;
    }
    return host;
  }

  readonly pool = `${testPrefix}guests`;
  readonly network = `${testPrefix}guests`;
  readonly folder: string;
  /** The network's first three numbers; DHCP gives .10 to .200. */
  subnet = '';
  readonly #poolFolder: string;

  private constructor(folder: string, poolFolder: string) {
    this.folder = folder;
    this.#poolFolder = poolFolder;
  }

  get #key(): string {
    return join(this.folder, 'id');
  }

  get publicKeyFile(): string {
    return `${this.#key}.pub`;
  }

  /** Settings, state and cache of nobody else. */
  get env(): Record<string, string> {
    return {
      HOME: this.folder,
      XDG_CONFIG_HOME: join(this.folder, 'config'),
      XDG_STATE_HOME: join(this.folder, 'state'),
      XDG_CACHE_HOME: join(this.folder, 'cache'),
    };
  }

  async #setUp(): Promise<void> {
    await this.#ok(['pool-create-as', this.pool, 'dir', '--target', this.#poolFolder]);
    await runProcess('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', this.#key]);
    const file = join(this.folder, 'network.xml');
    for (const subnet of subnets) {
      const range = `<range start='${subnet}.10' end='${subnet}.200'/>`;
      const ip = `<ip address='${subnet}.1' netmask='255.255.255.0'><dhcp>${range}</dhcp></ip>`;
      const xml = `<network><name>${this.network}</name><bridge name='vdtest0' delay='0'/>${ip}</network>`;
      await writeFile(file, xml);
      const { stderr, exitCode } = await systemVirsh(['net-create', file]);
      this.subnet = subnet;
      if (exitCode === 0) return;
      if (!stderr.includes('already in use') || subnet === subnets.at(-1)) throw new Error(stderr);
    }
  }

  /** Names of the pool's volumes. */
  async volumes(): Promise<readonly string[]> {
    const text = await this.#ok(['vol-list', this.pool]);
    return text
      .split('\n')
      .slice(2)
      .flatMap((line) => line.trim().split(/\s+/)[0] || []);
  }

  /** A command in the guest, by ssh with the key. */
  ssh(user: string, address: string, command: string): Promise<Finished> {
    const options = [
      'BatchMode=yes',
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'ConnectTimeout=60',
    ];
    const flags = options.flatMap((option) => ['-o', option]);
    return runProcess('ssh', [
      ...flags,
      '-o',
      'LogLevel=ERROR',
      '-i',
      this.#key,
      `${user}@${address}`,
      command,
    ]);
  }

  async close(): Promise<void> {
    const { stdout } = await systemVirsh(['list', '--all', '--name']);
    for (const name of stdout.split('\n').filter((one) => one.startsWith(`${testPrefix}guest`))) {
      await systemVirsh(['destroy', name]);
      await systemVirsh(['undefine', name]);
    }
    await systemVirsh(['net-destroy', this.network]);
    await systemVirsh(['pool-destroy', this.pool]);
    await rm(this.#poolFolder, { recursive: true, force: true });
    await rm(this.folder, { recursive: true, force: true });
  }

  async #ok(args: readonly string[]): Promise<string> {
    const { stdout, stderr, exitCode } = await systemVirsh(args);
    if (exitCode !== 0) throw new Error(`virsh ${args.join(' ')}: ${stderr}`);
    return stdout;
  }
}
