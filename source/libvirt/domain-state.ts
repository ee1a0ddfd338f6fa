/**
 * A domain's state as libvirt numbers it (virDomainState) and as virsh prints it.
 * The numbers are public API and never change; the words are those of `virsh domstate`.
 */
export const DomainState = {
  noState: 0,
  running: 1,
  blocked: 2,
  paused: 3,
  shutdown: 4,
  shutOff: 5,
  crashed: 6,
  pmSuspended: 7,
} as const;

export type DomainState = (typeof DomainState)[keyof typeof DomainState];

const names = [
  'no state',
  'running',
  'idle',
  'paused',
  'in shutdown',
  'shut off',
  'crashed',
  'pmsuspended',
] as const;

export type DomainStateName = (typeof names)[number];

/** virsh's word for a state number; an unknown number is "no state", as in virsh. */
export function stateName(state: number): DomainStateName {
  return names[state] ?? 'no state';
}

/** The state for a number from the wire; numbers this program does not know become `noState`. */
export function toDomainState(state: number): DomainState {
  return (state in names ? state : 0) as DomainState;
}

/**
 * Why a domain is in its state, by state and reason number (virDomainRunningReason and its siblings), in the words of
 * `virsh domstate --reason`. The first of each is "unknown".
 */
const reasons: Readonly<Record<DomainState, readonly (string | undefined)[]>> = {
  [DomainState.noState]: [],
  [DomainState.running]: [
    undefined,
    'booted',
    'migrated',
    'restored',
    'from snapshot',
    'unpaused',
    'migration canceled',
    'save canceled',
    'event wakeup',
    'crashed',
    'post-copy',
    'post-copy failed',
  ],
  [DomainState.blocked]: [],
  [DomainState.paused]: [
    undefined,
    'user',
    'migrating',
    'saving',
    'dumping',
    'I/O error',
    'watchdog',
    'from snapshot',
    'shutting down',
    'creating snapshot',
    'crashed',
    'starting up',
    'post-copy',
    'post-copy failed',
    'api error',
  ],
  [DomainState.shutdown]: [undefined, 'user'],
  [DomainState.shutOff]: [
    undefined,
    'shutdown',
    'destroyed',
    'crashed',
    'migrated',
    'saved',
    'failed',
    'from snapshot',
    'daemon',
  ],
  [DomainState.crashed]: [undefined, 'panicked'],
  [DomainState.pmSuspended]: [],
};

/** What goes without saying beside the state: how nearly every domain comes to run, to rest and to be off. */
const ordinary: Readonly<Partial<Record<DomainState, readonly string[]>>> = {
  [DomainState.running]: [
    'booted',
    'migrated',
    'restored',
    'from snapshot',
    'unpaused',
    'migration canceled',
    'save canceled',
    'event wakeup',
  ],
  [DomainState.paused]: ['user'],
  [DomainState.shutdown]: ['user'],
  [DomainState.shutOff]: ['shutdown', 'destroyed', 'migrated', 'saved', 'from snapshot', 'daemon'],
};

/** Why a domain is in its state, as `virsh domstate --reason` names it; undefined where nobody knows. */
export function reasonName(state: DomainState, reason: number): string | undefined {
  return reasons[state][reason];
}

/**
 * The reason of a state where a person has to know it, e.g. "I/O error" of a paused domain; undefined where it is
 * unknown or goes without saying.
 */
export function notableReason(state: DomainState, reason: number): string | undefined {
  const name = reasonName(state, reason);
  return name === undefined || ordinary[state]?.includes(name) ? undefined : name;
}

/** A state for a line of a list: with its reason where that is notable, e.g. "paused (I/O error)". */
export function stateText(state: DomainState, reason: number): string {
  const notable = notableReason(state, reason);
  return notable === undefined ? stateName(state) : `${stateName(state)} (${notable})`;
}

/** A state with all that is known of its reason, e.g. "shut off (destroyed)": as virsh domstate --reason. */
export function stateWithReason(state: DomainState, reason: number): string {
  const name = reasonName(state, reason);
  return name === undefined ? stateName(state) : `${stateName(state)} (${name})`;
}

/**
 * True while the hypervisor has the domain in memory. The id tells, not the state: a crashed domain may be kept
 * for inspection or be gone (virDomainIsActive).
 */
export function isActive({ id }: { readonly id: number }): boolean {
  return id >= 0;
}
