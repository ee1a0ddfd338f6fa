import type { RemovableVolume, Removal } from '../../../provision/remove-domain.js';
import type { Nvram } from '../../../provision/undefine-domain.js';
import { shortList } from '../../../text/units.js';
import type { Part } from '../../theme/look.js';

/** A domain and the volumes that somebody has chosen to go with it, by their keys. */
export interface Choice {
  readonly connectionId: string;
  readonly removal: Removal;
  readonly chosen: ReadonlySet<string>;
  /** The file with its UEFI variables stays. */
  readonly keepNvram: boolean;
}

/** A line of the list: a domain, one of its volumes, or a disk that is none. */
export interface DeleteRow {
  readonly key: string;
  readonly choice: Choice;
  /** Can be chosen or left, unless it is used. */
  readonly volume?: RemovableVolume;
  /** The same of the file with a domain's UEFI variables. */
  readonly nvram?: Nvram;
  readonly parts: readonly Part[];
}

const roles: Readonly<Record<RemovableVolume['role'], string>> = {
  seed: 'seed',
  disk: 'disk',
  medium: 'medium in its drive',
  base: 'base image',
};

/** What is to be seen of domains that are to be deleted. */
export function deleteRows(choices: readonly Choice[]): readonly DeleteRow[] {
  return choices.flatMap((choice): DeleteRow[] => {
    const { connectionId, removal, chosen } = choice;
    const { domain, volumes, nvram, elsewhere } = removal;
    const id = `${connectionId}/${domain.uuid}`;
    const rows: DeleteRow[] = [{ key: id, choice, parts: [[domain.name, 'heading'], ...stateOf(removal)] }];
    for (const volume of volumes)
      rows.push({ key: `${id}/${volume.volume.key}`, choice, volume, parts: volumeParts(volume, chosen) });
    for (const { target, source } of elsewhere)
      rows.push({
        key: `${id}/${target}/${source}`,
        choice,
        parts: [[`      ${source}`], [`  ${target}  no volume of an active pool: it stays`, 'faint']],
      });
    if (nvram !== undefined)
      rows.push({ key: `${id}/nvram`, choice, nvram, parts: nvramParts(nvram, choice.keepNvram) });
    if (volumes.length + elsewhere.length === 0)
      rows.push({ key: `${id}/none`, choice, parts: [['      no volumes', 'faint']] });
    return rows;
  });
}

function stateOf({ domain }: Removal): readonly Part[] {
  return domain.id === -1 ? [] : [['  is running: it is forced off first', 'warning']];
}

function volumeParts(
  { volume, role, about, users }: RemovableVolume,
  chosen: ReadonlySet<string>,
): readonly Part[] {
  const box = users.length > 0 ? '   ' : chosen.has(volume.key) ? '[x]' : '[ ]';
  const name = `  ${box} ${volume.name}`;
  if (users.length === 0) return [[name], [`  ${roles[role]}, ${about}, pool ${volume.pool}`, 'faint']];
  return [[name], [`  ${roles[role]}, stays: used by ${shortList(users)}`, 'warning']];
}

function nvramParts({ path, users }: Nvram, kept: boolean): readonly Part[] {
  if (users.length > 0)
    return [[`      ${path}`], [`  NVRAM, stays: used by ${shortList(users)}`, 'warning']];
  return [[`  ${kept ? '[ ]' : '[x]'} ${path}`], ['  NVRAM', 'faint']];
}
