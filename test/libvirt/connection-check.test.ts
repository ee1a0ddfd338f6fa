import { expect, test } from 'vitest';
import { parseClientConfig } from '../../source/libvirt/client-config.js';
import {
  type CheckOpener,
  checkConnection,
  readUri,
  stepsTo,
} from '../../source/libvirt/connection-check.js';
import { parseConnectionUri } from '../../source/libvirt/connection-uri.js';
import { LibvirtError } from '../../source/libvirt/errors.js';
import { toLibvirtError } from '../../source/libvirt/remote/failures.js';
import { TransportError } from '../../source/transport/endpoint.js';
import { FakeDaemon, No } from './fake-daemon.js';

/** What a check reports, in words. */
async function check(open: CheckOpener, signal = new AbortController().signal, uri = 'qemu:///system') {
  const told: string[] = [];
  const error = await checkConnection(uri, {
    steps: stepsTo(parseConnectionUri(uri)),
    open,
    signal,
    report: {
      begin: (step) => told.push(`${step}?`),
      end: (step, outcome, { notes, milliseconds }) => {
        expect(milliseconds).toBeGreaterThanOrEqual(0);
        told.push([step, outcome, ...notes].join(' '));
      },
    },
  });
  return { told, error };
}

const node = { model: 'EPYC', memory: 1024, cpus: 2, mhz: 1000, nodes: 1, sockets: 1, cores: 2, threads: 1 };
const answers = {
  CONNECT_GET_TYPE: { type: 'QEMU' },
  CONNECT_GET_HOSTNAME: { hostname: 'box' },
  CONNECT_GET_URI: { uri: 'qemu:///system' },
  CONNECT_GET_LIB_VERSION: { lib_ver: 9_000_000 },
  CONNECT_GET_VERSION: { hv_ver: 7_002_000 },
  NODE_GET_INFO: node,
  CONNECT_LIST_ALL_DOMAINS: { domains: [], ret: 0 },
  CONNECT_CLOSE: {},
};
const begun = [
  'socket?',
  'socket ok',
  'daemon?',
  'daemon ok',
  'authorization?',
  'authorization ok',
  'opening?',
];

test('each step is told when it begins and when it ends, with what came to light', async () => {
  const daemon = new FakeDaemon(answers);
  const { told, error } = await check(async (_uri, { onStep }) => {
    onStep('starting libvirtd');
    onStep('waiting for the daemon');
    onStep('waiting for authorization (polkit)');
    onStep('opening');
    return daemon.hypervisor();
  });
  expect(error).toBeUndefined();
  expect(told).toEqual([
    'socket?',
    'socket ok starting libvirtd',
    'daemon?',
    'daemon ok',
    'authorization?',
    'authorization ok polkit',
    'opening?',
    'opening ok',
    'host?',
    'host ok box libvirt 9.0.0 QEMU 7.2.0',
    'domains?',
    'domains ok 0, 0 active',
  ]);
  // It leaves nothing open behind.
  expect(daemon.names).toContain('CONNECT_CLOSE');
});

test('a transport that is not there', async () => {
  const cause = new TransportError('refused', 'nobody answers', { scope: 'system', driver: 'qemu' });
  const { told, error } = await check(() => Promise.reject(toLibvirtError(cause)));
  expect(told).toEqual(['socket?', 'socket failed']);
  expect(error?.message).toBe('nobody answers');
});

test('a daemon that hangs up before it says what authorization it wants has failed itself', async () => {
  const { told } = await check((_uri, { onStep }) => {
    onStep('waiting for the daemon');
    return Promise.reject(new LibvirtError({ kind: 'connect', message: 'it hung up' }));
  });
  expect(told).toEqual(['socket?', 'socket ok', 'daemon?', 'daemon failed']);
});

const ended = (told: readonly string[]) => told.filter((one) => !one.endsWith('?'));

test.each([
  [
    'qemu+ssh://root@lab2/system',
    ['logging in to root@lab2 (ssh)', 'logged in to root@lab2 (10.0.0.2, publickey)'],
    ['ssh login ok 10.0.0.2, publickey'],
  ],
  ['qemu+tcp://lab2/system', ['looking up lab2', 'connecting to lab2:16509'], ['resolve ok', 'connect ok']],
  [
    'qemu://lab2/system',
    ['looking up lab2', 'connecting to lab2:16514', 'checking certificates (tls)'],
    ['resolve ok', 'connect ok', 'certificates ok'],
  ],
  ['qemu+ext:///system?command=x', [], ['program ok']],
])('the way of %s has steps of its own', async (uri, told, steps) => {
  const daemon = new FakeDaemon(answers);
  const open: CheckOpener = async (_uri, { onStep }) => {
    for (const step of [...told, 'waiting for the daemon', 'waiting for authorization (SASL)', 'opening'])
      onStep(step);
    return daemon.hypervisor();
  };
  const result = await check(open, undefined, uri);
  expect(ended(result.told).slice(0, -2)).toEqual([
    ...steps,
    'daemon ok',
    'authorization ok SASL',
    'opening ok',
  ]);
});

test('a login that fails fails as such', async () => {
  const open: CheckOpener = (_uri, { onStep }) => {
    onStep('logging in to root@lab2 (ssh)');
    return Promise.reject(new LibvirtError({ kind: 'connect', message: 'no' }));
  };
  const { told } = await check(open, undefined, 'qemu+ssh://root@lab2/system');
  expect(told).toEqual(['ssh login?', 'ssh login failed']);
});

test('a host that refuses a question, and the connection is closed all the same', async () => {
  const daemon = new FakeDaemon({ ...answers, CONNECT_LIST_ALL_DOMAINS: new No(88, 'access denied') });
  const { told, error } = await check(async (_uri, { onStep }) => {
    onStep('opening');
    return daemon.hypervisor();
  });
  expect(told.slice(0, begun.length)).toEqual(begun);
  expect(told.slice(-2)).toEqual(['domains?', 'domains failed']);
  expect(error).toMatchObject({ message: 'access denied', code: 88 });
  expect(daemon.names).toContain('CONNECT_CLOSE');
});

test('one that is given up while a call waits fails there', async () => {
  const life = new AbortController();
  const daemon = new FakeDaemon({ ...answers, CONNECT_LIST_ALL_DOMAINS: undefined });
  const result = check(() => Promise.resolve(daemon.hypervisor()), life.signal);
  setTimeout(() => life.abort(), 20);
  const { told, error } = await result;
  expect(told.at(-1)).toBe('domains failed');
  expect(error?.kind).toBe('aborted');
});

test('what is no failure of libvirt is nothing to report', async () => {
  await expect(check(() => Promise.reject(new TypeError('a bug')))).rejects.toThrow('a bug');
});

test('URIs are read with their aliases, and mistakes are values', () => {
  const config = parseClientConfig('uri_aliases = [ "box=qemu+ssh://root@box/system" ]');
  const read = readUri('box', config, {});
  expect(read).toMatchObject({ endpoint: { transport: 'ssh', host: 'box' } });
  expect(readUri('qemu+foo:///', config, {})).toBeInstanceOf(LibvirtError);
  // What ssh would take for an option is nothing to try.
  expect(readUri('qemu+ssh://-oProxyCommand=x/system', config, {})).toMatchObject({
    message: '"-oProxyCommand=x" is no name of a host for ssh',
  });
});
