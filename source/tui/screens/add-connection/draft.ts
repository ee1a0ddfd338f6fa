import { suggestName, uniqueName } from '../../../settings/connection-names.js';
import { nameProblem, uriProblem } from '../../../settings/connection-rules.js';
import type { ConnectionSetting } from '../../../settings/settings.js';
import type { Field, Problem, Values } from '../../kit/form/form.js';
import { connectionTypes, customType } from './connection-types.js';

export const fields: readonly Field[] = [
  {
    id: 'type',
    label: 'Hypervisor',
    kind: 'choice',
    choices: connectionTypes.map(({ id, text }) => ({ value: id, text })),
  },
  { id: 'name', label: 'Name', kind: 'text' },
  { id: 'autoconnect', label: 'Autoconnect', kind: 'toggle', hint: 'when the program starts' },
  { id: 'uri', label: 'URI', kind: 'text' },
];

/**
 * What was typed and chosen of a connection that is about to be added, by the fields' ids. The URI that was typed
 * waits there while another type is chosen.
 */
export type Draft = Values;

/** What a form begins with; an emptied name is suggested again. */
const initial: Values = { type: connectionTypes[0]?.id ?? customType, name: '', autoconnect: 'yes' };

const typeOf = (draft: Draft) => connectionTypes.find(({ id }) => id === (draft.type ?? initial.type));

/** The URI that the draft comes to. */
export function uriOf(draft: Draft): string {
  return typeOf(draft)?.uri ?? draft.uri ?? '';
}

/** As the form shows it: where no name was typed, with one that is not taken. */
export function valuesOf(draft: Draft, taken: readonly string[]): Values {
  const uri = uriOf(draft);
  const name = uniqueName(typeOf(draft)?.name ?? suggestName(uri), taken);
  return { ...initial, name, ...draft, uri };
}

/** A URI that is typed is a custom one; a custom one begins with what was shown. */
export function withValue(draft: Draft, id: string, value: string): Draft {
  const { [id]: _, ...rest } = draft;
  if (id === 'uri') return { ...rest, type: customType, uri: value };
  const uri = id === 'type' && value === customType ? { uri: draft.uri ?? uriOf(draft) } : {};
  return value === initial[id] ? rest : { ...rest, ...uri, [id]: value };
}

export function settingOf(draft: Draft, taken: readonly string[]): ConnectionSetting {
  const { name = '', uri = '', autoconnect } = valuesOf(draft, taken);
  return { name, uri, autoconnect: autoconnect === 'yes' };
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
  const { name = '', uri = '' } = valuesOf(draft, taken);
  const isTaken = taken.includes(name) ? `there is a connection named "${name}" already` : undefined;
  const found = [
    { field: 'name', message: nameProblem(name) ?? isTaken },
    { field: 'uri', message: uriProblem(uri) ?? mistake(uri) },
  ];
  return found.flatMap(({ field, message }) => (message === undefined ? [] : [{ field, message }]));
}
