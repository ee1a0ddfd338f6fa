import { suggestName, uniqueName } from '../../../settings/connection-names.js';
import { nameProblem, uriProblem } from '../../../settings/connection-rules.js';
import type { ConnectionSetting } from '../../../settings/settings.js';
import { isSshName, noSshName } from '../../../transport/ssh/arguments.js';
import type { Field, Problem, Values } from '../../kit/form/form.js';
import { connectionTypes, customType } from './connection-types.js';
import { fieldsOfUri, type SshLogin, splitHost, uriOverSsh } from './uri-fields.js';

/**
 * What was typed and chosen of a connection, by the fields' ids. The URI that was typed waits there while another
 * type is chosen, and the host while it is not over ssh.
 */
export type Draft = Values;

/** What a form begins with; an emptied name is suggested again. */
const initial: Values = {
  type: connectionTypes[0]?.id ?? customType,
  ssh: 'no',
  host: '',
  user: '',
  port: '',
  name: '',
  autoconnect: 'yes',
};

const typeOf = (draft: Draft) => connectionTypes.find(({ id }) => id === (draft.type ?? initial.type));

function isOverSsh(draft: Draft): boolean {
  return draft.ssh === 'yes' && typeOf(draft)?.isLocal !== true;
}

function loginOf({ host = '', user = '', port = '' }: Draft): SshLogin {
  return splitHost({ host, user, port });
}

/** The lines of the form. @param hosts those that are known here, as "root@lab2:2222" */
export function fieldsOf(draft: Draft, hosts: readonly string[]): readonly Field[] {
  const choices = connectionTypes.map(({ id, text }) => ({ value: id, text }));
  const login: readonly Field[] = [
    { id: 'host', label: 'Host', kind: 'text', suggestions: hosts },
    { id: 'user', label: 'User', kind: 'text', hint: 'may be left to ssh' },
    { id: 'port', label: 'Port', kind: 'text', hint: 'may be left to ssh' },
  ];
  const ssh: Field = {
    id: 'ssh',
    label: 'Over SSH',
    kind: 'toggle',
    hint: 'connect to remote host over SSH',
  };
  return [
    { id: 'type', label: 'Hypervisor', kind: 'choice', choices },
    ...(typeOf(draft)?.isLocal === true ? [] : [ssh]),
    ...(isOverSsh(draft) ? login : []),
    { id: 'name', label: 'Name', kind: 'text' },
    { id: 'autoconnect', label: 'Autoconnect', kind: 'toggle', hint: 'when the program starts' },
    { id: 'uri', label: 'URI', kind: 'text' },
  ];
}

/** The URI that the draft comes to. */
export function uriOf(draft: Draft): string {
  const uri = typeOf(draft)?.uri;
  if (uri === undefined) return draft.uri ?? '';
  return isOverSsh(draft) ? uriOverSsh(uri, loginOf(draft)) : uri;
}

/** As the form shows it: where no name was typed, with one that is not taken. */
export function valuesOf(draft: Draft, taken: readonly string[]): Values {
  const uri = uriOf(draft);
  const own = isOverSsh(draft) ? undefined : typeOf(draft)?.name;
  return { ...initial, name: uniqueName(own ?? suggestName(uri), taken), ...draft, uri };
}

/** A URI that the fields can say is in them from then on; any other is a custom one, which begins with what was shown. */
export function withValue(draft: Draft, id: string, value: string): Draft {
  const { [id]: _, ...rest } = draft;
  if (id === 'uri') {
    const read = fieldsOfUri(value);
    return read === undefined ? { ...rest, type: customType, uri: value } : changed({ ...rest, ...read });
  }
  const uri = id === 'type' && value === customType ? { uri: draft.uri ?? uriOf(draft) } : {};
  return changed({ ...rest, ...uri, [id]: value });
}

/** The host was left: a user and a port that were typed with it go into their own fields. */
export function withHostSplit(draft: Draft): Draft {
  return changed({ ...draft, ...loginOf(draft) });
}

/** What the form of a connection that is there begins with. */
export function draftOf({ name, uri, autoconnect }: ConnectionSetting): Draft {
  return changed({ ...withValue({}, 'uri', uri), name, autoconnect: autoconnect ? 'yes' : 'no' });
}

/** Without what a form begins with anyway. */
function changed(draft: Draft): Draft {
  return Object.fromEntries(Object.entries(draft).filter(([id, value]) => value !== initial[id]));
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
  const login = isOverSsh(draft) ? loginProblems(loginOf(draft)) : [];
  const found = [
    ...login,
    { field: 'name', message: nameProblem(name) ?? isTaken },
    // What the fields above have made wrong is told there.
    { field: 'uri', message: login.length > 0 ? undefined : (uriProblem(uri) ?? mistake(uri)) },
  ];
  return found.flatMap(({ field, message }) => (message === undefined ? [] : [{ field, message }]));
}

function loginProblems({ host, user, port }: SshLogin): Problem[] {
  const isPort = port === '' || (/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536);
  return [
    ...(host === '' ? [{ field: 'host', message: 'a host is needed: its name or its address' }] : []),
    ...(host !== '' && !isSshName('host', host) ? [{ field: 'host', message: noSshName('host', host) }] : []),
    ...(user !== '' && !isSshName('user', user) ? [{ field: 'user', message: noSshName('user', user) }] : []),
    ...(isPort ? [] : [{ field: 'port', message: 'a port is a number from 1 to 65535' }]),
  ];
}
