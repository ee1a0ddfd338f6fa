import { stat } from 'node:fs/promises';
import { downloadVolume, type TransferProgress, uploadFile } from '../libvirt/transfer.js';
import { volumeFormats, volumeXml } from '../libvirt/xml/volume-xml.js';
import { safe } from '../text/safe.js';
import { bytes } from '../text/size.js';
import { type CommandIo, ExitCode, usageError } from './command.js';
import type { SubcommandContext } from './subcommands.js';
import { inPool, nameError, onVolume } from './vol-places.js';

/** Often enough to see that it goes on. */
const tellEvery = 500;

/** `virtdeck vol upload POOL NAME FILE` */
export async function upload(
  [pool = '', name = '', path = '']: readonly string[],
  context: SubcommandContext,
): Promise<number> {
  const { io, flags } = context;
  const wrong = nameError(context, name);
  if (wrong !== undefined) return wrong;
  const file = await stat(path).catch(() => undefined);
  if (file?.isFile() !== true) return usageError(io, 'vol', `there is no file "${safe(path)}"`);
  const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  const format = String(flags.format ?? volumeFormats.find((known) => known === ending) ?? 'raw');
  return inPool(context, pool, `Failed to upload '${path}'`, async (place) => {
    const xml = volumeXml({ name, capacity: file.size, allocation: 0, format });
    const progress = progressLine(io);
    const { size, sha256 } = await uploadFile(place.hypervisor, place.pool, path, {
      xml,
      signal: io.signal,
      progress: progress.tell,
    }).finally(progress.end);
    io.stdout.write(`Volume '${safe(name)}' uploaded: ${bytes(size)}, SHA-256 ${sha256}\n`);
    return ExitCode.ok;
  });
}

/** `virtdeck vol download POOL NAME FILE` */
export async function download(operands: readonly string[], context: SubcommandContext): Promise<number> {
  const { io, flags } = context;
  const [, , path = ''] = operands;
  if (flags.force !== true && (await stat(path).catch(() => undefined)) !== undefined) {
    io.stderr.write(`error: "${safe(path)}" exists\nhint: --force overwrites it\n`);
    return ExitCode.failed;
  }
  return onVolume(context, operands, 'download', async ({ hypervisor, volume }) => {
    const progress = progressLine(io);
    const { size, sha256 } = await downloadVolume(hypervisor, volume, path, {
      signal: io.signal,
      progress: progress.tell,
    }).finally(progress.end);
    io.stdout.write(`Volume '${safe(volume.name)}' downloaded: ${bytes(size)}, SHA-256 ${sha256}\n`);
    return ExitCode.ok;
  });
}

/** One line on the terminal that is written over; nothing where nobody sees it. */
function progressLine(io: CommandIo): { tell: TransferProgress; end(): void } {
  if (io.stdout.isTTY !== true) return { tell: () => {}, end: () => {} };
  const begun = performance.now();
  let told = 0;
  return {
    tell: (at, total) => {
      const now = performance.now();
      if (now - told < tellEvery) return;
      told = now;
      const rate = (at / Math.max(1, now - begun)) * 1000;
      const of = total === undefined ? '' : ` of ${bytes(total)}, ${Math.round((at / total) * 100)} %`;
      const left = total === undefined ? '' : `, ${Math.ceil((total - at) / Math.max(1, rate))} s left`;
      io.stderr.write(`\r\u001B[K${bytes(at)}${of}, ${bytes(rate)}/s${left}`);
    },
    end: () => void io.stderr.write('\r\u001B[K'),
  };
}
