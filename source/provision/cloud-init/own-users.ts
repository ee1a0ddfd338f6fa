import { words } from '../../text/words.js';
import { ownConfig, ownDataKind } from './own-data.js';
import type { CloudInit } from './request.js';

/** An account that a person's own user-data makes. */
interface OwnUser {
  /** Undefined: the image's own user, which the entry "default" stands for. */
  readonly name: string | undefined;
  /** A key or a password is there. */
  readonly hasAccess: boolean;
}

/**
 * The accounts of own user-data: of a #cloud-config with `users`, which is a list, a text with commas, or a mapping
 * (cloudinit/distros/ug_util.py). Undefined where it says nothing of them, or nobody can tell.
 */
export function ownUsers({ extra }: CloudInit): readonly OwnUser[] | undefined {
  const config = extra === undefined ? undefined : ownConfig(extra.text);
  const users = config?.users;
  if (config === undefined || users === undefined || users === null) return undefined;
  const isDefaultOpen = defaultHasAccess(config);
  return entriesOf(users).map(([name, entry]) =>
    name === 'default'
      ? { name: undefined, hasAccess: isDefaultOpen || hasAccess(entry) }
      : { name, hasAccess: hasAccess(entry) },
  );
}

/** Whether our account is added to what own user-data says: own users are all that there are. */
export function addsAccount(cloudInit: CloudInit): 'account' | 'default' | 'none' {
  const users = ownUsers(cloudInit);
  if (users === undefined) return 'account';
  const { user } = cloudInit;
  const isDefault = user?.sudo === true && user.name !== 'root';
  return isDefault && users.some(({ name }) => name === undefined) ? 'default' : 'none';
}

/**
 * Whom a person can log in as.
 *
 * @param imageUser the image's own user, where that is known
 * @returns undefined where only the person's own file knows
 */
export function loginOf(cloudInit: CloudInit, imageUser: string | undefined): string | undefined {
  const { extra, user } = cloudInit;
  if (extra === undefined) return user?.name;
  const config = ownConfig(extra.text);
  const users = ownUsers(cloudInit);
  const isAlone = extra.mode === 'alone';
  // A script, or a template, may do anything.
  if (config === undefined) return isAlone ? undefined : user?.name;
  const own = defaultName(config.user);
  const ours = !isAlone && addsAccount(cloudInit) !== 'none' ? user?.name : undefined;
  const standard = own ?? ours ?? imageUser;
  if (users === undefined) return standard;
  const ourKeys = ours !== undefined && user !== undefined && user.keys.length > 0;
  const open = users.find((one) => one.hasAccess || (one.name === undefined && ourKeys));
  return open === undefined ? undefined : (open.name ?? standard);
}

/** Whether somebody can log in by what own user-data says; undefined where it does not tell. */
export function ownAccess({ extra }: CloudInit): boolean | undefined {
  if (extra === undefined) return false;
  const config = ownConfig(extra.text);
  if (config === undefined) return ownDataKind(extra.text) === undefined ? false : undefined;
  const users = ownUsers({ extra } as CloudInit);
  if (config.chpasswd !== undefined) return true;
  return users === undefined ? defaultHasAccess(config) : users.some((user) => user.hasAccess);
}

type Mapping = Readonly<Record<string, unknown>>;

/** Keys and a password at the top are those of the image's own user. */
function defaultHasAccess(config: Mapping): boolean {
  return hasAccess(config) || config.password !== undefined || hasAccess(config.user);
}

const accessFields = words(`
  ssh_authorized_keys ssh-authorized-keys ssh_import_id ssh-import-id passwd hashed_passwd plain_text_passwd
  hashed-passwd plain-text-passwd`);

function hasAccess(entry: unknown): boolean {
  return isMapping(entry) && accessFields.some((field) => !isNothing(entry[field]));
}

function isNothing(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

function entriesOf(users: unknown): readonly (readonly [string, unknown])[] {
  if (typeof users === 'string') return namesIn(users);
  if (Array.isArray(users))
    return users.flatMap((entry: unknown) => (typeof entry === 'string' ? namesIn(entry) : named(entry)));
  return isMapping(users) ? Object.entries(users) : [];
}

function namesIn(text: string): readonly (readonly [string, unknown])[] {
  return text
    .split(/[,\s]+/)
    .filter((name) => name !== '')
    .map((name) => [name, undefined]);
}

/** Lists in lists are taken as well; an entry without a name is "snapuser", which is no account of ours to tell. */
function named(entry: unknown): readonly (readonly [string, unknown])[] {
  if (Array.isArray(entry)) return entriesOf(entry);
  return isMapping(entry) && typeof entry.name === 'string' ? [[entry.name, entry]] : [];
}

function defaultName(user: unknown): string | undefined {
  if (typeof user === 'string') return user;
  return isMapping(user) && typeof user.name === 'string' ? user.name : undefined;
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
