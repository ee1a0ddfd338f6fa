import { type DescribedVolume, describedVolumes } from '../../inventory/all-volumes.js';
import type { UploadRecord } from '../../libvirt/transfer.js';
import { jsonText } from '../../text/json.js';
import { literal } from '../../text/safe.js';
import { bytes } from '../../text/size.js';
import { ExitCode } from '../command.js';
import { reportError } from '../failures.js';
import { writeXml } from '../objects.js';
import type { SubcommandContext } from '../subcommands.js';
import { type TableColumn, table } from '../table.js';
import { inPool, onVolume } from './places.js';
import { uploadNotes } from './transfers.js';

/** `virtdeck vol list POOL` */
export function listVolumes([pool = '']: readonly string[], context: SubcommandContext): Promise<number> {
  const { io, flags } = context;
  return inPool(context, pool, `Failed to list the volumes of '${pool}'`, async (place) => {
    const [{ volumes, unread }, uploads] = await Promise.all([
      describedVolumes(place.hypervisor, place.pool),
      uploadNotes(io).of(place.pool),
    ]);
    const rows = volumes
      .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
      .map((volume) => ({ volume, upload: uploads.get(volume.name) }));
    if (flags.json) io.stdout.write(literal`${jsonText(rows.map(asJson), 2)}\n`);
    else {
      // Whoever never had such an upload need not wonder about a column for it.
      const shown = columns.filter(({ title }) => title !== 'Upload' || rows.some(({ upload }) => upload));
      io.stdout.write(
        table(
          shown,
          rows.map((row) => shown.map(({ cell }) => cell(row))),
        ),
      );
    }
    for (const { name, error } of unread) reportError(io, `Failed to read volume '${name}'`, error);
    return unread.length > 0 ? ExitCode.failed : ExitCode.ok;
  });
}

interface Row {
  readonly volume: DescribedVolume;
  readonly upload: UploadRecord | undefined;
}

const columns: readonly (Extract<TableColumn, object> & { cell(row: Row): string })[] = [
  { title: 'Name', align: 'left', cell: ({ volume }) => volume.name },
  { title: 'Format', align: 'left', cell: ({ volume }) => volume.format ?? '-' },
  { title: 'Capacity', align: 'right', cell: ({ volume }) => bytes(volume.capacity) },
  { title: 'Allocation', align: 'right', cell: ({ volume }) => bytes(volume.allocation) },
  { title: 'Upload', align: 'left', cell: ({ upload }) => (upload === undefined ? '-' : 'incomplete') },
  { title: 'Backing', align: 'left', cell: ({ volume }) => volume.backing?.path ?? '-' },
  { title: 'Path', align: 'left', cell: ({ volume }) => volume.path ?? '-' },
];

function asJson({ volume: { pool: _, key: __, baseSeen: ___, ...volume }, upload }: Row) {
  const incomplete = upload !== undefined;
  if (!incomplete) return { ...volume, incomplete };
  const { path, size, confirmed } = upload;
  return { ...volume, incomplete, upload: { path, size, confirmed } };
}

/** `virtdeck vol dumpxml POOL NAME` */
export function dumpVolume(operands: readonly string[], context: SubcommandContext): Promise<number> {
  return onVolume(context, operands, 'show', async ({ hypervisor, volume }) => {
    writeXml(context, await hypervisor.volumes.xml(volume));
    return ExitCode.ok;
  });
}
