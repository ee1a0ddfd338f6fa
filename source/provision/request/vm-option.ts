import type { CatalogueImage } from '../images/catalogue.js';
import type { Access, VmRequest } from './vm-request.js';

/** One thing that can be said of a new VM: by a flag of `virtdeck create`, in a field of the wizard, or by both. */
export interface VmOption {
  /** Of the wizard's field. */
  readonly id: string;
  readonly value: Reading;
  /** Undefined: only the wizard has it. */
  readonly flag?: OptionFlag;
  /** Undefined: only the command has it. */
  readonly field?: OptionField;
  readonly page: OptionPage;
  /** The part of --help. */
  readonly part: HelpPart;
  /** Without these it does nothing, or harm: the command refuses it, and the wizard does not show it. */
  readonly needs: readonly Need[];
  /** What findings call it, by their part or else their field; its id where left out. A network's own field is "card". */
  readonly findings?: readonly string[];
  /** Messages about it hold what was typed already, or that is long: they name the flag alone. */
  readonly namedOnly?: true;
}

/** As the table has it: the rest is the same for a whole part of it. */
export type OptionRow = Omit<VmOption, 'page' | 'part' | 'needs'> & Partial<Pick<VmOption, 'part' | 'needs'>>;

export interface OptionFlag {
  /** Without its dashes. */
  readonly name: string;
  readonly short?: string;
  /** What --help writes behind it; left out: the choices, if any. */
  readonly value?: string;
  readonly help?: string;
  /** Of special options. */
  readonly type?: 'text' | 'texts' | 'number' | 'switch';
}

export interface OptionField {
  readonly label: string;
  /** A few words behind it. */
  readonly hint?: string;
  /** It shows once "More" of its page is switched on. */
  readonly more?: true;
  /** Of special options; a text where left out. */
  readonly kind?: 'choice' | 'toggle' | 'secret';
  readonly choices?: Readonly<Record<string, string>>;
}

export type OptionPage = 'image' | 'size' | 'network' | 'access';
export type HelpPart = 'source' | 'hardware' | 'guest' | 'work';

export type Need =
  /** A guest that cloud-init sets up: of an image, and not without a seed. */
  | 'cloud-init'
  | 'image'
  /** A disk that is made, instead of one that is there. */
  | 'new-disk'
  /** Only one VM. */
  | 'one'
  | 'card'
  /** A fixed address. */
  | 'address';

/** How what is typed is read, and by its path where it stands in a request. */
export type Reading = PlainReading | SpecialReading;

export type PlainReading =
  | {
      readonly kind: 'text';
      readonly path: PathTo<string>;
      /** What the text comes to, where it is not taken as it is. */
      readonly read?: (typed: string, images: readonly CatalogueImage[]) => string | Wrong;
    }
  /** 1 or more. */
  | { readonly kind: 'count'; readonly path: PathTo<number> }
  /** Bytes; the unit is that of a bare number, as virt-install takes them. */
  | { readonly kind: 'size'; readonly path: PathTo<number>; readonly unit: 'M' | 'G' }
  /** Several; each `line` may have spaces. */
  | { readonly kind: 'words' | 'line'; readonly path: PathTo<readonly string[]> }
  | { readonly kind: 'toggle'; readonly path: PathTo<boolean>; readonly default: boolean }
  | { readonly [P in ChoicePath]: Choice<P, NonNullable<Flat[P]>> }[ChoicePath];

/** By code of the command and of the wizard each. */
export interface SpecialReading {
  readonly kind: 'special';
  /** Of the field. */
  readonly default?: string;
}

export interface Wrong {
  readonly problem: string;
}

interface Choice<P extends ChoicePath, T extends string> {
  readonly kind: 'choice';
  readonly path: P;
  /** All there are, with the words of the wizard. */
  readonly choices: Readonly<Record<T, string>>;
  readonly default?: T;
  /** What the wizard calls it where nothing is chosen. */
  readonly unset?: string;
  /** The flag takes no value: it chooses this. */
  readonly flagMeans?: T;
}

type Disk = NonNullable<VmRequest['disk']>;

/** A request by the paths of its values. */
export type Flat = Omit<VmRequest, 'name' | 'source' | 'disk' | 'access' | 'xml'> & {
  readonly [K in keyof Disk as `disk.${K}`]: Disk[K];
} & { readonly [K in keyof Access as `access.${K}`]: Access[K] };

/** What was said, by paths. */
export type Said = { readonly [P in keyof Flat]?: Flat[P] | undefined };

type PathTo<T> = { [P in keyof Flat]-?: [T] extends [NonNullable<Flat[P]>] ? P : never }[keyof Flat];
type ChoicePath = Exclude<
  { [P in keyof Flat]-?: NonNullable<Flat[P]> extends string ? P : never }[keyof Flat],
  PathTo<string>
>;
