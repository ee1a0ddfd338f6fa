import type { Duplex } from 'node:stream';
import { type Endpoint, type TransportContext, TransportError } from './endpoint.js';
import { openUnix } from './unix.js';

type Opener = (endpoint: Endpoint, context: TransportContext) => Promise<Duplex>;

/** The ways to a daemon that exist so far; a new one is a new line here. */
const openers: Partial<Record<Endpoint['transport'], Opener>> = {
  unix: openUnix,
};

/** A byte stream to the daemon of an endpoint. Rejects with TransportError. */
export async function openTransport(endpoint: Endpoint, context: TransportContext): Promise<Duplex> {
  const opener = openers[endpoint.transport];
  if (opener === undefined) {
    throw new TransportError(
      'unsupported',
      `the transport "${endpoint.transport}" is not there yet`,
      endpoint,
    );
  }
  return opener(endpoint, context);
}
