import type { Channel } from '../../wire/channel.js';
import type { CallOptions as WireCallOptions } from '../../wire/pending-call.js';
import type { Procedure } from '../../wire/procedure.js';
import { ErrorCode, type LibvirtError, type Unsupported } from '../errors.js';
import type { During } from '../hints.js';
import { toLibvirtError } from './failures.js';

/** The result, or the failure in the one form in which failures leave this room. */
export async function guard<T>(result: Promise<T>, during?: During): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw toLibvirtError(error, during);
  }
}

/** Calls of one connection, for the parts of a hypervisor that are files of their own. */
export class Caller {
  readonly channel: Channel;
  readonly #connection: string | undefined;

  /** @param connection what a person gave for the host; undefined: nothing, libvirt's own choice */
  constructor(channel: Channel, connection: string | undefined) {
    this.channel = channel;
    this.#connection = connection;
  }

  call<A, R, T = R>(
    procedure: Procedure<A, R>,
    args: A,
    options: WireCallOptions<T> | undefined,
  ): Promise<T> {
    const during = { call: procedure.number, connection: this.#connection };
    return guard(this.channel.call(procedure, args, options ?? {}), during);
  }

  /** @param timeout milliseconds, unless the caller names another */
  async act<A, R>(
    procedure: Procedure<A, R>,
    args: A,
    timeout: number,
    options: WireCallOptions<R> | undefined,
  ): Promise<R> {
    return this.call(procedure, args, { timeout, ...options });
  }

  /**
   * Asks with flags, and once more without where the driver refuses them: a driver that has one definition of
   * an object only (libvirt's test driver) knows no flag for the other.
   */
  async flagged<T>(flags: number, call: (flags: number) => Promise<T>): Promise<T> {
    try {
      return await call(flags);
    } catch (error) {
      if (flags === 0 || !refusesFlags(error as LibvirtError)) throw error;
      return call(0);
    }
  }

  /**
   * Objects with the flags that only filtered lists tell: all calls are sent together.
   *
   * @param list the list filtered by flags; 0: all
   */
  async listings<T extends { readonly name: string; readonly uuid: string }>(
    list: (flags: number) => Promise<readonly T[]>,
    { active, autostart, transient }: Readonly<Record<'active' | 'autostart' | 'transient', number>>,
  ) {
    const uuids = async (flags: number) => new Set((await list(flags)).map(({ uuid }) => uuid));
    const [all, running, starting, passing] = await Promise.all([
      list(0),
      uuids(active),
      uuids(autostart),
      uuids(transient),
    ]);
    return all.map(({ name, uuid }) => ({
      name,
      uuid,
      active: running.has(uuid),
      autostart: starting.has(uuid),
      persistent: !passing.has(uuid),
    }));
  }

  /** The answer, or why this driver has none: no such function, or no driver for such objects at all. */
  async ask<T>(answer: Promise<T>): Promise<T | Unsupported> {
    try {
      return await answer;
    } catch (error) {
      const { kind, message, code } = error as LibvirtError;
      if (kind !== 'unsupported' && code !== ErrorCode.operationUnsupported) throw error;
      return { unsupported: true, reason: message };
    }
  }
}

/** A driver does not know the flags of a call: "unsupported flags (0x…) in function …" (virCheckFlags). */
export function refusesFlags({ code, message }: LibvirtError): boolean {
  return code === ErrorCode.invalidArg && message.includes('flags');
}
