import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeEach } from 'vitest';
import { createLab, type Lab } from '../../source/lab/lab.js';
import { type ServedLab, serveLab } from '../../source/lab/serve.js';
import type { LabDomain } from '../../source/lab/world/domain.js';
import { DomainState } from '../../source/libvirt/domain-state.js';
import { onProcessEnd } from '../support/cleanup.js';
import { runProcess } from '../support/run-process.js';

/** A served lab, new for each test, and libvirt's own client for it. */
export interface VirshBed {
  readonly folder: string;
  readonly lab: Lab;
  readonly served: ServedLab;
  /** Its output; throws what it complained about. */
  virsh(...args: string[]): Promise<string>;
  /** Writes a file that a command may read; returns its path. */
  file(name: string, content: string | Uint8Array): string;
}

/** Call once in a test file. */
export function virshBed(): VirshBed {
  const folder = mkdtempSync('/tmp/vd-virsh-');
  let lab: Lab;
  let served: ServedLab;
  beforeEach(async () => {
    // Boots and shutdowns that a test waits for take fractions of a second.
    lab = createLab({ domains: 60, speed: 40 });
    served = await serveLab(lab, join(folder, 'lab.sock'));
    return () => served.close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    get lab() {
      return lab;
    },
    get served() {
      return served;
    },
    file(name, content) {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
    async virsh(...args) {
      const { stdout, stderr, exitCode } = await runProcess('virsh', ['-c', served.uri, ...args]);
      if (exitCode !== 0) throw new Error(stderr.trim());
      if (stderr.trim() !== '') throw new Error(`virsh ${args.join(' ')} complained: ${stderr}`);
      return stdout;
    },
  };
}

/** A virsh that waits for events and prints what it hears. */
export class VirshEvents {
  readonly heard: string[] = [];
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #forget: () => void;

  /** @param command "event", "net-event" or "pool-event", and its flags */
  constructor(bed: VirshBed, ...command: string[]) {
    const args = ['-c', bed.served.uri, ...command, '--loop', '--timeout', '60'];
    // virsh would keep its lines in a buffer when it writes into a pipe.
    const child = spawn('stdbuf', ['-oL', 'virsh', ...args], { env: { ...process.env, LC_ALL: 'C.UTF-8' } });
    this.#forget = onProcessEnd(() => child.kill('SIGKILL'));
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.#child = child;
  }

  /** Registered once an event arrives, which `cause` makes happen: nothing tells it otherwise. */
  async ready(wanted: string, cause: () => Promise<unknown>): Promise<void> {
    const causing = setInterval(() => void cause().catch(() => {}), 200);
    await this.hears(wanted);
    clearInterval(causing);
  }

  /** Resolves once virsh has printed what is waited for. */
  async hears(wanted: string): Promise<void> {
    while (!this.heard.some((line) => line.includes(wanted))) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`virsh ended; it heard ${this.heard.join(' / ')}`);
      this.heard.push(value);
    }
  }

  async end(): Promise<void> {
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
    this.#forget();
  }
}

/** "Name:   value" lines. */
export function pairs(text: string, separator: RegExp): Record<string, string> {
  return Object.fromEntries(
    text
      .split('\n')
      .map((line) => line.trim().split(separator))
      .filter(({ length }) => length === 2) as [string, string][],
  );
}

/** The rows of a table under its line of dashes. */
export function rows(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(2).map((line) => line.trim().split(/\s{2,}/));
}

/** A guest that runs, is defined, and has its agent. */
export function isWell(domain: LabDomain): boolean {
  return domain.state === DomainState.running && domain.persistent && domain.agent === 'connected';
}
