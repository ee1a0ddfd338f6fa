import type { Volume } from '../../../inventory/object-types.js';
import { usersOf, type VolumeUse } from '../../../inventory/volume-users.js';
import { bytes } from '../../../text/size.js';
import type { TableColumn } from '../../kit/table.js';
import type { Look, Part } from '../../theme/look.js';
import { baseName, factsOf } from './volume-facts.js';

/** The columns of the list of volumes, with who uses them as far as that is known. */
export function volumeColumns(use: VolumeUse): readonly TableColumn<Volume>[] {
  const usersText = (volume: Volume): string =>
    usersOf(use, volume, factsOf(volume)?.path)
      .map(({ domain }) => domain)
      .join(', ');
  return [
    { id: 'name', title: 'NAME', min: 16, max: 48, rank: 0, cell: nameCell, order: {} },
    {
      id: 'format',
      title: 'FORMAT',
      min: 7,
      max: 8,
      rank: 3,
      cell: (volume, _, look) => known(volume, look, factsOf(volume)?.format ?? ''),
      order: { value: (volume) => factsOf(volume)?.format },
    },
    sizeColumn('capacity', 'CAPACITY', 9, 1),
    sizeColumn('allocation', 'ALLOCATED', 10, 2),
    {
      id: 'backing',
      title: 'BACKING',
      min: 10,
      max: 40,
      rank: 5,
      cell: backingCell,
      order: { value: (volume) => factsOf(volume)?.backing?.path },
    },
    {
      id: 'users',
      title: 'USED BY',
      min: 10,
      max: 40,
      rank: 4,
      cell: (volume) => [usersText(volume)],
      order: { value: (volume) => usersText(volume) || undefined },
    },
  ];
}

/** A column of bytes, always `cells` wide. */
function sizeColumn(
  id: 'capacity' | 'allocation',
  title: string,
  cells: number,
  rank: number,
): TableColumn<Volume> {
  const value = (volume: Volume): number | undefined => factsOf(volume)?.[id];
  return {
    id,
    title,
    min: cells,
    max: cells,
    rank,
    align: 'right',
    cell: (volume, _, look) => {
      const size = value(volume);
      return known(volume, look, size === undefined ? '' : bytes(size));
    },
    order: { value },
  };
}

function nameCell({ name, error }: Volume): Part {
  return error === undefined ? [name] : [name, 'bad'];
}

/** Dots while it is asked for, a dash where it could not be read. */
function known(volume: Volume, look: Look, text: string): Part {
  if (volume.error !== undefined) return [look.glyphs.unknown, 'bad'];
  return volume.xml === undefined ? [look.glyphs.pending, 'faint'] : [text];
}

function backingCell(volume: Volume): Part {
  const facts = factsOf(volume);
  if (facts?.backing === undefined) return [''];
  const name = baseName(facts.backing.path);
  return facts.baseSeen ? [name] : [`! ${name}`, 'bad'];
}
