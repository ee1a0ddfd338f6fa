import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach } from 'vitest';
import { createLab, type Lab } from '../../source/lab/lab.js';
import { type ServedLab, serveLab } from '../../source/lab/serve.js';
import type { LabDomain } from '../../source/lab/world/domain.js';
import { DomainState } from '../../source/libvirt/domain-state.js';
import { runProcess } from '../support/run-process.js';

/** A served lab, new for each test, and libvirt's own client for it. */
export interface VirshBed {
  readonly folder: string;
  readonly lab: Lab;
  readonly served: ServedLab;
  /** Its output; throws what it complained about. */
  virsh(...args: string[]): Promise<string>;
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
    async virsh(...args) {
      const { stdout, stderr, exitCode } = await runProcess('virsh', ['-c', served.uri, ...args]);
      if (exitCode !== 0) throw new Error(stderr.trim());
      if (stderr.trim() !== '') throw new Error(`virsh ${args.join(' ')} complained: ${stderr}`);
      return stdout;
    },
  };
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
