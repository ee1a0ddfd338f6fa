import { type BootSource, bootSource } from '../boot-source.js';
import type { LabDomain } from '../domain.js';
import { guestAddresses } from '../networks/leases.js';
import type { World } from '../world.js';
import { alpineLog, bsdLog, type LogFacts, linuxLog, type Script, windowsLog } from './scripts.js';

/** What a guest writes to its serial port. */
export interface Said {
  /** Seconds of guest time since the boot. */
  readonly at: number;
  readonly text: string;
}

export interface BootLog {
  /** In the order of time. */
  readonly lines: readonly Said[];
  /** What the guest says when it waits for somebody: the end of the last line. */
  readonly prompt: string;
}

/** The scripts of systems that are not like most, by what their agents call themselves. */
const scripts: Readonly<Record<string, Script>> = {
  alpine: alpineLog,
  freebsd: bsdLog,
  mswindows: windowsLog,
};

/** What the firmware says when there is no system on a disk. */
const withoutSystem: Readonly<Record<Exclude<BootSource, 'installed'>, (mac: string) => readonly string[]>> =
  {
    medium: () => ['Booting from DVD/CD...', '', 'ISOLINUX 6.04 CD Copyright (C) 1994-2015 H. Peter Anvin'],
    network: (mac) => [
      'iPXE 1.0.0+ -- Open Source Network Boot Firmware -- https://ipxe.org',
      `net0: ${mac} using virtio-net on 0000:01:00.0 (Ethernet) [open]`,
      'Configuring (net0)...... ok',
    ],
    nothing: () => [
      'Booting from Hard Disk...',
      'Boot failed: not a bootable disk',
      '',
      'No bootable device.',
    ],
  };

/** The log of a domain's present boot: the same for the same domain and world. */
export function bootLog(world: World, domain: LabDomain): BootLog {
  const { definition } = domain;
  const { os, nics } = definition;
  const mac = nics[0]?.mac ?? '00:00:00:00:00:00';
  const source = bootSource(world.storage, definition);
  const firmware = definition.nvram
    ? 'BdsDxe: starting Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x2,0x3)/Pci(0x0,0x0)'
    : 'SeaBIOS (version 1.16.2-debian-1.16.2-1)';
  if (source !== 'installed') {
    const texts = [firmware, '', ...withoutSystem[source](mac)];
    return {
      lines: texts.map((text, index) => ({ at: 0.1 * (index + 1), text: `${text}\r\n` })),
      prompt: '',
    };
  }
  const facts: LogFacts = {
    os,
    mac,
    firmware,
    hostname: hostnameOf(domain.name),
    memory: definition.memory,
    vcpus: definition.vcpus,
    address: nics.length === 0 ? undefined : guestAddresses(world.networks, domain, 0)[0]?.address,
    agent: definition.agentInstalled,
  };
  const { early, late, prompt } = (scripts[os.agentId] ?? linuxLog)(facts);
  return {
    lines: [
      ...spread(early, 0, os.leaseAfter),
      ...spread([...late, ''], os.leaseAfter, os.agentAfter).slice(0, -1),
      { at: os.leaseAfter + os.agentAfter, text: `\r\n${prompt}` },
    ],
    prompt: prompt.slice(prompt.lastIndexOf('\n') + 1),
  };
}

/** Lines over so many seconds, the last of them at the end. */
function spread(lines: readonly string[], from: number, seconds: number): Said[] {
  return lines.map((line, index) => {
    const at = from + (seconds * (index + 1)) / lines.length;
    return { at, text: `${line.replace('%t', `[${at.toFixed(6).padStart(12)}]`)}\r\n` };
  });
}

/** A name as a guest's system takes it. */
function hostnameOf(name: string): string {
  return name.replace(/[^\w.-]+/g, '-').slice(0, 63) || 'localhost';
}
