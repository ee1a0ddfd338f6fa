import type { Hypervisor } from '../libvirt/hypervisor.js';

/** Something that a step makes or changes, as data: the journal keeps it, and `undo.ts` takes it back. */
export type Made =
  | { readonly kind: 'pool'; readonly name: string }
  | { readonly kind: 'pool-started'; readonly name: string }
  | { readonly kind: 'network'; readonly name: string }
  | { readonly kind: 'network-started'; readonly name: string }
  /** An image, which creations share: others may stand on it by the time it would be taken back. */
  | { readonly kind: 'image'; readonly pool: string; readonly name: string }
  | { readonly kind: 'volume'; readonly pool: string; readonly name: string }
  | { readonly kind: 'domain'; readonly name: string; readonly uuid: string }
  | { readonly kind: 'domain-started'; readonly name: string; readonly uuid: string };

/** The steps of every plan, in their order. */
export const stepIds = ['pool', 'network', 'image', 'base', 'disk', 'seed', 'define', 'start'] as const;
export type StepId = (typeof stepIds)[number];

/** What a step is given. */
export interface StepControl {
  readonly hypervisor: Hypervisor;
  /** A connection of its own, for a stream; the step closes it. */
  connect(): Promise<Hypervisor>;
  readonly signal: AbortSignal;
  /** Bytes; cheap enough to be called for every piece of data. */
  progress(bytes: number, total?: number, checking?: boolean): void;
  /** What it is doing, or what has happened that a person should know. */
  say(text: string): void;
  /**
   * Makes something that is to be undone where the creation fails. It is written down before, so that it is
   * found again whatever ends the program; what failed for certain is struck out.
   */
  make<T>(made: Made, work: () => Promise<T>): Promise<T>;
  /** Takes away for good what was made by `make` and is no longer needed. */
  unmake(made: Made, work: () => Promise<void>): Promise<void>;
}

/** One step of a plan. What it leaves behind it makes by `StepControl.make`. */
export interface Step {
  readonly id: StepId;
  /** "Upload debian-12-genericcloud-amd64.qcow2 to the pool default" */
  readonly title: string;
  /** Resolves with what came of it, where that is worth a word ("in the cache already"). */
  run(control: StepControl): Promise<string | undefined>;
}

/** How the guest's address is found once it runs. */
export type Waiting = 'agent' | 'lease' | 'none';

/** The part of a plan that is about one domain. */
export interface MachinePlan {
  readonly name: string;
  readonly uuid: string;
  readonly mac: string | undefined;
  readonly steps: readonly Step[];
  /** As it will be defined. */
  readonly domainXml: string;
  /** The seed's files by their paths, with secrets masked. */
  readonly seedFiles: ReadonlyMap<string, string>;
  /** To log in as; undefined where nobody knows. */
  readonly user: string | undefined;
  readonly waiting: Waiting;
  /** It has user-mode networking and nothing is forwarded to it: its console is the only way in. */
  readonly cutOff: boolean;
  readonly started: boolean;
}

/** Everything that will be done, as data: printed by --dry-run and the wizard, and run by `runPlan`. */
export interface Plan {
  /** What all machines need: done once, before them. */
  readonly shared: readonly Step[];
  readonly machines: readonly MachinePlan[];
}

/** Something that was found before anything is made. Only an `error` keeps the plan from being run. */
export interface Finding {
  readonly level: 'error' | 'warning' | 'note';
  /** The field of the request that it is about. */
  readonly field: FindingField;
  /**
   * Of `access`: the path in a CloudInit, e.g. "timezone"; "extra" is the person's own user-data. Of others: what of
   * the field it is about, where that has a choice of its own ("arch", "card.mac", "disk.format").
   */
  readonly part?: string;
  readonly message: string;
  /** What to do about it, in words that fit a command line and a wizard. */
  readonly fix?: string | undefined;
  /** The options of `virtdeck create` that do it, e.g. "--image images/web-1.qcow2 --copy"; for command lines only. */
  readonly options?: string | undefined;
  /** Where `startInactive` of the request is all that it takes: what that does, and the commands that do it by hand. */
  readonly offer?: { readonly does: 'start' | 'make'; readonly byHand: string };
}

export type FindingField =
  | 'name'
  | 'source'
  | 'vcpus'
  | 'memory'
  | 'disk'
  | 'pool'
  | 'network'
  | 'access'
  | 'virtType'
  | 'machine'
  | 'firmware'
  | 'graphics'
  | 'host';
