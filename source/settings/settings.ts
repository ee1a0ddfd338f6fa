/** What a person can set. Everything but the types' defaults comes from one file; see loadSettings. */
export interface Settings {
  /** In the order of the file; names are unique. */
  readonly connections: readonly ConnectionSetting[];
  /** Columns of the Manager by their ids, in their order; undefined leaves the choice to the program. */
  readonly columns: readonly string[] | undefined;
  readonly sort: SortSetting;
  readonly grouping: Grouping;
  /** Seconds between two refreshes. */
  readonly interval: number;
  readonly theme: Theme;
  readonly symbols: Symbols;
  /** Images beside those that the program knows; ids are unique. */
  readonly images: readonly ImageSetting[];
}

export interface ImageSetting {
  readonly id: string;
  readonly url: string;
  readonly name?: string | undefined;
  readonly arch?: 'x86_64' | 'aarch64' | undefined;
  /** The digest of the file, or the address of a list of digests. */
  readonly sha256?: string | undefined;
  readonly sha512?: string | undefined;
  /** The image's own user. */
  readonly user?: string | undefined;
  /** libosinfo's URL of the system. */
  readonly os?: string | undefined;
  readonly firmware?: 'bios' | 'uefi' | 'any' | undefined;
  /** Whether qemu-guest-agent is in it and starts by itself. */
  readonly agent?: boolean | undefined;
}

export interface ConnectionSetting {
  readonly name: string;
  /** What libvirt takes as a connection URI, aliases of libvirt.conf included. Never holds a password. */
  readonly uri: string;
  /** Connect when the program starts. */
  readonly autoconnect: boolean;
}

export interface SortSetting {
  /** Id of a column. Which ids there are is the Manager's affair: an unknown one is not an error here. */
  readonly column: string;
  readonly reverse: boolean;
}

export const groupings = ['host', 'flat'] as const;
export type Grouping = (typeof groupings)[number];

/** `auto` follows the terminal and NO_COLOR. */
export const themes = ['auto', 'dark', 'light', 'mono'] as const;
export type Theme = (typeof themes)[number];

/** `auto` follows the locale. */
export const symbolSets = ['auto', 'unicode', 'ascii'] as const;
export type Symbols = (typeof symbolSets)[number];

/** Seconds. */
export const intervalLimits = { least: 0.5, most: 3600 } as const;

export const defaultSettings: Settings = {
  connections: [],
  columns: undefined,
  sort: { column: 'name', reverse: false },
  grouping: 'host',
  interval: 2,
  theme: 'auto',
  symbols: 'auto',
  images: [],
};
