import { isGiven, saysNo, UsageProblem } from './usage.js';

type Flags = Readonly<Record<string, unknown>>;

/** Flags that do nothing, or harm, in the company of others: what a person has typed is not lost without a word. */
interface Rule {
  readonly flags: readonly string[];
  readonly fits: (flags: Flags) => boolean;
  readonly why: string;
}

const fromImage = (flags: Flags): boolean =>
  !['iso', 'pxe', 'import', 'empty'].some((name) => isGiven(flags, name));

const rules: readonly Rule[] = [
  {
    flags: [
      ...[
        'user',
        'ssh-key',
        'password-file',
        'hostname',
        'timezone',
        'locale',
        'package',
        'run',
        'user-data',
      ],
      ...['user-data-only', 'vendor-data', 'network-config', 'address', 'datasource'],
    ],
    fits: (flags) => fromImage(flags) && flags['cloud-init'] !== false,
    why: 'is for cloud-init, which sets up guests of an image only, and not with --no-cloud-init',
  },
  { flags: ['copy'], fits: fromImage, why: 'is for an image' },
  {
    flags: ['disk', 'allocation', 'format'],
    fits: (flags) => flags.import === undefined,
    why: 'is of a new disk; --import takes one as it is (virtdeck vol resize changes its size)',
  },
  {
    flags: ['mac', 'address', 'hostname', 'import'],
    fits: ({ count = 1 }) => count === 1,
    why: 'is of one VM only: not with --count',
  },
  {
    flags: ['mac', 'address', 'network-config'],
    fits: (flags) => !saysNo(flags, 'network'),
    why: 'needs a network',
  },
  {
    flags: ['gateway', 'dns'],
    fits: ({ address }) => address !== undefined,
    why: 'needs --address; DHCP tells it otherwise',
  },
  { flags: ['ssh-key'], fits: (flags) => !saysNo(flags, 'ssh-key'), why: 'or --no-ssh-key, not both' },
  {
    flags: ['ssh-key'],
    fits: (flags) => flags['user-data-only'] === undefined,
    why: 'would be left out: --user-data-only takes a file as it is',
  },
  { flags: ['remove', 'finish'], fits: ({ cleanup }) => cleanup === true, why: 'needs --cleanup' },
  { flags: ['dry-run'], fits: ({ cleanup }) => cleanup !== true, why: 'is not for --cleanup' },
];

/** @throws UsageProblem where a flag does not fit the others */
export function checkFlags(flags: Flags): void {
  for (const { flags: names, fits, why } of rules) {
    const lost = names.find((name) => isGiven(flags, name));
    if (lost !== undefined && !fits(flags)) throw new UsageProblem(`--${lost} ${why}`);
  }
}
