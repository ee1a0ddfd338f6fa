import { LibvirtError } from '../libvirt/errors.js';
import type { LabOptions } from './lab.js';

const numbers = ['seed', 'domains', 'volumes', 'speed', 'churn', 'latency', 'jitter'] as const;

/** True for the URIs that a simulated host is opened by. */
export function isLabUri(uri: string): boolean {
  return /^lab:/i.test(uri);
}

/**
 * What `lab://HOSTNAME/?domains=N&volumes=N&seed=N&speed=F&churn=N&latency=MS&jitter=MS` asks for. Throws LibvirtError
 * (kind `connect`) for a value that is no number.
 */
export function labOptionsOf(uri: string): LabOptions {
  const url = new URL(uri);
  const given = new Map<string, number>();
  for (const name of numbers) {
    const text = url.searchParams.get(name);
    if (text === null) continue;
    const value = Number(text);
    if (text === '' || !(value >= 0)) {
      throw new LibvirtError({
        kind: 'connect',
        message: `the connection URI "${uri}" is not valid: ${name} must be a number, not "${text}"`,
        hint: 'Example: lab:///?domains=1000&seed=7&latency=50',
      });
    }
    given.set(name, value);
  }
  const latency = given.get('latency');
  const jitter = given.get('jitter');
  return {
    seed: given.get('seed'),
    domains: given.get('domains'),
    volumes: given.get('volumes'),
    speed: given.get('speed'),
    churn: given.get('churn'),
    hostname: url.hostname || undefined,
    link: { ...(latency !== undefined && { latency }), ...(jitter !== undefined && { jitter }) },
  };
}
