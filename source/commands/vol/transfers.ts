import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ErrorCode, LibvirtError } from '../../libvirt/errors.js';
import type { VolumeRef } from '../../libvirt/storage.js';
import {
  downloadVolume,
  resumeUpload,
  sumText,
  UploadJournal,
  uploadFile,
  uploadsFolder,
} from '../../libvirt/transfer.js';
import { volumeFormats, volumeXml } from '../../libvirt/xml/volume-xml.js';
import { virtdeckLine } from '../../provision/by-hand.js';
import { usersNow } from '../../provision/volume-holders.js';
import { notRegular } from '../../state/read-small-file.js';
import { readFailure } from '../../text/read-failure.js';
import { literal, safe } from '../../text/safe.js';
import { bytes } from '../../text/size.js';
import { shortList } from '../../text/units.js';
import { type CommandIo, ExitCode } from '../command.js';
import { reportProblem, usageError } from '../failures.js';
import { cleanUpAtEnd } from '../opener.js';
import type { SubcommandContext } from '../subcommands.js';
import { formatError, inPool, nameError, onVolume, type PoolPlace } from './places.js';
import { transferReport } from './progress.js';

/** The uploads of this machine that are not whole. */
export function uploadNotes({ env }: CommandIo): UploadJournal {
  return new UploadJournal(uploadsFolder(env));
}

/** `virtdeck vol upload POOL NAME FILE` */
export async function upload(
  [pool = '', name = '', path = '']: readonly string[],
  context: SubcommandContext,
): Promise<number> {
  const { io, flags } = context;
  const wrong = nameError(context, name) ?? formatError(context, flags.format);
  if (wrong !== undefined) return wrong;
  if (flags.resume && flags.format !== undefined)
    return usageError(io, 'vol', '--resume goes on with a volume that has its format: leave out --format');
  if (flags.resume && flags.verify === false)
    return usageError(io, 'vol', 'what is gone on with is always read back: leave out --no-verify');
  const file = await stat(path).catch((error: Error) => error);
  if (file instanceof Error || !file.isFile()) {
    reportProblem(io, readFailure(path, file instanceof Error ? file : notRegular(file)));
    return ExitCode.failed;
  }
  return inPool(context, pool, `Failed to upload '${path}'`, async (place) => {
    const report = transferReport(context);
    const work: UploadWork = { place, name, path: resolve(path), notes: uploadNotes(io) };
    const control = { signal: io.signal, progress: report.progress };
    const run = flags.resume === true ? goOn : begin;
    const left = literal`the volume ${safe(name)} may be left behind, incomplete: virtdeck vol upload --resume goes on with it`;
    const settled = cleanUpAtEnd(io, place.hypervisor, left);
    const { size, sha256 } = await run(work, context, control)
      .catch((error: unknown) => {
        // What is left behind says so itself.
        const { kind } = error as LibvirtError;
        if (io.signal?.aborted !== true || kind === 'closed') throw error;
        throw new LibvirtError({ kind: 'aborted', message: 'cancelled; no volume is left behind' });
      })
      .finally(() => {
        settled();
        report.end();
      });
    // The host reads the new contents; the upload is complete even if that fails.
    await place.hypervisor.pools.refresh(place.pool).catch(() => {});
    report.done(literal`Volume '${safe(name)}' uploaded: ${bytes(size)}, ${safe(sumText({ sha256 }))}`, {
      pool: place.pool.name,
      volume: name,
      size,
      sha256,
    });
    return ExitCode.ok;
  });
}

interface UploadWork {
  readonly place: PoolPlace;
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly notes: UploadJournal;
}

type Control = Pick<Parameters<typeof uploadFile>[3], 'signal' | 'progress'>;

async function begin(
  { place, name, path, notes }: UploadWork,
  { flags }: SubcommandContext,
  control: Control,
) {
  const { hypervisor, pool } = place;
  const there = await existing(place, name);
  if (there !== undefined && (await notes.find(pool, name)) !== undefined)
    throw new LibvirtError({
      kind: 'protocol',
      message: `the volume ${name} is there from an upload that did not end`,
      hint: '--resume goes on with it, vol delete removes it.',
    });
  const [{ size }, { uri }] = await Promise.all([stat(path), hypervisor.hostInfo()]);
  const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase();
  const format = String(flags.format ?? volumeFormats.find((known) => known === ending) ?? 'raw');
  return uploadFile(hypervisor, pool, path, {
    ...control,
    xml: volumeXml({ name, capacity: size, allocation: 0, format }),
    journal: { notes, uri, volume: name },
    verify: flags.verify !== false,
    byHand: deletion(place),
  });
}

