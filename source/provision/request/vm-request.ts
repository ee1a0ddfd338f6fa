import type { DomainWishes } from '../../libvirt/xml/domain-definition-xml.js';
import type { ImageSource } from '../images/image-source.js';

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
export interface VmRequest extends DomainWishes {
  readonly name: string;
  readonly source: VmSource;
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
