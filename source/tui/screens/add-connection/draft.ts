import { suggestName, uniqueName } from '../../../settings/connection-names.js';
import { nameProblem, uriProblem } from '../../../settings/connection-rules.js';
import type { ConnectionSetting } from '../../../settings/settings.js';
import type { Problem, Values } from '../../kit/form/form.js';
import { connectionTypes, customType } from './connection-types.js';

/** A connection that is about to be added, as entered so far. */
export interface Draft {
  /** Id of a connection type. */
  readonly type: string;
  /** The name that was typed; undefined: one is suggested. */
  readonly name: string | undefined;
  readonly autoconnect: boolean;
  /** The URI that was typed; it waits while another type is chosen. */
  readonly customUri: string | undefined;
}

export const firstDraft: Draft = {
  type: connectionTypes[0]?.id ?? customType,
  name: undefined,
  autoconnect: true,
  customUri: undefined,
};

/** The URI that the draft comes to. */
export function uriOf({ type, customUri }: Draft): string {
  return connectionTypes.find(({ id }) => id === type)?.uri ?? customUri ?? '';
}

/** The name it is to have: the one typed, else a suggestion that is not taken. */
export function nameOf(draft: Draft, taken: readonly string[]): string {
  if (draft.name !== undefined) return draft.name;
  const type = connectionTypes.find(({ id }) => id === draft.type);
  return uniqueName(type?.name ?? suggestName(uriOf(draft)), taken);
}

/** Another type: its URI takes the place of the one shown. A custom one begins with what was shown. */
export function withType(draft: Draft, type: string): Draft {
  if (type !== customType) return { ...draft, type };
  return { ...draft, type, customUri: draft.customUri ?? uriOf(draft) };
}

/** A URI that is typed is a custom one. */
export function withUri(draft: Draft, uri: string): Draft {
  return { ...draft, type: customType, customUri: uri };
}

/** An emptied name is suggested again. */
export function withName(draft: Draft, name: string): Draft {
  return { ...draft, name: name === '' ? undefined : name };
}

/** As the form shows it. */
export function valuesOf(draft: Draft, taken: readonly string[]): Values {
  return {
    type: draft.type,
    name: nameOf(draft, taken),
    autoconnect: draft.autoconnect ? 'yes' : 'no',
    uri: uriOf(draft),
  };
}

export function settingOf(draft: Draft, taken: readonly string[]): ConnectionSetting {
  return { name: nameOf(draft, taken), uri: uriOf(draft), autoconnect: draft.autoconnect };
}

/**
 * All that is wrong, before anything is asked of libvirt.
 *
 * @param mistake what is wrong with a URI by libvirt's own rules
 */
export function problemsOf(
  draft: Draft,
  taken: readonly string[],
  mistake: (uri: string) => string | undefined,
): Problem[] {
  const name = nameOf(draft, taken);
  const uri = uriOf(draft);
  const aboutName =
    nameProblem(name) ?? (taken.includes(name) ? `there is a connection named "${name}" already` : undefined);
  const aboutUri = uriProblem(uri) ?? mistake(uri);
  return [
    ...(aboutName === undefined ? [] : [{ field: 'name', message: aboutName }]),
    ...(aboutUri === undefined ? [] : [{ field: 'uri', message: aboutUri }]),
  ];
}
