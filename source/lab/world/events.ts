import type { domainEvents, objectEvents } from '../../wire/events.js';
import type { EventMessage } from '../../wire/procedure.js';

type AnyEvents = typeof domainEvents & typeof objectEvents;
export type EventFamily = 'domain' | 'network' | 'storagePool' | 'nodeDevice' | 'secret';

/** Something that happened, before it is written for each client that asked to hear of it. */
export interface RaisedEvent {
  readonly family: EventFamily;
  /** What clients register for. */
  readonly id: number;
  readonly message: EventMessage<unknown>;
  /** What it happened to: registrations may be for one object only. */
  readonly key: string;
  /** The message's fields but for the callback's number. */
  readonly fields: Readonly<Record<string, unknown>>;
}

type BodyOf<M> = M extends EventMessage<infer T> ? T : never;
/** The fields of an event that its raiser gives. */
export type EventFields<M extends AnyEvents[keyof AnyEvents]> = Omit<BodyOf<M>, 'callbackID'>;

/** virDomainEvent*DetailType: lifecycle events with their details, as [event, detail]. */
export const Lifecycle = {
  definedAdded: [0, 0],
  definedUpdated: [0, 1],
  undefinedRemoved: [1, 0],
  startedBooted: [2, 0],
  startedRestored: [2, 2],
  startedWakeup: [2, 4],
  suspendedPaused: [3, 0],
  resumedUnpaused: [4, 0],
  resumedFromSnapshot: [4, 2],
  stoppedShutdown: [5, 0],
  stoppedDestroyed: [5, 1],
  stoppedCrashed: [5, 2],
  stoppedSaved: [5, 4],
  shutdownByGuest: [6, 1],
  shutdownByHost: [6, 2],
  pmSuspendedMemory: [7, 0],
  crashedPanicked: [8, 0],
} as const satisfies Record<string, readonly [number, number]>;

/** virConnectDomainEventAgentLifecycleState and ...Reason */
export const AgentEvent = { connected: 1, disconnected: 2, domainStarted: 1, channel: 2 } as const;
