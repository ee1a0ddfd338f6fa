import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { findKeys, readKeys } from '../../provision/cloud-init/ssh-keys.js';
import type { CatalogueImage } from '../../provision/images/catalogue.js';
import { type ImageSource, parseImageSource } from '../../provision/images/image-source.js';
import { nameProblem } from '../../provision/request/names.js';
import { ownName } from '../../provision/request/own-name.js';
import { isWrong, readOption, requestFrom } from '../../provision/request/read-option.js';
import type { PlainReading, Said } from '../../provision/request/vm-option.js';
import { vmOptions } from '../../provision/request/vm-options.js';
import type { NetworkChoice, VmRequest, VmSource } from '../../provision/request/vm-request.js';
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
  if (flags.password !== undefined)
    fail(
      'a password on the command line is seen by everybody: put it into a file for --password-file, or - for standard input',
    );
  const source = sourceOf(context);
  const hasAccess = source.kind === 'image' && flags['cloud-init'] !== false;
  const said: Said = {
    ...plainlySaid(context),
    network: networkOf(flags),
    ...(hasAccess && (await accessOf(context))),
  };
  return requestFrom({ name, source }, said, hasAccess);
}

/** What the table of options alone can read. */
function plainlySaid({ flags, catalogue }: RequestContext): Said {
  const said = vmOptions.flatMap(({ flag, value: reading }) =>
    flag === undefined || reading.kind === 'special'
      ? []
      : [[reading.path, readFlag(flag.name, reading, flags, catalogue)]],
  );
  return Object.fromEntries(said);
}

function readFlag(
  name: string,
  reading: PlainReading,
  flags: RequestContext['flags'],
  images: readonly CatalogueImage[],
): unknown {
  const value = flags[name];
  if (reading.kind === 'toggle') return value === undefined ? reading.default : value === true;
  if (reading.kind === 'words' || reading.kind === 'line') return listOf(flags, name);
  if (reading.kind === 'choice' && reading.flagMeans !== undefined)
    return value === true ? reading.flagMeans : reading.default;
  if (value === undefined) return reading.kind === 'choice' ? reading.default : undefined;
  if (value === '') return fail(`--${name} has no value`);
  const read = readOption(reading, String(value), images);
  if (!isWrong(read)) return read;
  if (reading.kind === 'count') return fail(`--${name} is a whole number above 0${notThis(value)}`);
  return fail(
    reading.kind === 'choice' ? `--${name} ${read.problem}, not "${value}"` : `--${name}: ${read.problem}`,
  );
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

async function accessOf(context: RequestContext): Promise<Said> {
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
    // A file that is used alone says itself who there is.
    'access.user': text('user') ?? (alone === undefined ? ownName() : undefined),
    'access.keys': await keysOf(context),
    'access.passwordHash': await passwordOf(text('password-file'), context),
    'access.userData':
      userData === undefined
        ? undefined
        : { path: resolve(userData), mode: merged === undefined ? 'alone' : 'merge' },
    'access.vendorData': file('vendor-data'),
    'access.network':
      addresses.length > 0
        ? { addresses, gateway: text('gateway'), nameservers: listOf(flags, 'dns') }
        : config,
  };
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
