import type { ImageSource } from './images/image-source.js';

/** What a new domain is made from. */
export type VmSource =
  /** A cloud image: the disk stands on it, or is a copy of it; cloud-init sets the guest up. */
  | { readonly kind: 'image'; readonly image: ImageSource }
  /** An installer: an empty disk, and the ISO in a CD-ROM drive. */
  | { readonly kind: 'iso'; readonly image: ImageSource }
  /** An empty disk, and the network to boot from. */
  | { readonly kind: 'pxe' }
  /** A volume that is there, used as it is. */
  | { readonly kind: 'import'; readonly pool: string | undefined; readonly volume: string }
  | { readonly kind: 'empty' };

export type SourceKind = VmSource['kind'];

/** Where the network card is plugged in. */
export type NetworkChoice =
  | { readonly kind: 'network'; readonly name: string }
  | { readonly kind: 'bridge'; readonly name: string }
  /** QEMU's own user-mode network: for sessions of users who may not make networks. */
  | { readonly kind: 'user' }
  | { readonly kind: 'none' };

/** How the guest is set up at its first boot. File names are paths on this machine. */
export interface Access {
  readonly datasource: 'nocloud' | 'configdrive';
  /** The domain's name where it is left out. */
  readonly hostname?: string | undefined;
  /** The image's own user where it is left out. */
  readonly user?: string | undefined;
  readonly sudo: boolean;
  /** Public keys, as in authorized_keys. */
  readonly keys: readonly string[];
  /** SHA-512 crypt: the password itself is nowhere. */
  readonly passwordHash?: string | undefined;
  readonly timezone?: string | undefined;
  readonly locale?: string | undefined;
  readonly packages: readonly string[];
  readonly commands: readonly string[];
  /** Whether qemu-guest-agent is installed and started; the address comes from it. */
  readonly agent: boolean;
  readonly userData?: { readonly path: string; readonly mode: 'merge' | 'alone' } | undefined;
  readonly vendorData?: { readonly path: string } | undefined;
  readonly network?:
    | { readonly path: string }
    | {
        /** CIDR. */
        readonly addresses: readonly string[];
        readonly gateway?: string | undefined;
        readonly nameservers: readonly string[];
      }
    | undefined;
}

/**
 * What a person asks for; whatever is left out has a default that fits the host and the source. It is plain
 * data without secrets in clear, so that it can be written down and gone on with.
 */
export interface VmRequest {
  readonly name: string;
  readonly source: VmSource;
  readonly title?: string | undefined;
  readonly vcpus?: number | undefined;
  /** Bytes. */
  readonly memory?: number | undefined;
  readonly disk?: {
    /** Bytes. */
    readonly size?: number | undefined;
    /** Bytes that are taken at once. */
    readonly allocation?: number | undefined;
    readonly mode?: 'overlay' | 'copy' | undefined;
    readonly format?: 'qcow2' | 'raw' | undefined;
  };
  readonly pool?: string | undefined;
  readonly network?: NetworkChoice | undefined;
  readonly mac?: string | undefined;
  readonly virtType?: 'kvm' | 'qemu' | undefined;
  readonly arch?: string | undefined;
  readonly machine?: string | undefined;
  readonly cpu?: 'host-passthrough' | 'host-model' | 'maximum' | 'default' | undefined;
  readonly firmware?: 'bios' | 'uefi' | undefined;
  readonly graphics?: 'vnc' | 'spice' | 'none' | undefined;
  /** A libosinfo URL, e.g. "http://debian.org/debian/12". */
  readonly osId?: string | undefined;
  /** Of an image only; undefined: no cloud-init. */
  readonly access?: Access | undefined;
  /** Started once it is made. */
  readonly start: boolean;
  /** What is inactive and needed is started, and a pool made where there is none. */
  readonly startInactive: boolean;
  /** The domain's XML as a person has edited it, instead of the generated one. */
  readonly xml?: string | undefined;
}

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
