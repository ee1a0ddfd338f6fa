import type { Finding } from '../../provision/plan.js';
import { isGiven } from './usage.js';

type Flags = Readonly<Record<string, unknown>>;

/** The options that say what a field of a request says, or a part of one; the first one given is meant. */
const optionsOf: Readonly<Record<string, readonly string[]>> = {
  source: ['image', 'iso', 'import'],
  vcpus: ['vcpus'],
  memory: ['memory'],
  disk: ['disk'],
  'disk.format': ['format'],
  'disk.allocation': ['allocation'],
  pool: ['pool'],
  card: ['network', 'bridge'],
  'card.mac': ['mac'],
  virtType: ['virt-type'],
  arch: ['arch'],
  machine: ['machine'],
  firmware: ['firmware'],
  graphics: ['graphics'],
  hostname: ['hostname'],
  'user.name': ['user'],
  'user.keys': ['ssh-key', 'password-file'],
  'user.passwordHash': ['password-file'],
  timezone: ['timezone'],
  locale: ['locale'],
  packages: ['package'],
  commands: ['run'],
  'network.mac': ['mac'],
  'network.addresses': ['address'],
  'network.gateway': ['gateway'],
  'network.nameservers': ['dns'],
  network: ['network-config'],
  'network.text': ['network-config'],
  extra: ['user-data', 'user-data-only'],
  'extra.text': ['user-data', 'user-data-only'],
  vendorData: ['vendor-data'],
};

/** Whose message holds what was typed already, or which are long. */
const namedOnly: ReadonlySet<string> = new Set([
  ...['image', 'iso', 'import', 'pool', 'network', 'bridge', 'mac', 'arch', 'machine'],
  ...['user-data', 'user-data-only', 'vendor-data', 'network-config', 'ssh-key'],
]);

/** A finding in words of the command line: "--address 10.0.0.5: …". */
export function byOption({ options: helping, ...finding }: Finding, flags: Flags): Finding {
  const { part, message } = finding;
  const fix = fixOf({ ...finding, options: helping });
  const [, stem = '', index] = /^(.*?)(?:\.(\d+))?$/.exec(part ?? fieldOf(finding)) ?? [];
  const options = optionsOf[stem] ?? [];
  const given = options.find((name) => isGiven(flags, name));
  if (given !== undefined)
    return { ...finding, fix, message: `${named(given, flags[given], index)}: ${message}` };
  // What would help was not given at all.
  const missing = part !== undefined && index === undefined && options.length > 0 && fix !== undefined;
  if (!missing || helping !== undefined) return { ...finding, fix };
  return { ...finding, fix: `${fix}: ${options.map((name) => `--${name}`).join(', ')}` };
}

function fixOf({ fix, options }: Pick<Finding, 'fix' | 'options'>): string | undefined {
  return options === undefined ? fix : [fix?.replace(/\.$/, ''), options].filter(Boolean).join(': ');
}

/** `network` as a part is the guest's own configuration. */
function fieldOf({ field }: Finding): string {
  return field === 'network' ? 'card' : field;
}

function named(option: string, value: unknown, index: string | undefined): string {
  const one: unknown = Array.isArray(value) ? value[Number(index ?? 0)] : value;
  const isShort = (typeof one === 'string' || typeof one === 'number') && !namedOnly.has(option);
  return isShort ? `--${option} ${one}` : `--${option}`;
}
