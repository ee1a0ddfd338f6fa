import { createHash } from 'node:crypto';
import { isMime, ownDataKind } from './own-data.js';
import { addsAccount } from './own-users.js';
import type { CloudInit } from './request.js';
import { yamlSafeJson } from './yaml-safe-json.js';

/**
 * How our part is merged into what is there: entries are added to lists, a value that is there stays, also in
 * mappings within mappings (cloudinit/mergers).
 */
const mergeType = 'list(append)+dict(no_replace,recurse_list)+str()';

/**
 * Starts the agent by whatever starts services there. `enable` is for images whose unit is not started by udev
 * (it says no where the unit is static, as on Debian); the port of the agent was there before the package, so
 * that udev's rule came too late.
 */
const startAgent =
  'if command -v systemctl >/dev/null; then systemctl enable qemu-guest-agent; systemctl start qemu-guest-agent; ' +
  'elif command -v rc-service >/dev/null; then rc-update add qemu-guest-agent default; ' +
  'rc-service qemu-guest-agent start; fi || true';

/**
 * The user-data file. Own user-data that is merged stays as it is, and both become parts of a MIME archive, so
 * that cloud-init itself merges them and a script, an include or a template can be merged as well as a
 * #cloud-config. Ours comes last and gives way: what the person's file says counts, lists get the entries of
 * both.
 */
export function userData(cloudInit: CloudInit): string {
  const { extra } = cloudInit;
  if (extra?.mode === 'alone') return extra.text;
  const own = `#cloud-config\n${yamlSafeJson(cloudConfig(cloudInit))}`;
  return extra === undefined ? own : archive(own, extra.text);
}

/** The #cloud-config that the fields come to. Nothing in it but what was asked for. */
function cloudConfig(cloudInit: CloudInit): Readonly<Record<string, unknown>> {
  const { hostname, fqdn, user, timezone, locale, agent } = cloudInit;
  const packages = [...new Set([...(agent ? ['qemu-guest-agent'] : []), ...cloudInit.packages])];
  // The agent first: the address is waited for.
  const commands = [...(agent ? [startAgent] : []), ...cloudInit.commands];
  return {
    hostname,
    ...(fqdn === undefined ? {} : { fqdn }),
    manage_etc_hosts: true,
    ...(user === undefined ? {} : accountOf(cloudInit, user)),
    ...(timezone === undefined ? {} : { timezone }),
    ...(locale === undefined ? {} : { locale }),
    ...(packages.length === 0 ? {} : { package_update: true, packages }),
    ...(commands.length === 0 ? {} : { runcmd: commands }),
  };
}

/** Own `users` are all that there are: to "default" in them belongs what is said of it here, and nothing else is added. */
function accountOf(cloudInit: CloudInit, user: Account): Readonly<Record<string, unknown>> {
  const adds = addsAccount(cloudInit);
  if (adds === 'none') return {};
  const { users, ...rest } = account(user) as { users: unknown };
  return adds === 'account' ? { ...rest, users } : rest;
}

type Account = NonNullable<CloudInit['user']>;

/**
 * The named user and nobody else. One with sudo takes the place of the image's own user ("user" changes what
 * the image says of its default user): with its shell and its groups, "sudo" on one distribution and "wheel" on
 * another. Root, and a user who may not become root, get nothing of that.
 */
function account(user: Account): Readonly<Record<string, unknown>> {
  const { name, sudo, keys, passwordHash, shell } = user;
  const isRoot = name === 'root';
  const isDefault = sudo && !isRoot;
  const entry = {
    name,
    ...(isDefault ? { sudo: 'ALL=(ALL) NOPASSWD:ALL' } : {}),
    ...(shell === undefined ? {} : { shell }),
    lock_passwd: passwordHash === undefined,
    // `passwd` would be left out where the image has the user already.
    ...(passwordHash === undefined ? {} : { hashed_passwd: passwordHash }),
    ...(keys.length === 0 ? {} : { ssh_authorized_keys: keys.map((key) => key.trim()) }),
  };
  return {
    ...(isDefault ? { user: entry, users: ['default'] } : { users: [entry] }),
    ...(isRoot ? { disable_root: false } : {}),
    ...(passwordHash === undefined ? {} : { ssh_pwauth: true }),
  };
}

/** A MIME archive of our part and the person's. */
function archive(own: string, theirs: string): string {
  const ownPart = part('text/cloud-config', own, [`Merge-Type: ${mergeType}`]);
  // cloud-init sees by itself what text/plain is. An archive within the archive is a part with its own headers.
  const theirPart = isMime(theirs) ? theirs : part('text/plain', theirs, []);
  // A JSON patch changes what comes before it.
  const parts = ownDataKind(theirs) === 'jsonp' ? [ownPart, theirPart] : [theirPart, ownPart];
  const boundary = boundaryFor(parts);
  return [
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    ...parts.map((text) => `--${boundary}\n${text}`),
    `--${boundary}--`,
    '',
  ].join('\n');
}

/** Python's mail parser gives back ASCII as it was; everything else goes through base64. */
function part(type: string, text: string, headers: readonly string[]): string {
  const isPlain = /^[\t\n -~]*$/.test(text);
  const body = isPlain
    ? text
    : (
        Buffer.from(text)
          .toString('base64')
          .match(/.{1,76}/g) ?? []
      ).join('\n');
  return [
    `Content-Type: ${type}; charset="utf-8"`,
    `Content-Transfer-Encoding: ${isPlain ? '7bit' : 'base64'}`,
    ...headers,
    '',
    body,
  ].join('\n');
}

/** The same for the same parts, and in none of them. */
function boundaryFor(parts: readonly string[]): string {
  for (let attempt = 0; ; attempt += 1) {
    const hash = createHash('sha256')
      .update(`${attempt}\n${parts.join('\n')}`)
      .digest('hex');
    const boundary = `virtdeck-${hash.slice(0, 32)}`;
    if (!parts.some((text) => text.includes(boundary))) return boundary;
  }
}
