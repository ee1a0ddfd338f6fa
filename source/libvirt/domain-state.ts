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
 * True while the hypervisor has the domain in memory. The id tells, not the state: a crashed domain may be kept
 * for inspection or be gone (virDomainIsActive).
 */
export function isActive({ id }: { readonly id: number }): boolean {
  return id >= 0;
}
