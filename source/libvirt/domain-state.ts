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

/** Why a domain is in its state; `tell` where a person has to know it, and it does not go without saying. */
interface Reason {
  readonly name: string;
  readonly tell: boolean;
}

const usual = (name: string): Reason => ({ name, tell: false });
const notable = (name: string): Reason => ({ name, tell: true });

/**
 * By state and reason number (virDomainRunningReason and its siblings), in the words of `virsh domstate --reason`. The
 * first of each is "unknown".
 */
const reasons: Readonly<Record<DomainState, readonly (Reason | undefined)[]>> = {
  [DomainState.noState]: [],
  [DomainState.running]: [
    undefined,
    usual('booted'),
    usual('migrated'),
    usual('restored'),
    usual('from snapshot'),
    usual('unpaused'),
    usual('migration canceled'),
    usual('save canceled'),
    usual('event wakeup'),
    notable('crashed'),
    notable('post-copy'),
    notable('post-copy failed'),
  ],
  [DomainState.blocked]: [],
  [DomainState.paused]: [
    undefined,
    usual('user'),
    notable('migrating'),
    notable('saving'),
    notable('dumping'),
    notable('I/O error'),
    notable('watchdog'),
    notable('from snapshot'),
    notable('shutting down'),
    notable('creating snapshot'),
    notable('crashed'),
    notable('starting up'),
    notable('post-copy'),
    notable('post-copy failed'),
    notable('api error'),
  ],
  [DomainState.shutdown]: [undefined, usual('user')],
  [DomainState.shutOff]: [
    undefined,
    usual('shutdown'),
    usual('destroyed'),
    notable('crashed'),
    usual('migrated'),
    usual('saved'),
    notable('failed'),
    usual('from snapshot'),
    usual('daemon'),
  ],
  [DomainState.crashed]: [undefined, notable('panicked')],
  [DomainState.pmSuspended]: [],
};

/** Why a domain is in its state, as `virsh domstate --reason` names it; undefined where nobody knows. */
export function reasonName(state: DomainState, reason: number): string | undefined {
  return reasons[state][reason]?.name;
}

/**
 * The reason of a state where a person has to know it, e.g. "I/O error" of a paused domain; undefined where it is
 * unknown or goes without saying.
 */
export function notableReason(state: DomainState, reason: number): string | undefined {
  const found = reasons[state][reason];
  return found?.tell ? found.name : undefined;
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
