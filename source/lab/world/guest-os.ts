/** What the lab knows of an operating system: enough to boot it believably. */
export interface GuestOs {
  /** libosinfo's id, as virt-install and virt-manager write it into the metadata. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** What its guest agent calls itself (guest-get-osinfo). */
  readonly agentId: string;
  readonly kernel: string;
  /** The first network interface, as the guest names it. */
  readonly nic: string;
  /** Seconds from power-on to the DHCP request; to the agent's first word after that. */
  readonly leaseAfter: number;
  readonly agentAfter: number;
  /** Seconds that a shutdown takes. */
  readonly shutdownTakes: number;
  /** How likely an agent is installed. */
  readonly agent: number;
  /** The balloon driver reports the guest's memory. */
  readonly balloonStats: boolean;
  readonly diskBus: 'virtio' | 'sata' | 'scsi';
}

const linux = {
  nic: 'enp1s0',
  leaseAfter: 7,
  agentAfter: 4,
  shutdownTakes: 4,
  agent: 0.85,
  balloonStats: true,
  diskBus: 'virtio',
} as const;

/** Every system that the lab's guests run, by a short name. */
export const guestSystems = {
  debian12: {
    ...linux,
    id: 'http://debian.org/debian/12',
    name: 'Debian GNU/Linux',
    version: '12 (bookworm)',
    agentId: 'debian',
    kernel: '6.1.0-18-cloud-amd64',
  },
  ubuntu2204: {
    ...linux,
    id: 'http://ubuntu.com/ubuntu/22.04',
    name: 'Ubuntu',
    version: '22.04.4 LTS (Jammy Jellyfish)',
    agentId: 'ubuntu',
    kernel: '5.15.0-102-generic',
    leaseAfter: 9,
    agentAfter: 6,
  },
  rocky9: {
    ...linux,
    id: 'http://rockylinux.org/rocky/9',
    name: 'Rocky Linux',
    version: '9.3 (Blue Onyx)',
    agentId: 'rocky',
    kernel: '5.14.0-362.el9.x86_64',
    nic: 'eth0',
  },
  fedora40: {
    ...linux,
    id: 'http://fedoraproject.org/fedora/40',
    name: 'Fedora Linux',
    version: '40 (Cloud Edition)',
    agentId: 'fedora',
    kernel: '6.8.7-300.fc40.x86_64',
  },
  alpine319: {
    ...linux,
    id: 'http://alpinelinux.org/alpinelinux/3.19',
    name: 'Alpine Linux',
    version: '3.19.1',
    agentId: 'alpine',
    kernel: '6.6.14-0-virt',
    nic: 'eth0',
    leaseAfter: 3,
    shutdownTakes: 2,
    agent: 0.4,
  },
  freebsd14: {
    ...linux,
    id: 'http://freebsd.org/freebsd/14.0',
    name: 'FreeBSD',
    version: '14.0-RELEASE',
    agentId: 'freebsd',
    kernel: '14.0-RELEASE',
    nic: 'vtnet0',
    leaseAfter: 12,
    agent: 0.2,
    balloonStats: false,
  },
  win2k22: {
    ...linux,
    id: 'http://microsoft.com/win/2k22',
    name: 'Microsoft Windows',
    version: 'Microsoft Windows Server 2022',
    agentId: 'mswindows',
    kernel: '20348',
    nic: 'Ethernet',
    leaseAfter: 18,
    agentAfter: 9,
    shutdownTakes: 9,
    agent: 0.7,
    balloonStats: false,
    diskBus: 'sata',
  },
} as const satisfies Record<string, GuestOs>;
