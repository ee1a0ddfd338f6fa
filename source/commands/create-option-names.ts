import type { Finding } from '../provision/plan.js';
import { isGiven } from './create-usage.js';

type Flags = Readonly<Record<string, unknown>>;

/** The options that say what a part of a CloudInit says; the first one given is meant. */
const optionsOf: Readonly<Record<string, readonly string[]>> = {
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

/** Whose message holds what was typed already. */
const files: ReadonlySet<string> = new Set(['user-data', 'user-data-only', 'vendor-data', 'network-config']);

/** A finding about a field of the guest, in words of the command line: "--address 10.0.0.5: …". */
export function byOption(finding: Finding, flags: Flags): Finding {
  const { part, message, fix } = finding;
  const [, stem = '', index] = /^(.*?)(?:\.(\d+))?$/.exec(part ?? '') ?? [];
  const options = optionsOf[stem] ?? [];
  const given = options.find((name) => isGiven(flags, name));
  if (given !== undefined) return { ...finding, message: `${named(given, flags[given], index)}: ${message}` };
  // What would help was not given at all.
  const missing = index === undefined && options.length > 0 && fix !== undefined;
  return missing ? { ...finding, fix: `${fix}: ${options.map((name) => `--${name}`).join(', ')}` } : finding;
}

function named(option: string, value: unknown, index: string | undefined): string {
  const one: unknown = Array.isArray(value) ? value[Number(index ?? 0)] : value;
  // Keys are long, and their source is in the message.
  if (typeof one !== 'string' || option === 'ssh-key' || files.has(option)) return `--${option}`;
  return `--${option} ${one}`;
}
