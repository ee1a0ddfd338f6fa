import { afterAll, afterEach, beforeAll } from 'vitest';
import type { DomainRef, Hypervisor } from '../../../source/libvirt/hypervisor.js';
import type { Requirement } from '../../support/requirements.js';
import type { Finished } from '../../support/run-process.js';

/** What drivers may differ in. */
export interface Capabilities {
  /** A domain obeys a shut-down request at once, without any system in it. */
  readonly shutdownAtOnce: boolean;
  readonly managedSave: boolean;
  /** Host memory statistics. */
  readonly hostMemory: boolean;
  /** Statistics of a running domain say more than its state. */
  readonly cpuStats: boolean;
  /** Networks can be defined and started. */
  readonly networks: boolean;
  /** A network can be changed while it runs. */
  readonly networkUpdate?: boolean;
  /** The definition for the next start can be asked for beside the running one. */
  readonly networkDefinitions?: boolean;
  readonly pools: boolean;
  /** Pools hold real files: contents, formats, backing chains. */
  readonly storageFiles?: boolean;
  readonly volumeResize?: boolean;
  readonly poolRefreshEvent?: boolean;
  /** It tells what an emulator can do. */
  readonly domainCapabilities?: boolean;
  /** Guests have serial consoles that can be opened. */
  readonly consoles?: boolean;
}

/** A host to test on, and the second client that looks at the same host. */
export interface ContractHost {
  /** A new connection that hears events. */
  open(): Promise<Hypervisor>;
  /** How names of what the tests make begin, where others' things are on the host. */
  readonly prefix?: string;
  /** Where the host may make the directories of pools. */
  readonly poolFolder: string;
  /** Runs the real virsh on the same host. */
  virsh(args: readonly string[]): Promise<Finished>;
  /** Defines a domain that is shut off, needs nothing and can be started. */
  define(name: string): Promise<void>;
  /** The XML of such a domain. `name` is put in as it is: markup in it must have been escaped. */
  xml(name: string): string;
  /** The XML of a domain whose guest says something on its console once it runs; only where there are consoles. */
  talkingGuest?(name: string): Promise<{ readonly xml: string; readonly says: string }>;
  /** Starts a domain that is gone once it stops. */
  createTransient(name: string): Promise<void>;
  /** Ends the host as a crash would. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface ContractSubject {
  readonly can: Capabilities;
  /** The hypervisor's own name of the connection. */
  readonly uri: string;
  readonly needs?: readonly Requirement[];
  start(): Promise<ContractHost>;
}

/** One host and one connection for all tests of a contract, with the domains that each test defines. */
export class Bench {
  host!: ContractHost;
  hypervisor!: Hypervisor;
  #names: string[] = [];
  #count = 0;

  /** Starts and stops everything around the tests of the current `describe`. */
  static around(subject: ContractSubject): Bench {
    const bench = new Bench();
    beforeAll(async () => {
      bench.host = await subject.start();
      bench.hypervisor = await bench.host.open();
    });
    afterEach(() => bench.#removeDomains());
    afterAll(async () => {
      await bench.hypervisor?.close();
      await bench.host?.stop();
    });
    return bench;
  }

  /** What virsh prints; fails the test when virsh fails. */
  async virsh(...args: string[]): Promise<string> {
    const { stdout, stderr, exitCode } = await this.host.virsh(args);
    if (exitCode !== 0) throw new Error(`virsh ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  /** The last line of virsh's complaint about a command that must fail. */
  async virshError(...args: string[]): Promise<string> {
    const { stderr, exitCode } = await this.host.virsh(args);
    if (exitCode === 0) throw new Error(`virsh ${args.join(' ')} worked`);
    return (
      stderr
        .trim()
        .split('\n')
        .at(-1)
        ?.replace(/^error: /, '') ?? ''
    );
  }

  /** A name that no other test uses; its domain is removed afterwards, if there is one. */
  newName(): string {
    this.#count += 1;
    const name = `${this.host.prefix ?? 'contract-'}${this.#count}`;
    this.#names.push(name);
    return name;
  }

  /** A domain of this test's own, shut off. */
  async domain(): Promise<DomainRef> {
    const name = this.newName();
    await this.host.define(name);
    return this.hypervisor.lookupDomain(name);
  }

  async running(): Promise<DomainRef> {
    const domain = await this.domain();
    await this.virsh('start', domain.name);
    return this.hypervisor.lookupDomain(domain.name);
  }

  /** virsh's word for the state of a domain. */
  state(domain: DomainRef): Promise<string> {
    return this.virsh('domstate', domain.name);
  }

  async #removeDomains(): Promise<void> {
    for (const name of this.#names.splice(0)) {
      await this.host.virsh(['destroy', name]);
      await this.host.virsh(['managedsave-remove', name]);
      await this.host.virsh(['undefine', name]);
    }
  }
}
