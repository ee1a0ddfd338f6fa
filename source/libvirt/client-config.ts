import { join } from 'node:path';
import { readSmallText } from '../state/read-small-file.js';
import { readFailure } from '../text/read-failure.js';

/** What virtdeck honours of libvirt's client configuration file. */
export interface ClientConfig {
  /** The file that was read, if there is one. */
  readonly file: string | undefined;
  /** Why the file that is there could not be read, with its path; who knows aliases by it should be told. */
  readonly problem?: string;
  readonly uriAliases: ReadonlyMap<string, string>;
  readonly uriDefault: string | undefined;
  readonly remoteMode: 'auto' | 'direct' | 'legacy' | undefined;
}

/** Bytes: libvirt refuses more (MAX_CONFIG_FILE_SIZE of util/virconf.c). */
const largestFile = 10 * 1024 * 1024;

const empty: ClientConfig = {
  file: undefined,
  uriAliases: new Map(),
  uriDefault: undefined,
  remoteMode: undefined,
};

/**
 * Reads libvirt.conf: /etc/libvirt/libvirt.conf for root, else the user's own; only the one, nothing is
 * merged. A file that is not there counts as empty, as for virsh; so does one that cannot be read, with the reason.
 */
export async function readClientConfig(
  env: Readonly<Record<string, string | undefined>>,
  euid: number,
): Promise<ClientConfig> {
  const file =
    euid === 0
      ? '/etc/libvirt/libvirt.conf'
      : join(env.XDG_CONFIG_HOME || join(env.HOME ?? '/', '.config'), 'libvirt/libvirt.conf');
  try {
    return { ...parseClientConfig(await readSmallText(file, largestFile)), file };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? empty : { ...empty, problem: readFailure(file, error) };
  }
}

/**
 * The settings of a libvirt.conf: `name = "text"` or `name = [ "text", … ]`, lists over several lines,
 * comments from # on.
 */
export function parseClientConfig(text: string): ClientConfig {
  const values = new Map<string, readonly string[]>();
  const assignment =
    /(?:^|;)[ \t]*([a-z_]+)[ \t]*=[ \t]*(\[(?:"[^"\n]*"|'[^'\n]*'|[^\]"'])*\]|"[^"\n]*"|'[^'\n]*'|[^\s;]+)/gm;
  for (const [, name, value] of withoutComments(text).matchAll(assignment)) {
    // Of two assignments libvirt takes the first.
    if (name !== undefined && value !== undefined && !values.has(name)) values.set(name, strings(value));
  }
  const aliases = (values.get('uri_aliases') ?? []).map((alias): [string, string] => {
    const [name = '', ...rest] = alias.split('=');
    return [name, rest.join('=')];
  });
  const mode = values.get('remote_mode')?.[0];
  return {
    file: undefined,
    uriAliases: new Map(aliases.filter(([name, uri]) => /^[A-Za-z0-9_-]+$/.test(name) && uri !== '')),
    uriDefault: values.get('uri_default')?.[0] || undefined,
    remoteMode: mode === 'auto' || mode === 'direct' || mode === 'legacy' ? mode : undefined,
  };
}

/**
 * The URI that libvirt's client would open: an alias resolved when the whole text equals it; for nothing
 * given, LIBVIRT_DEFAULT_URI, then uri_default, then "" (the daemon probes).
 */
export function resolveUri(
  given: string | undefined,
  config: ClientConfig,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (given) return config.uriAliases.get(given) ?? given;
  const fallback = env.VIRSH_DEFAULT_CONNECT_URI || env.LIBVIRT_DEFAULT_URI || config.uriDefault || '';
  return config.uriAliases.get(fallback) ?? fallback;
}

function withoutComments(text: string): string {
  return text.replace(/("[^"\n]*"|'[^'\n]*')|#[^\n]*/g, (_, quoted: string | undefined) => quoted ?? '');
}

function strings(value: string): readonly string[] {
  const quoted = [...value.matchAll(/"([^"]*)"|'([^']*)'/g)].map(
    ([, double, single]) => double ?? single ?? '',
  );
  return quoted.length > 0 || value.startsWith('[') ? quoted : [value];
}
