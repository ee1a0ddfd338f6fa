import { type GuestOs, guestSystems } from './guest-os.js';
import type { Profile } from './load.js';

/** What a guest is there for: decides its name, size, system and how it works. */
export interface Role {
  readonly name: string;
  readonly title: string;
  readonly systems: readonly GuestOs[];
  readonly vcpus: readonly number[];
  /** GiB */
  readonly memory: readonly number[];
  /** GiB of each disk. */
  readonly disks: readonly number[];
  readonly profile: Profile;
  /** A virtual network for a second interface. */
  readonly network?: string;
}

const { debian12, ubuntu2204, rocky9, fedora40, alpine319, freebsd14, win2k22 } = guestSystems;

/** In the order in which a small world gets them. */
export const roles: readonly Role[] = [
  {
    name: 'web',
    title: 'Web front end',
    systems: [debian12, ubuntu2204],
    vcpus: [2, 4],
    memory: [2, 4],
    disks: [20],
    profile: 'periodic',
  },
  {
    name: 'db',
    title: 'PostgreSQL',
    systems: [rocky9, debian12],
    vcpus: [4, 8],
    memory: [16, 32],
    disks: [20, 200],
    profile: 'busy',
  },
  {
    name: 'cache',
    title: 'Redis',
    systems: [debian12],
    vcpus: [2],
    memory: [8, 16],
    disks: [10],
    profile: 'periodic',
  },
  {
    name: 'mail',
    title: 'Mail server',
    systems: [freebsd14, debian12],
    vcpus: [2],
    memory: [4],
    disks: [40],
    profile: 'bursty',
  },
  {
    name: 'ci',
    title: 'Build runner',
    systems: [fedora40, ubuntu2204],
    vcpus: [4, 8],
    memory: [8],
    disks: [60],
    profile: 'bursty',
  },
  {
    name: 'dns',
    title: 'Name server',
    systems: [alpine319],
    vcpus: [1],
    memory: [0.5],
    disks: [4],
    profile: 'idle',
  },
  {
    name: 'ad',
    title: 'Domain controller',
    systems: [win2k22],
    vcpus: [2, 4],
    memory: [8],
    disks: [80],
    profile: 'idle',
  },
  {
    name: 'app',
    title: 'Application server',
    systems: [ubuntu2204, rocky9],
    vcpus: [2, 4],
    memory: [4, 8],
    disks: [30],
    profile: 'periodic',
  },
  {
    name: 'worker',
    title: 'Queue worker',
    systems: [debian12, ubuntu2204],
    vcpus: [2, 4],
    memory: [2, 4],
    disks: [20],
    profile: 'busy',
  },
  {
    name: 'monitor',
    title: 'Metrics',
    systems: [debian12],
    vcpus: [2],
    memory: [4],
    disks: [20, 100],
    profile: 'periodic',
  },
  {
    name: 'backup',
    title: 'Backup target',
    systems: [rocky9],
    vcpus: [2],
    memory: [2],
    disks: [10, 500],
    profile: 'bursty',
    network: 'isolated',
  },
  {
    name: 'test',
    title: '',
    systems: [fedora40, debian12, alpine319],
    vcpus: [1, 2],
    memory: [1, 2],
    disks: [10],
    profile: 'idle',
  },
];
