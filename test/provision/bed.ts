import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLab, type Lab, type LabOptions } from '../../source/lab/lab.js';
import { openLab } from '../../source/lab/open.js';
import type { RemoteHypervisor } from '../../source/libvirt/remote/remote-hypervisor.js';
import {
  type CreateOptions,
  type CreationEvent,
  create,
  type Outcome,
} from '../../source/provision/create.js';
import { CreationJournal, creationsFolder } from '../../source/provision/journal.js';
import type { Plan } from '../../source/provision/plan.js';
import { type Prepared, prepare } from '../../source/provision/prepare.js';
import type { Access, VmRequest } from '../../source/provision/request/vm-request.js';

/** Nobody's own key. */
export const publicKey =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqFvBqXxVvJYBVuzzUvZjO1qEwMZ9lGkSuTn1e6k8YV somebody@somewhere';

export const access: Access = {
  datasource: 'nocloud',
  user: 'isabell',
  sudo: true,
  keys: [publicKey],
  packages: [],
  commands: [],
  agent: true,
};

/** A lab, a folder of its own for everything that is written, and a small image. */
export class CreationBed {
  static async make(options: LabOptions = {}): Promise<CreationBed> {
    const folder = await mkdtemp(join(tmpdir(), 'vd-make-'));
    for (const name of ['state', 'cache', 'tmp']) await mkdir(join(folder, name));
    const lab = createLab({ domains: 3, names: ['alpha', 'beta', 'gamma'], speed: 2000, ...options });
    const image = join(folder, 'small.raw');
    const disk = Buffer.concat([randomBytes(300_000), Buffer.alloc(1_000_000), randomBytes(20_000)]);
    // The boot signature of a disk that somebody could boot from.
    disk.set([0x55, 0xaa], 510);
    await writeFile(image, disk);
    return new CreationBed(folder, lab, await openLab(lab, { events: true }), image);
  }

  readonly folder: string;
  readonly lab: Lab;
  readonly hypervisor: RemoteHypervisor;
  readonly image: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly journal: CreationJournal;
  readonly events: CreationEvent[] = [];

  private constructor(folder: string, lab: Lab, hypervisor: RemoteHypervisor, image: string) {
    this.folder = folder;
    this.lab = lab;
    this.hypervisor = hypervisor;
    this.image = image;
    this.env = {
      PATH: process.env.PATH,
      HOME: folder,
      TMPDIR: join(folder, 'tmp'),
      XDG_STATE_HOME: join(folder, 'state'),
      XDG_CACHE_HOME: join(folder, 'cache'),
    };
    this.journal = new CreationJournal(creationsFolder(this.env));
  }

  request(change: Partial<VmRequest> = {}): VmRequest {
    return {
      name: 'web-1',
      source: { kind: 'image', image: { kind: 'file', path: this.image } },
      access,
      start: true,
      startInactive: false,
      ...change,
    };
  }

  prepare(...requests: readonly VmRequest[]): Promise<Prepared> {
    const { env, journal, hypervisor } = this;
    const signal = new AbortController().signal;
    return prepare(hypervisor, requests, { connection: 'lab:///', env, journal, signal });
  }

  /** Prepares and makes them; a finding in the way is an error of the test. */
  async create(
    requests: readonly VmRequest[],
    options: Partial<Pick<CreateOptions, 'signal' | 'wait' | 'onEvent'>> = {},
  ): Promise<ReadonlyMap<string, Outcome>> {
    const { plan, findings } = await this.prepare(...requests);
    if (plan === undefined) throw new Error(findings.map(({ message }) => message).join('; '));
    return this.run(plan, requests, options);
  }

  run(
    plan: Plan,
    requests: readonly VmRequest[],
    options: Partial<Pick<CreateOptions, 'signal' | 'wait' | 'onEvent'>> = {},
  ): Promise<ReadonlyMap<string, Outcome>> {
    return create({
      plan,
      requests,
      connection: 'lab:///',
      uri: 'qemu:///system',
      host: { hypervisor: this.hypervisor, connect: () => openLab(this.lab) },
      journal: this.journal,
      signal: new AbortController().signal,
      wait: false,
      ...options,
      onEvent: (event) => {
        this.events.push(event);
        options.onEvent?.(event);
      },
    });
  }

  /** Everything that a creation may leave: on the host, and on this machine. */
  async world(): Promise<readonly string[]> {
    const hypervisor = await openLab(this.lab);
    const domains = await hypervisor.listDomains();
    const pools = (await hypervisor.pools.list()) as readonly {
      name: string;
      uuid: string;
      active: boolean;
    }[];
    const networks = (await hypervisor.networks.list()) as readonly { name: string; active: boolean }[];
    const volumes = await Promise.all(
      pools.filter(({ active }) => active).map((pool) => hypervisor.volumes.list(pool)),
    );
    await hypervisor.close();
    const files = await Promise.all(
      ['state', 'cache', 'tmp'].map((name) =>
        readdir(join(this.folder, name), { recursive: true, withFileTypes: true }),
      ),
    );
    return [
      ...domains.map(({ name, id }) => `domain ${name} ${id > 0}`),
      ...pools.map(({ name, active }) => `pool ${name} ${active}`),
      ...networks.map(({ name, active }) => `network ${name} ${active}`),
      ...volumes.flat().map(({ pool, name }) => `volume ${pool}/${name}`),
      ...files.flat().flatMap((file) => (file.isFile() ? [`file ${file.name}`] : [])),
    ].sort();
  }

  async end(): Promise<void> {
    await this.hypervisor.close();
    this.lab.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
