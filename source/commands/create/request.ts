import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { findKeys, readKeys } from '../../provision/cloud-init/ssh-keys.js';
import type { CatalogueImage } from '../../provision/images/catalogue.js';
import { type ImageSource, parseImageSource } from '../../provision/images/image-source.js';
import { nameProblem } from '../../provision/request/names.js';
import type { Access, NetworkChoice, VmRequest, VmSource } from '../../provision/request/vm-request.js';
import { parseSize } from '../../text/size.js';
import type { CommandIo } from '../command.js';
import { passwordOf } from './password.js';
import { isGiven, notThis, saysNo, UsageProblem } from './usage.js';

export interface RequestContext {
  readonly io: CommandIo;
  readonly flags: Readonly<Record<string, unknown>>;
  readonly catalogue: readonly CatalogueImage[];
  readonly signal: AbortSignal;
}

/** What the command line asks for. @throws UsageProblem */
export async function requestOf(name: string, context: RequestContext): Promise<VmRequest> {
  const problem = nameProblem(name);
  if (problem !== undefined) fail(`${JSON.stringify(name)}: ${problem}`);
  const { flags } = context;
  const text = textOf(flags);
  if (flags.password !== undefined)
    fail(
      'a password on the command line is seen by everybody: put it into a file for --password-file, or - for standard input',
    );
  const source = sourceOf(context);
  const withSeed = source.kind === 'image' && flags['cloud-init'] !== false;
  const size = sizeOf(flags, 'disk', 'G');
  const allocation = sizeOf(flags, 'allocation', 'G');
  const format = oneOf(flags, 'format', ['qcow2', 'raw']);
  return {
    name,
    source,
    vcpus: countOf(flags, 'vcpus'),
    memory: sizeOf(flags, 'memory', 'M'),
    disk: { size, allocation, format, mode: flags.copy === true ? 'copy' : undefined },
    pool: text('pool'),
    network: networkOf(flags),
    mac: macOf(flags),
    virtType: oneOf(flags, 'virt-type', ['kvm', 'qemu']),
    arch: text('arch'),
    machine: text('machine'),
    cpu: oneOf(flags, 'cpu', ['host-passthrough', 'host-model', 'maximum', 'default']),
    firmware: oneOf(flags, 'firmware', ['bios', 'uefi']),
    graphics: oneOf(flags, 'graphics', ['vnc', 'spice', 'none']),
    osId: osId(text('os'), context.catalogue),
    access: withSeed ? await accessOf(context) : undefined,
    start: flags.start !== false,
    startInactive: flags.yes === true,
  };
}

function fail(message: string): never {
  throw new UsageProblem(message);
}

const textOf =
  (flags: RequestContext['flags']) =>
  (name: string): string | undefined => {
    const value = flags[name];
    if (value === '') fail(`--${name} has no value`);
    return typeof value === 'string' ? value : undefined;
  };

const listOf = (flags: RequestContext['flags'], name: string): readonly string[] => {
  const value = flags[name];
  const texts = Array.isArray(value) ? value.map(String) : [];
  return texts.includes('') ? fail(`--${name} has no value`) : texts;
};

function oneOf<T extends string>(
  flags: RequestContext['flags'],
  name: string,
  values: readonly T[],
): T | undefined {
  const value = flags[name];
  if (value === undefined) return undefined;
  return (
    values.find((one) => one === value) ?? fail(`--${name} is one of ${values.join(', ')}, not "${value}"`)
  );
}

function countOf(flags: RequestContext['flags'], name: string): number | undefined {
  const value = flags[name];
  if (value === undefined) return undefined;
  return Number.isInteger(value) && Number(value) > 0
    ? Number(value)
    : fail(`--${name} is a whole number above 0${notThis(value)}`);
}

/** @param unit of a bare number, as virt-install takes them */
function sizeOf(flags: RequestContext['flags'], name: string, unit: 'M' | 'G'): number | undefined {
  const value = flags[name];
  if (value === undefined) return undefined;
  const size = parseSize(/^\d+(\.\d+)?$/.test(String(value)) ? `${value}${unit}` : String(value));
  return typeof size === 'number' ? size : fail(`--${name}: ${size.problem}`);
}

/** A card's own address: a group's has the lowest bit of its first byte set. */
function macOf(flags: RequestContext['flags']): string | undefined {
  const mac = textOf(flags)('mac')?.toLowerCase();
  if (mac === undefined || /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/.test(mac)) return mac;
  return fail(`--mac: "${mac}" is no address of a card: write e.g. 52:54:00:12:34:56`);
}

