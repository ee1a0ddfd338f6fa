import { Program } from './framing.js';
import { type Codec, lazy, type StructValue, struct } from './xdr.js';

/** One procedure of the protocol: its number and what goes each way. */
export interface Procedure<A, R> {
  readonly program: number;
  readonly number: number;
  readonly args: Codec<A>;
  readonly ret: Codec<R>;
}

/** One event message: its number and what it says. */
export interface EventMessage<T> {
  readonly program: number;
  readonly number: number;
  readonly body: Codec<T>;
}

type FieldTable = Readonly<Record<string, Codec<never> | Codec<unknown>>>;

/** A procedure of the remote program, as one line of a table. */
export function proc<A extends FieldTable, R extends FieldTable>(
  number: number,
  args: A,
  ret: R,
): Procedure<StructValue<A>, StructValue<R>> {
  return { program: Program.remote, number, args: lazy(() => struct(args)), ret: lazy(() => struct(ret)) };
}

/** An event message of the remote program, as one line of a table. */
export function event<T extends FieldTable>(number: number, body: T): EventMessage<StructValue<T>> {
  return { program: Program.remote, number, body: lazy(() => struct(body)) };
}
