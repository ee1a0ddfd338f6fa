import type { Need } from '../../provision/request/vm-option.js';
import { vmOptions } from '../../provision/request/vm-options.js';
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

const needs: Readonly<Record<Need, Omit<Rule, 'flags'>>> = {
  'cloud-init': {
    fits: (flags) => fromImage(flags) && flags['cloud-init'] !== false,
    why: 'is for cloud-init, which sets up guests of an image only, and not with --no-cloud-init',
  },
  image: { fits: fromImage, why: 'is for an image' },
  'new-disk': {
    fits: (flags) => flags.import === undefined,
    why: 'is of a new disk; --import takes one as it is (virtdeck vol resize changes its size)',
  },
  one: { fits: ({ count = 1 }) => count === 1, why: 'is of one VM only: not with --count' },
  card: { fits: (flags) => !saysNo(flags, 'network'), why: 'needs a network' },
  address: {
    fits: ({ address }) => address !== undefined,
    why: 'needs --address; DHCP tells it otherwise',
  },
};

/** What is switched is lost without harm: a script may say it of all its VMs. */
const rules: readonly Rule[] = [
  ...(Object.keys(needs) as Need[]).map((need) => ({
    ...needs[need],
    flags: vmOptions.flatMap(({ flag, value, needs: all }) =>
      flag !== undefined && value.kind !== 'toggle' && all.includes(need) ? [flag.name] : [],
    ),
  })),
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