const deletion =
  ({ connection }: PoolPlace) =>
  ({ pool, name }: VolumeRef): string =>
    virtdeckLine(connection, 'vol', 'delete', pool, name);

async function goOn({ place, name, path, notes }: UploadWork, _: SubcommandContext, control: Control) {
  const { hypervisor, pool } = place;
  const record = await notes.find(pool, name);
  const volume = record && (await existing(place, name));
  if (record !== undefined && volume !== undefined) {
    const users = (await usersNow(hypervisor, volume)).map(({ domain }) => domain);
    // Somebody may have made another one of that name since, or taken it as it is.
    if (users.length > 0)
      throw new LibvirtError({
        kind: 'protocol',
        message: `${name} is used by ${shortList(users.map((one) => `domain ${one}`))} by now: going on would overwrite it`,
        hint: 'Upload the file under another name.',
      });
    return resumeUpload(hypervisor, volume, path, record, { ...control, notes, byHand: deletion(place) });
  }
  // Somebody has removed it: the note is of no use any more.
  if (record !== undefined) await notes.remove(pool, name);
  throw new LibvirtError({
    kind: 'protocol',
    message: `there is no upload of ${name} into ${pool.name} to go on with`,
    hint: 'Without --resume the file is uploaded from the beginning.',
  });
}

async function existing({ hypervisor, pool }: PoolPlace, name: string) {
  try {
    return await hypervisor.volumes.lookup(pool, name);
  } catch (error) {
    if ((error as LibvirtError).code === ErrorCode.noVolume) return undefined;
    throw error;
  }
}

/** `virtdeck vol download POOL NAME FILE` */
export async function download(operands: readonly string[], context: SubcommandContext): Promise<number> {
  const { io, flags } = context;
  const [, , path = ''] = operands;
  const [target, part] = await Promise.all([path, `${path}.part`].map((one) => sizeOf(one)));
  if (target === 'directory')
    return usageError(io, 'vol', `"${safe(path)}" is a directory: name a file in it`);
  if (flags.force !== true && target !== undefined) return refused(io, path, '--force overwrites it');
  if (flags.force !== true && flags.resume !== true && part !== undefined)
    return refused(io, `${path}.part`, '--resume goes on with it, --force overwrites it');
  return onVolume(context, operands, 'download', async ({ hypervisor, volume }) => {
    const report = transferReport(context);
    const { size, sha256 } = await downloadVolume(hypervisor, volume, path, {
      signal: io.signal,
      progress: report.progress,
      resume: flags.resume === true,
      verify: flags.verify === true,
      keepPart: true,
    })
      .catch(async (error: unknown) => {
        throw await withPart(path, error, io.signal?.aborted === true);
      })
      .finally(report.end);
    report.done(
      literal`Volume '${safe(volume.name)}' downloaded: ${bytes(size)}, ${safe(sumText({ sha256 }))}`,
      { pool: volume.pool, volume: volume.name, path: resolve(path), size, sha256 },
    );
    return ExitCode.ok;
  });
}

function refused(io: CommandIo, path: string, hint: string): number {
  reportProblem(io, `"${path}" exists`, hint);
  return ExitCode.failed;
}

/** The error of a download, with what is left of it. */
async function withPart(path: string, error: unknown, aborted: boolean): Promise<unknown> {
  const size = await sizeOf(`${path}.part`);
  const { kind = 'closed', message, hint } = error as LibvirtError;
  if (typeof size !== 'number' || hint !== undefined) return error;
  return new LibvirtError({
    kind: aborted ? 'aborted' : kind,
    message: aborted ? 'cancelled' : message,
    hint: `${path}.part holds ${bytes(size)}: --resume goes on with it.`,
    cause: error,
  });
}

async function sizeOf(path: string): Promise<number | 'directory' | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ? 'directory' : found?.size;
}
