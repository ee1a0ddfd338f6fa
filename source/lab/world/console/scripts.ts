import type { GuestOs } from '../guest-os.js';

/** What the texts of a boot tell of their guest. */
export interface LogFacts {
  readonly os: GuestOs;
  readonly firmware: string;
  readonly hostname: string;
  readonly mac: string;
  /** KiB. */
  readonly memory: number;
  readonly vcpus: number;
  /** The one that DHCP gives. */
  readonly address: string | undefined;
  readonly agent: boolean;
}

/** A system's words up to its lease, and up to its agent; `%t` becomes the kernel's time of the line. */
export type Script = (facts: LogFacts) => {
  readonly early: readonly string[];
  readonly late: readonly string[];
  readonly prompt: string;
};

const ok = '[\u001b[0;32m  OK  \u001b[0m]';

/** A distribution with GRUB, systemd and cloud-init. */
export const linuxLog: Script = ({ os, firmware, hostname, mac, memory, vcpus, address, agent }) => {
  const { kernel, name, version, nic } = os;
  return {
    early: [
      firmware,
      'Booting from Hard Disk...',
      'GRUB loading.',
      'Welcome to GRUB!',
      '',
      `%t Linux version ${kernel} (gcc, GNU ld) #1 SMP PREEMPT_DYNAMIC`,
      `%t Command line: BOOT_IMAGE=/boot/vmlinuz-${kernel} root=PARTUUID=9a2b4c1e ro console=tty0 console=ttyS0,115200`,
      '%t DMI: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.2-debian-1.16.2-1 04/01/2014',
      '%t Hypervisor detected: KVM',
      `%t Memory: ${Math.floor(memory * 0.96)}K/${memory}K available`,
      `%t smp: Brought up 1 node, ${vcpus} CPU${vcpus === 1 ? '' : 's'}`,
      '%t virtio_blk virtio2: [vda] new disk',
      '%t EXT4-fs (vda1): mounted filesystem with ordered data mode. Quota mode: none.',
      '%t systemd[1]: Detected virtualization kvm.',
      '%t systemd[1]: Detected architecture x86-64.',
      '',
      `Welcome to ${name} ${version}!`,
      '',
      `%t systemd[1]: Hostname set to <${hostname}>.`,
      `${ok} Reached target Local File Systems.`,
      `%t virtio_net virtio0 ${nic}: renamed from eth0`,
      `${ok} Started Network Configuration.`,
    ],
    late: [
      `${ok} Reached target Network.`,
      `%t cloud-init[412]: ci-info: | ${nic} | True | ${address ?? '.'} | . | global | ${mac} |`,
      `${ok} Finished Cloud-init: Network Stage.`,
      `${ok} Started OpenBSD Secure Shell server.`,
      ...(agent ? [`${ok} Started QEMU Guest Agent.`] : []),
      `${ok} Reached target Multi-User System.`,
      '%t cloud-init[688]: Cloud-init finished. Datasource DataSourceNoCloud.',
    ],
    prompt: `${name} ${version} ${hostname} ttyS0\r\n\r\n${hostname} login: `,
  };
};

export const alpineLog: Script = ({ os, firmware, hostname, memory, vcpus, address, agent }) => ({
  early: [
    firmware,
    'Booting from Hard Disk...',
    'SYSLINUX 6.04 EDD Copyright (C) 1994-2015 H. Peter Anvin et al',
    `%t Linux version ${os.kernel} (gcc, GNU ld) #1-Alpine SMP PREEMPT_DYNAMIC`,
    `%t Memory: ${Math.floor(memory * 0.97)}K/${memory}K available`,
    `%t smp: Brought up 1 node, ${vcpus} CPU${vcpus === 1 ? '' : 's'}`,
    '',
    '   OpenRC 0.52.1 is starting up Linux (x86_64)',
    '',
    ' * Mounting /proc ... [ ok ]',
    ` * Setting hostname ... [ ok ]`,
    ` *   ${os.nic} ... udhcpc: started, v1.36.1`,
    'udhcpc: broadcasting discover',
  ],
  late: [
    `udhcpc: lease of ${address ?? '0.0.0.0'} obtained, lease time 3600 [ ok ]`,
    ' * Starting sshd ... [ ok ]',
    ...(agent ? [' * Starting qemu-guest-agent ... [ ok ]'] : []),
  ],
  prompt: `Welcome to Alpine Linux 3.19\r\nKernel ${os.kernel} on an x86_64 (/dev/ttyS0)\r\n\r\n${hostname} login: `,
});

export const bsdLog: Script = ({ os, firmware, hostname, mac, memory, address }) => ({
  early: [
    firmware,
    'Booting from Hard Disk...',
    'FreeBSD/x86 bootstrap loader, Revision 1.1',
    'Loading kernel...',
    `FreeBSD ${os.version} GENERIC amd64`,
    `real memory  = ${memory * 1024} (${Math.floor(memory / 1024)} MB)`,
    `${os.nic}: Ethernet address: ${mac}`,
    'Trying to mount root from ufs:/dev/gpt/rootfs [rw]...',
    `Setting hostname: ${hostname}.`,
    `${os.nic}: link state changed to UP`,
    `Starting dhclient.`,
  ],
  late: [`bound to ${address ?? '0.0.0.0'} -- renewal in 1800 seconds.`, 'Starting sshd.', 'Starting cron.'],
  prompt: `FreeBSD/amd64 (${hostname}) (ttyu0)\r\n\r\nlogin: `,
});

/** Windows says little on a serial port: its Special Administration Console. */
export const windowsLog: Script = ({ firmware }) => ({
  early: [firmware, 'Booting from Hard Disk...', '<?xml version="1.0"?>', 'Computer is booting, SAC started'],
  late: ['EVENT: The CMD command is now available.'],
  prompt: 'SAC>',
});
