import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { hashPassword, passwordProblem } from '../provision/cloud-init/password.js';
import { findKeys, readKeys } from '../provision/cloud-init/ssh-keys.js';
import type { CatalogueImage } from '../provision/images/catalogue.js';
import { type ImageSource, parseImageSource } from '../provision/images/image-source.js';
import {
  type Access,
  type NetworkChoice,
  nameProblem,
  type VmRequest,
  type VmSource,
} from '../provision/request.js';
import { parseSize } from '../text/size.js';
import type { CommandIo } from './command.js';

export interface RequestContext {
  readonly io: CommandIo;
  readonly flags: Readonly<Record<string, unknown>>;
  readonly catalogue: readonly CatalogueImage[];
  readonly signal: AbortSignal;
}

/** The command line is wrong; nothing has been asked of any host. */
export class UsageProblem extends Error {
  override readonly name = 'UsageProblem';
}

const mib = 1024 ** 2;
const gib = 1024 ** 3;

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
  const size = sizeOf(flags, 'disk', gib);
  const allocation = sizeOf(flags, 'allocation', gib);
  const format = oneOf(flags, 'format', ['qcow2', 'raw']);
  return {
    name,
    source,
    vcpus: countOf(flags, 'vcpus'),
    memory: sizeOf(flags, 'memory', mib),
    disk: { size, allocation, format, mode: flags.copy === true ? 'copy' : undefined },
    pool: text('pool'),
    network: networkOf(flags),
    mac: text('mac')?.toLowerCase(),
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

const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

function oneOf<T extends string>(
  flags: RequestContext['flags'],
  name: string,
  values: readonly T[],
): T | undefined {
  const value = flags[name];
  if (value === undefined) return undefined;
  return values.find((one) => one === value) ?? fail(`--${name} is one of ${values.join(', ')}`);
}

function countOf(flags: RequestContext['flags'], name: string): number | undefined {
  const value = flags[name];
  if (value === undefined) return undefined;
  return Number.isInteger(value) && Number(value) > 0
    ? Number(value)
    : fail(`--${name} is a whole number above 0`);
}

/** @param unit bytes of a bare number, as virt-install takes them */
function sizeOf(flags: RequestContext['flags'], name: string, unit: number): number | undefined {
  const value = flags[name];
  if (value === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(String(value))) return Math.floor(Number(value) * unit);
  const size = parseSize(String(value));
  return typeof size === 'number' ? size : fail(`--${name}: ${size.problem}`);
}

function sourceOf(context: RequestContext): VmSource {
  const { flags } = context;
  const given = ['image', 'iso', 'pxe', 'import', 'empty'].filter((name) => flags[name] !== undefined);
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
  const given = ['network', 'bridge', 'user-network', 'no-network'].filter(
    (name) => flags[name] !== undefined,
  );
  // Node's parser may have read --no-network as network: false.
  if (given.length > 1) fail(`one of ${given.map((name) => `--${name}`).join(', ')}, not all of them`);
  const { network, bridge } = flags;
  if (network === false || flags['no-network'] === true) return { kind: 'none' };
  if (flags['user-network'] === true) return { kind: 'user' };
  if (typeof bridge === 'string') return { kind: 'bridge', name: bridge };
  return typeof network === 'string' ? { kind: 'network', name: network } : undefined;
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
  const addresses = listOf(flags.address);
  const config = file('network-config');
  if (config !== undefined && addresses.length > 0) fail('one of --network-config, --address, not both');
  return {
    datasource: oneOf(flags, 'datasource', ['nocloud', 'configdrive']) ?? 'nocloud',
    hostname: text('hostname'),
    user: text('user') ?? ownName(),
    sudo: flags.sudo !== false,
    keys: await keysOf(context),
    passwordHash: await passwordOf(context),
    timezone: text('timezone'),
    locale: text('locale'),
    packages: listOf(flags.package),
    commands: listOf(flags.run),
    agent: flags.agent !== false,
    userData:
      userData === undefined
        ? undefined
        : { path: resolve(userData), mode: merged === undefined ? 'alone' : 'merge' },
    vendorData: file('vendor-data'),
    network:
      addresses.length > 0 ? { addresses, gateway: text('gateway'), nameservers: listOf(flags.dns) } : config,
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
  if (flags['no-ssh-key'] === true || flags['ssh-key'] === false) return [];
  const home = io.env.HOME ?? homedir();
  const given = listOf(flags['ssh-key']);
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

/** The hash: the password itself is forgotten here. */
async function passwordOf({ flags }: RequestContext): Promise<string | undefined> {
  const path = textOf(flags)('password-file');
  if (path === undefined) return undefined;
  const text = await (path === '-' ? standardInput() : readFile(path, 'utf8')).catch((error: Error) =>
    fail(`--password-file: ${error.message}`),
  );
  const [password = ''] = text.split(/\r?\n/, 1);
  const problem = passwordProblem(password);
  if (problem !== undefined) fail(`--password-file: ${problem}`);
  return hashPassword(password);
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
