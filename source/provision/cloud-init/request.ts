import { accountProblems, hostProblems, packageProblems, settingProblems } from './field-rules.js';
import { networkProblems } from './network-rules.js';
import { ownConfig, ownDataKind, ownDataProblems } from './own-data.js';
import { addsAccount, ownAccess } from './own-users.js';

/** One network card with fixed addresses. */
export interface StaticNetwork {
  /** The card is found by it: names of cards differ from image to image. */
  readonly mac: string;
  /** With prefix, e.g. "192.168.122.7/24" or "fd00::7/64". */
  readonly addresses: readonly string[];
  readonly gateway?: string | undefined;
  readonly nameservers: readonly string[];
}

/** Text of a person's own, as it was read from their file. */
export interface OwnUserData {
  readonly text: string;
  /** `merge`: added to what the fields say, by cloud-init's own rules. `alone`: used as it is, byte by byte. */
  readonly mode: 'merge' | 'alone';
}

/** What cloud-init is told at the first boot. Plain data; the password is a hash already. */
export interface CloudInit {
  /** One label, e.g. "web-1". */
  readonly hostname: string;
  /** cloud-init does its work again where this changes. */
  readonly instanceId: string;
  /** Begins with the host name: "web-1.example.org". */
  readonly fqdn?: string | undefined;
  readonly user:
    | {
        readonly name: string;
        /** Without a password, for every command. */
        readonly sudo: boolean;
        /** Lines of an authorized_keys file. */
        readonly keys: readonly string[];
        /** SHA-512 crypt ($6$…), see `hashPassword`. */
        readonly passwordHash?: string | undefined;
        /** A path in the guest; left out: that of the image's own user, or without sudo the one of new users. */
        readonly shell?: string | undefined;
      }
    | undefined;
  readonly timezone?: string | undefined;
  readonly locale?: string | undefined;
  readonly packages: readonly string[];
  /** Lines for a shell, run as root once the guest is set up. */
  readonly commands: readonly string[];
  /** Whether qemu-guest-agent is installed and started. */
  readonly agent: boolean;
  readonly extra?: OwnUserData | undefined;
  readonly network?: StaticNetwork | { readonly text: string } | undefined;
  /** What a person's own vendor-data file says. */
  readonly vendorData?: string | undefined;
  readonly datasource: 'nocloud' | 'configdrive';
}

/** Something that is wrong, or worth a word, before anything is made. Never holds a secret that was typed. */
export interface Problem {
  /** The path in a `CloudInit`: "hostname", "user.keys.1". */
  readonly field: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

/** Everything that keeps these files from being made or from working, all at once. */
export function problemsOf(cloudInit: CloudInit): readonly Problem[] {
  const { extra, vendorData } = cloudInit;
  return [
    ...hostProblems(cloudInit),
    ...accountProblems(cloudInit),
    ...settingProblems(cloudInit),
    ...packageProblems(cloudInit),
    ...(extra === undefined ? [] : ownDataProblems('extra.text', extra.text)),
    ...aloneProblems(cloudInit),
    ...mergeProblems(cloudInit),
    ...networkProblems(cloudInit),
    ...(vendorData === undefined ? [] : ownDataProblems('vendorData', vendorData)),
  ];
}

/** What is allowed and yet worth a word. */
export function remarksOf(cloudInit: CloudInit): readonly Problem[] {
  const { user, extra } = cloudInit;
  const remarks: Problem[] = [];
  if (user?.name === 'root') {
    remarks.push({
      field: 'user.name',
      message: 'root can log in by ssh: most images forbid that, and it is switched on here',
      hint: 'a user with sudo is safer',
    });
  }
  const adds = addsAccount(cloudInit);
  const isOurs = extra?.mode !== 'alone' && user !== undefined;
  if (isOurs && adds === 'none' && (user.keys.length > 0 || user.passwordHash !== undefined)) {
    remarks.push({
      field: 'user.name',
      message: `your own user-data has its own users: ${user.name}, with keys and password, is left out`,
      hint: 'write "default" into your users, or what belongs to this one',
    });
  }
  if (isOurs && (adds === 'none' || nobodyCanLogIn(user)) && ownAccess(cloudInit) === false) {
    remarks.push({
      field: 'user.keys',
      message:
        adds === 'none'
          ? 'no user of your own user-data has an SSH key or a password: nobody can log in'
          : `${user.name} has neither an SSH key nor a password: nobody can log in`,
      hint: 'give a key or a password',
    });
  }
  if (extra?.mode === 'alone' && cloudInit.agent) {
    remarks.push({
      field: 'agent',
      message: 'own user-data is used alone: qemu-guest-agent is installed only if it says so',
    });
  }
  if (extra !== undefined && ownDataKind(extra.text) === 'include') {
    remarks.push({
      field: 'extra.text',
      message: 'the guest loads what is included at its first boot: it needs a network for that',
    });
  }
  return remarks;
}

/** What is typed in fields must not be lost without a word. */
function aloneProblems({ extra, ...fields }: CloudInit): Problem[] {
  if (extra?.mode !== 'alone') return [];
  const typed: readonly (readonly [string, boolean])[] = [
    ['user.passwordHash', fields.user?.passwordHash !== undefined],
    ['timezone', fields.timezone !== undefined],
    ['locale', fields.locale !== undefined],
    ['packages', fields.packages.length > 0],
    ['commands', fields.commands.length > 0],
  ];
  return typed
    .filter(([, isTyped]) => isTyped)
    .map(([field]) => ({
      field,
      message: 'own user-data is used alone, so this would be left out',
      hint: 'merge your user-data, or write this into it',
    }));
}

/** The file's values stay where both have one: a field that says otherwise would do nothing. */
function mergeProblems({ extra, ...fields }: CloudInit): Problem[] {
  if (extra?.mode !== 'merge') return [];
  const config = ownConfig(extra.text);
  const named = config?.user;
  const entries: readonly (readonly [string, unknown, string | undefined])[] = [
    ['fqdn', config?.fqdn, fields.fqdn],
    ['timezone', config?.timezone, fields.timezone],
    ['locale', config?.locale, fields.locale],
    [
      'user.name',
      typeof named === 'object' && named !== null && 'name' in named ? named.name : named,
      fields.user?.name,
    ],
  ];
  return entries
    .filter(([, theirs, ours]) => theirs !== undefined && ours !== undefined && theirs !== ours)
    .map(([field]) => ({
      field,
      message: 'your own user-data says something else for this, and what it says stays',
      hint: 'say it in one of the two places',
    }));
}

function nobodyCanLogIn(user: NonNullable<CloudInit['user']>): boolean {
  return user.keys.length === 0 && user.passwordHash === undefined;
}
