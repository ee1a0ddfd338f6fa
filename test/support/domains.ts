import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BootDisk } from './boot-disk.js';
import { guard } from './guardian.js';
import type { PrivateLibvirtd } from './private-libvirtd.js';

export type TestDomains = {
  /** Names of the domains that were defined, `vm-0000` on; the driver's own domain `test` exists besides. */
  readonly names: readonly string[];
  /** Lets go of the connection that holds the test driver's state. It vanishes with the last client. */
  close(): Promise<void>;
};

/**
 * Defines `count` shut-off domains in the daemon's `test:///default`, and holds that driver's state: it lives
 * as long as any client is connected. One virsh process does both, so that 1,000 domains take about a second.
 */
export async function defineTestDomains(daemon: PrivateLibvirtd, count: number): Promise<TestDomains> {
  const folder = join(daemon.folder, 'domains');
  await mkdir(folder, { recursive: true });
  const names = Array.from({ length: count }, (_, index) => `vm-${String(index).padStart(4, '0')}`);
  await Promise.all(names.map((name) => writeFile(join(folder, `${name}.xml`), testDomainXml(name))));

  const done = 'every-domain-is-defined';
  const commands = [...names.map((name) => `define ${join(folder, name)}.xml`), `echo ${done}`];
  const holder = await TestStateHolder.open(daemon);
  try {
    await holder.run(commands, done);
  } catch (error) {
    await holder.close();
    throw error;
  }
  return { names, close: () => holder.close() };
}

/** XML of a shut-off domain of the test driver. */
export function testDomainXml(name: string, extra = ''): string {
  return `<domain type='test'><name>${name}</name><memory unit='KiB'>1048576</memory><vcpu>2</vcpu>
<os><type>hvm</type></os>${extra}</domain>`;
}

export type QemuDomainOptions = {
  /** What QEMU does on a guest's power-off; libvirt's default (`destroy`) unless told. */
  readonly onPoweroff?: 'destroy' | 'restart' | 'preserve';
  /** A guest that says when it is up and obeys a shut-down; without it, one that stays in its firmware. */
  readonly boot?: BootDisk;
  /** More elements for `<devices>`. */
  readonly devices?: string;
};

/**
 * A guest that any host can run: TCG, 32 MiB. Without `boot` it has no disk and stays running in its firmware,
 * which finds nothing to boot and does not hear the ACPI power button.
 */
export function qemuDomainXml(name: string, options: QemuDomainOptions = {}): string {
  const onPoweroff = options.onPoweroff ? `<on_poweroff>${options.onPoweroff}</on_poweroff>` : '';
  const { boot } = options;
  const serial = boot
    ? `<serial type='file'><source path='${boot.serialLog}'/></serial>`
    : `<serial type='pty'/><console type='pty'/>`;
  const disk = boot ? bootDiskXml(boot.disk) : '';
  return `<domain type='qemu'>
  <name>${name}</name>
  <memory unit='MiB'>32</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <features><acpi/></features>
  ${onPoweroff}
  <devices>
    ${serial}
    ${disk}
    <memballoon model='virtio'/>
    ${options.devices ?? ''}
  </devices>
</domain>
`;
}

/** A disk that `pc` machines boot from: the path of a raw image. */
export function bootDiskXml(path: string): string {
  return `<disk type='file' device='disk'><driver name='qemu' type='raw'/>
      <source file='${path}'/><target dev='hda' bus='ide'/></disk>`;
}

/** Writes a domain's XML into the daemon's folder and defines it there. */
export async function defineDomain(daemon: PrivateLibvirtd, uri: string, xml: string): Promise<void> {
  const name = /<name>([^<]*)<\/name>/.exec(xml)?.[1] ?? 'domain';
  const file = join(daemon.folder, `${name}.xml`);
  await writeFile(file, xml);
  await daemon.virshOk(['define', file], { uri });
}

/** A virsh shell on a pipe. */
class TestStateHolder {
  static async open(daemon: PrivateLibvirtd): Promise<TestStateHolder> {
    const shell = spawn('virsh', ['-q', '-c', daemon.testUri], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
    await Promise.race([once(shell, 'spawn'), once(shell, 'error').then(([error]) => Promise.reject(error))]);
    return new TestStateHolder(shell);
  }

  readonly #shell;
  readonly #forget;
  #output = '';
  #errors = '';

  private constructor(shell: ReturnType<typeof spawn>) {
    this.#shell = shell;
    this.#forget = guard({ pid: shell.pid });
    shell.stdin?.on('error', () => {});
    shell.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    shell.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      shell.emit('told');
    });
  }

  /** Feeds commands and resolves when the output holds `mark`. */
  async run(commands: readonly string[], mark: string): Promise<void> {
    this.#shell.stdin?.write(`${commands.join('\n')}\n`);
    const ended = once(this.#shell, 'close').then(() => 'ended' as const);
    // The shell repeats what it reads after its prompt, and the next prompt follows the mark on its line.
    const line = new RegExp(`^${mark}`, 'm');
    while (!line.test(this.#output)) {
      const told = await Promise.race([once(this.#shell, 'told'), ended]);
      if (told === 'ended') throw new Error(`virsh ended early: ${this.#errors || this.#output}`);
    }
    if (this.#errors) throw new Error(`virsh: ${this.#errors}`);
  }

  async close(): Promise<void> {
    this.#forget();
    const shell = this.#shell;
    if (shell.exitCode !== null || shell.signalCode !== null) return;
    const gone = once(shell, 'close');
    shell.stdin?.end();
    await gone;
  }
}