function sourceOf(context: RequestContext): VmSource {
  const { flags } = context;
  const given = ['image', 'iso', 'pxe', 'import', 'empty'].filter((name) => isGiven(flags, name));
  if (given.length > 1) fail(`one of ${given.map((name) => `--${name}`).join(', ')}, not all of them`);
  const text = textOf(flags);
  const iso = text('iso');
  if (iso !== undefined) return { kind: 'iso', image: imageOf(iso, context) };
  if (flags.pxe === true) return { kind: 'pxe' };
  if (flags.empty === true) return { kind: 'empty' };
  const imported = text('import');
  if (imported === undefined) return { kind: 'image', image: imageOf(text('image') ?? 'debian-12', context) };
  const [, pool, volume = imported] = /^([^/]+)\/(.+)$/.exec(imported) ?? [];
  return { kind: 'import', pool, volume };
}

function imageOf(typed: string, { io, flags, catalogue }: RequestContext): ImageSource {
  const arch = typeof flags.arch === 'string' ? flags.arch : 'x86_64';
  const context = { catalogue, arch, cwd: process.cwd(), home: io.env.HOME, exists: existsSync };
  const source = parseImageSource(typed, context);
  if ('problem' in source) fail([source.problem, source.hint].filter(Boolean).join('\n'));
  return source;
}

function networkOf(flags: RequestContext['flags']): NetworkChoice | undefined {
  const without = saysNo(flags, 'network');
  const given = ['network', 'bridge', 'user-network'].filter((name) => isGiven(flags, name));
  const all = [...given, ...(without ? ['no-network'] : [])];
  if (all.length > 1) fail(`one of ${all.map((name) => `--${name}`).join(', ')}, not all of them`);
  const [network, bridge] = ['network', 'bridge'].map(textOf(flags));
  if (without) return { kind: 'none' };
  if (flags['user-network'] === true) return { kind: 'user' };
  if (bridge !== undefined) return { kind: 'bridge', name: bridge };
  return network !== undefined ? { kind: 'network', name: network } : undefined;
}

/** A URL as it is, or a short id ("debian12") of a system that the catalogue knows. */
function osId(typed: string | undefined, catalogue: readonly CatalogueImage[]): string | undefined {
  if (typed === undefined || /^https?:\/\//.test(typed)) return typed;
  const short = (text: string): string => text.replace(/^https?:\/\/[^/]+\//, '').replace(/[/-]/g, '');
  const found = catalogue.find((image) => short(image.osId) === short(typed) || image.id === typed);
  return (
    found?.osId ??
    fail(`--os: "${typed}" is not known here: give libosinfo's URL, e.g. http://debian.org/debian/12`)
  );
}

async function accessOf(context: RequestContext): Promise<Access> {
  const { flags } = context;
  const text = textOf(flags);
  const merged = text('user-data');
  const alone = text('user-data-only');
  if (merged !== undefined && alone !== undefined) fail('one of --user-data, --user-data-only, not both');
  const userData = merged ?? alone;
  const file = (name: string) => {
    const path = text(name);
    return path === undefined ? undefined : { path: resolve(path) };
  };
  const addresses = listOf(flags, 'address');
  const config = file('network-config');
  if (config !== undefined && addresses.length > 0) fail('one of --network-config, --address, not both');
  return {
    datasource: oneOf(flags, 'datasource', ['nocloud', 'configdrive']) ?? 'nocloud',
    hostname: text('hostname'),
    // A file that is used alone says itself who there is.
    user: text('user') ?? (alone === undefined ? ownName() : undefined),
    sudo: flags.sudo !== false,
    keys: await keysOf(context),
    passwordHash: await passwordOf(text('password-file'), context),
    timezone: text('timezone'),
    locale: text('locale'),
    packages: listOf(flags, 'package'),
    commands: listOf(flags, 'run'),
    agent: flags.agent !== false,
    userData:
      userData === undefined
        ? undefined
        : { path: resolve(userData), mode: merged === undefined ? 'alone' : 'merge' },
    vendorData: file('vendor-data'),
    network:
      addresses.length > 0
        ? { addresses, gateway: text('gateway'), nameservers: listOf(flags, 'dns') }
        : config,
  };
}

/** The person's own name, as on their own machines; root is not somebody to log in as. */
function ownName(): string | undefined {
  try {
    const { username } = userInfo();
    return username !== 'root' && /^[a-z_][a-z0-9_-]{0,31}$/.test(username) ? username : undefined;
  } catch {
    // A user id without an entry in the user database.
    return undefined;
  }
}

async function keysOf({ io, flags, signal }: RequestContext): Promise<readonly string[]> {
  if (saysNo(flags, 'ssh-key')) return [];
  const home = io.env.HOME ?? homedir();
  const given = listOf(flags, 'ssh-key');
  if (given.length === 0) {
    return (await findKeys({ home, env: io.env, signal })).map(({ text }) => text);
  }
  const read = given.map((source) =>
    readKeys(source, { home, env: io.env, signal }).catch((error: Error) =>
      fail(`--ssh-key: ${error.message}`),
    ),
  );
  return (await Promise.all(read)).flat().map(({ text }) => text);
}
