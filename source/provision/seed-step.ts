import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readSmallText } from '../state/read-small-file.js';
import { readFailure } from '../text/read-failure.js';
import { loginOf } from './cloud-init/own-users.js';
import { type CloudInit, type Problem, problemsOf, remarksOf } from './cloud-init/request.js';
import { maskedSeedFiles, seedFiles } from './cloud-init/seed-files.js';
import { imageOf } from './guest.js';
import type { Finding, Step } from './plan.js';
import { hostsOf } from './request/names.js';
import type { VmRequest } from './request/vm-request.js';
import { findIsoTool, isoToolHint, makeSeedIso } from './seed/iso.js';
import { inPrivateFolder } from './seed/private-folder.js';
import { uploadVolume } from './steps.js';

type Env = Readonly<Record<string, string | undefined>>;

/** What the guest is told at its first boot. */
export interface Seed {
  readonly cloudInit: CloudInit;
  /** For print-outs. */
  readonly masked: ReadonlyMap<string, string>;
  readonly user: string | undefined;
}

/** Whom to log in as, where nobody has said and the image is not in the catalogue. */
const usualUser = 'admin';
/** The most that a seed's own files may have, in bytes: cloud-init reads them into memory. */
const mostBytes = 4 * 1024 ** 2;

/**
 * Reads the person's files and settles what is left open.
 *
 * @param identity of the domain: its UUID and its card's MAC address
 * @param read one reader for all machines of a request
 */
export async function prepareSeed(
  request: VmRequest,
  identity: { readonly uuid: string; readonly mac: string | undefined },
  { env, read }: { readonly env: Env; readonly read: OwnFileReader },
): Promise<{ readonly seed: Seed | undefined; readonly findings: readonly Finding[] }> {
  const { access } = request;
  if (access === undefined) return { seed: undefined, findings: [] };
  const findings: Finding[] = [];
  const own = async (part: keyof CloudInit, path: string | undefined): Promise<string | undefined> => {
    if (path === undefined) return undefined;
    const text = await read(path);
    if (typeof text === 'string') return text;
    findings.push({ level: 'error', field: 'access', part, ...text });
    return undefined;
  };
  const network = access.network;
  const [userData, vendorData, networkText] = await Promise.all([
    own('extra', access.userData?.path),
    own('vendorData', access.vendorData?.path),
    own('network', network !== undefined && 'path' in network ? network.path : undefined),
  ]);
  const { sudo, keys, passwordHash, datasource, agent } = access;
  const user = access.user ?? (imageOf(request)?.user || usualUser);
  const cloudInit: CloudInit = {
    ...hostsOf(request.name, access.hostname),
    instanceId: identity.uuid,
    user: { name: user, sudo, keys, passwordHash, shell: shellOf(request) },
    ...(access.timezone && { timezone: access.timezone }),
    ...(access.locale && { locale: access.locale }),
    packages: access.packages,
    commands: access.commands,
    agent,
    ...(userData !== undefined && { extra: { text: userData, mode: access.userData?.mode ?? 'merge' } }),
    ...(networkText !== undefined && { network: { text: networkText } }),
    ...(network !== undefined &&
      !('path' in network) &&
      identity.mac !== undefined && {
        network: {
          mac: identity.mac,
          addresses: network.addresses,
          nameservers: network.nameservers,
          ...(network.gateway && { gateway: network.gateway }),
        },
      }),
    ...(vendorData !== undefined && { vendorData }),
    datasource,
  };
  const about =
    (level: Finding['level']) =>
    ({ field, message, hint }: Problem) =>
      findings.push({ level, field: 'access', part: field, message, fix: hint });
  problemsOf(cloudInit).forEach(about('error'));
  remarksOf(cloudInit).forEach(about('warning'));
  if ((await findIsoTool(env)) === undefined)
    findings.push({
      level: 'error',
      field: 'access',
      message: 'no program is there to make the seed ISO with',
      fix: isoToolHint,
    });
  const typed = access.userData?.mode === 'alone' ? access.user : undefined;
  const known = typed ?? loginOf(cloudInit, imageOf(request)?.user || undefined);
  return { seed: { cloudInit, masked: maskedSeedFiles(cloudInit).files, user: known }, findings };
}

/** Makes the ISO in a folder that only its owner can enter, and brings it to the host as a volume. */
export function seedStep(pool: string, name: string, { cloudInit }: Seed, env: Env): Step {
  return {
    id: 'seed',
    title: `Make the seed ${name} for cloud-init, in the pool ${pool}`,
    run: async (control) => {
      await inPrivateFolder(env, async (folder) => {
        const path = join(folder, 'seed.iso');
        await makeSeedIso(seedFiles(cloudInit), path, { signal: control.signal, env });
        const { size } = await stat(path);
        await uploadVolume(control, 'volume', pool, { path, name, format: 'raw', capacity: size });
      });
      return undefined;
    },
  };
}

/** Distributions give new users /bin/sh, which nobody wants to type in; Alpine has nothing else. */
function shellOf(request: VmRequest): string | undefined {
  return imageOf(request)?.id.startsWith('alpine') ? undefined : '/bin/bash';
}

type OwnFile = string | { readonly message: string; readonly fix?: string };
export type OwnFileReader = (path: string) => Promise<OwnFile>;

/** Reads each file once: what a shell hands over (`<(command)`) cannot be read for every machine again. */
export function ownFileReader(signal: AbortSignal): OwnFileReader {
  const files = new Map<string, Promise<OwnFile>>();
  return (path) => {
    const file = files.get(path) ?? readOwnFile(path, signal);
    files.set(path, file);
    return file;
  };
}

async function readOwnFile(path: string, signal: AbortSignal): Promise<OwnFile> {
  try {
    return await readSmallText(path, mostBytes, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { message: readFailure(path, error) };
  }
}
