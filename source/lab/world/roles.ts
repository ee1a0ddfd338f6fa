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
  readonly network: string | undefined;
}

const { debian12, ubuntu2204, rocky9, fedora40, alpine319, freebsd14, win2k22 } = guestSystems;

type Row = readonly [
  name: string,
  title: string,
  systems: readonly GuestOs[],
  vcpus: readonly number[],
  memory: readonly number[],
  disks: readonly number[],
  profile: Profile,
  network?: string,
];

const table: readonly Row[] = [
  ['web', 'Web front end', [debian12, ubuntu2204], [2, 4], [2, 4], [20], 'periodic'],
  ['db', 'PostgreSQL', [rocky9, debian12], [4, 8], [16, 32], [20, 200], 'busy'],
  ['cache', 'Redis', [debian12], [2], [8, 16], [10], 'periodic'],
  ['mail', 'Mail server', [freebsd14, debian12], [2], [4], [40], 'bursty'],
  ['ci', 'Build runner', [fedora40, ubuntu2204], [4, 8], [8], [60], 'bursty'],
  ['dns', 'Name server', [alpine319], [1], [0.5], [4], 'idle'],
  ['ad', 'Domain controller', [win2k22], [2, 4], [8], [80], 'idle'],
  ['app', 'Application server', [ubuntu2204, rocky9], [2, 4], [4, 8], [30], 'periodic'],
  ['worker', 'Queue worker', [debian12, ubuntu2204], [2, 4], [2, 4], [20], 'busy'],
  ['monitor', 'Metrics', [debian12], [2], [4], [20, 100], 'periodic'],
  ['backup', 'Backup target', [rocky9], [2], [2], [10, 500], 'bursty', 'isolated'],
  ['test', '', [fedora40, debian12, alpine319], [1, 2], [1, 2], [10], 'idle'],
];

/** In the order in which a small world gets them. */
export const roles: readonly Role[] = table.map(
  ([name, title, systems, vcpus, memory, disks, profile, network]) => ({
    name,
    title,
    systems,
    vcpus,
    memory,
    disks,
    profile,
    network,
  }),
);
