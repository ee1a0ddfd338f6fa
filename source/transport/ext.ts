import { spawn } from 'node:child_process';
import { ChildStream } from './child-stream.js';
import { type Endpoint, type Transport, type TransportContext, TransportError } from './endpoint.js';

/** A program of the user's that talks on its standard input and output, run without arguments (`command=`). */
export async function openExt(endpoint: Endpoint, { env }: TransportContext): Promise<Transport> {
  const program = endpoint.options.command;
  if (program === undefined)
    throw new TransportError('failed', 'the transport "ext" needs command=PROGRAM in the URI', endpoint);
  const child = spawn(program, [], { stdio: 'pipe', detached: true, env: env as NodeJS.ProcessEnv });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4096);
  });
  const stream = new ChildStream(child, ({ code, signal, error }) => {
    const line = error?.message ?? said.trim().split('\n').at(-1);
    const how = signal ? `was ended by ${signal}` : `ended with status ${code}`;
    return new TransportError('failed', `${program}: ${line || how}`, { ...endpoint, path: program });
  });
  return { stream, confidential: false };
}
