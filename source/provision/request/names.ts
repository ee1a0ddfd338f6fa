/** Machines of one creation: more are a typing error sooner than a wish. */
export const mostAtOnce = 100;

/** The names of several at once: "web-1" and 5 are web-1 to web-5, "web" as well. */
export function namesFor(name: string, count: number): readonly string[] {
  if (count === 1) return [name];
  const { hostname, fqdn } = hostOf(name);
  // "web.example.org" are web-1.example.org and so on: each has a name of its own before its domain.
  const domain = fqdn === undefined ? '' : name.slice(hostname.length);
  const host = name.slice(0, name.length - domain.length);
  const [, stem = host, first = '1'] = /^(.*-)(\d+)$/.exec(host) ?? [undefined, `${host}-`, '1'];
  return Array.from({ length: count }, (_, index) => {
    const number = String(BigInt(first) + BigInt(index));
    return `${stem}${number.padStart(first.length, '0')}${domain}`;
  });
}

/** What is wrong with a domain's name, which is a volume's, a file's and a host's name as well. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'give it a name';
  if (name.length > 200) return 'a name has 200 characters at most';
  if (/^[.-]/.test(name)) return 'a name does not begin with "." or "-"';
  if (/[/\0-\x1f\x7f]|\p{Cf}|\p{Cs}/u.test(name)) return 'a name has no slash and no control characters';
  if (name !== name.trim()) return 'a name has no spaces at its ends';
  return undefined;
}

/**
 * What a guest calls itself, of a domain's name or of what a person has said: "web.example.org" is the host web with
 * that full name; everything else is one label. "debian-12.5" is no full name, its last part would be a top domain.
 */
export function hostOf(name: string): { readonly hostname: string; readonly fqdn?: string } {
  const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
  const full = new RegExp(`^(?=.{1,253}$)(${label})(?:\\.${label})*\\.(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$`);
  const [, first] = full.exec(name.toLowerCase()) ?? [];
  return first === undefined
    ? { hostname: hostnameFor(name) }
    : { hostname: first, fqdn: name.toLowerCase() };
}

/** What a person has typed stays as it is, unless it is a full name: what is wrong with it is told. */
export function hostsOf(name: string, typed: string | undefined): ReturnType<typeof hostOf> {
  if (typed === undefined) return hostOf(name);
  const { hostname, fqdn } = hostOf(typed);
  return fqdn === undefined ? { hostname: typed } : { hostname, fqdn };
}

/** The host name that a domain's name comes to: letters, digits and dashes, 63 at most (RFC 1123). */
export function hostnameFor(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return plain === '' ? 'vm' : plain;
}
