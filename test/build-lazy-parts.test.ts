import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build } from '../scripts/build.mjs';
import { createLab } from '../source/lab/lab.js';
import { serveLab } from '../source/lab/serve.js';
import { Terminal } from './support/terminal.js';

const root = join(import.meta.dirname, '..');
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqFvBqXxVvJYBVuzzUvZjO1qEwMZ9lGkSuTn1e6k8YV me@here';

let folder: string;
let cli: string;
/** Node, where anybody may run it: the one that runs the tests may lie in a folder of root's own. */
let node: string;
/** Files of the build by the source that they begin with, of parts that are loaded when they are needed. */
let parts: ReadonlyMap<string, string>;
let uri: string;
let keysUrl: string;
const ends: (() => Promise<unknown>)[] = [];

/** What a bundler gets wrong shows as one of these, and only where the part is used. */
const broken =
  /is not a (?:constructor|function)|Cannot find (?:module|package)|ReferenceError|TypeError|require/;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-parts-'));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  const { files, metafile } = await build();
  for (const { path, text } of files) {
    const file = join(folder, relative(root, path));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  // For the run as somebody else.
  await chmod(folder, 0o755);
  for (const name of ['run', 'coverage']) {
    await mkdir(join(folder, name));
    await chmod(join(folder, name), 0o777);
  }
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  cli = join(folder, 'dist', 'cli.js');
  node = join(folder, 'node');
  if (notRoot.uid !== undefined) await copyFile(process.execPath, node);
  const loadedLater = new Set(
    Object.values(metafile.outputs)
      .flatMap(({ imports }) => imports)
      .filter(({ kind, external }) => kind === 'dynamic-import' && !external)
      .map(({ path }) => path),
  );
  parts = new Map([...loadedLater].map((path) => [metafile.outputs[path]?.entryPoint ?? path, path]));
  const served = await serveLab(
    createLab({ domains: 2, names: ['alpha', 'beta'] }),
    join(folder, 'lab.sock'),
  );
  uri = served.uri;
  const server = createServer((_, response) => response.end(key)).listen(0, '127.0.0.1');
  ends.push(served.close, async () => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  keysUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/me.keys`;
  const disk = Buffer.alloc(200_000, 7);
  disk.set([0x55, 0xaa], 510);
  await writeFile(join(folder, 'small.img'), disk);
}, 60_000);

afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

function environment(): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CACHE_HOME: join(folder, 'cache'),
    XDG_RUNTIME_DIR: join(folder, 'run'),
    // Node writes down there which files it has loaded.
    NODE_V8_COVERAGE: join(folder, 'coverage'),
  };
}

/** Paths of all files that the program has loaded, in any run. */
async function loadedFiles(): Promise<ReadonlySet<string>> {
  const notes = join(folder, 'coverage');
  const texts = await Promise.all((await readdir(notes)).map((name) => readFile(join(notes, name), 'utf8')));
  const scripts = texts.flatMap(
    (text) => (JSON.parse(text) as { result: readonly { url: string }[] }).result,
  );
  return new Set(scripts.map(({ url }) => url.replace('file://', '')));
}

type Ended = { readonly code: number; readonly text: string };

/** The one that would be started is not there. */
const withoutDaemon = { LIBVIRTD_PATH: '/nonexistent', VIRTD_PATH: '/nonexistent' };
/** Root has no session of its own. */
const notRoot: { readonly uid?: number; readonly gid?: number } =
  process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

function run(
  words: readonly string[],
  env: Record<string, string> = {},
  person: { readonly uid?: number; readonly gid?: number } = {},
): Promise<Ended> {
  const options = { env: { ...environment(), ...env }, ...person };
  return new Promise((resolve) => {
    execFile(
      person.uid === undefined ? process.execPath : node,
      [cli, ...words],
      options,
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), text: stdout + stderr }),
    );
  });
}

/** The socket of a daemon that wants a name and a password, and offers SCRAM for it. */
async function askingForPassword(): Promise<string> {
  const answers: Readonly<Record<number, readonly number[]>> = {
    // AUTH_LIST: one type, SASL. AUTH_SASL_INIT: a text of 11 bytes, filled up to 12.
    66: [1, 1],
    67: [11, ...'SCRAM-SHA-1\0'.match(/.{4}/gs)!.map((word) => Buffer.from(word).readUInt32BE())],
  };
  const path = join(folder, 'sasl.sock');
  const server = createSocketServer((socket) => {
    socket.on('data', (call: Buffer) => {
      const answer = answers[call.readUInt32BE(12)];
      if (answer === undefined) return;
      const [program, version, procedure, serial] = [4, 8, 12, 20].map((at) => call.readUInt32BE(at));
      const words = [28 + 4 * answer.length, program, version, procedure, 1, serial, 0, ...answer];
      const reply = Buffer.alloc(4 * words.length);
      for (const [at, word] of words.entries()) reply.writeUInt32BE(word ?? 0, 4 * at);
      socket.write(reply);
    });
  }).listen(path);
  ends.push(async () => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return path;
}

/** In a terminal: what appears is waited for, then keys are typed. */
async function type(words: readonly string[], steps: readonly (readonly [RegExp, string])[]): Promise<void> {
  const terminal = Terminal.open({ command: process.execPath, args: [cli, ...words], env: environment() });
  try {
    for (const [shown, keys] of steps) {
      await terminal.waitFor(shown);
      terminal.send(keys);
    }
    await terminal.onExit;
  } finally {
    await terminal.close();
  }
}

test('every part of the built program that is loaded when it is needed is loaded here, and works', async () => {
  const create = ['create', '-c', uri, '--image', join(folder, 'small.img'), '--user', 'me'];
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['list', '-c', uri, '--all'], 0, /alpha/],
    [['list', '-c', 'lab://stardust'], 0, /ad-1/],
    [['net', 'list', '-c', uri], 0, /default/],
    [['pool', 'list', '-c', uri], 0, /default/],
    [['vol', 'list', 'default', '-c', uri], 0, /./],
    [['connection', 'add', 'here', uri], 0, /here/],
    [['connection', 'list'], 0, /here/],
    [['connection', 'import'], 0, /import/],
    [[...create, 'web-1', '--dry-run', '--ssh-key', keysUrl], 0, /me@here/],
    [[...create, 'web-2', '--ssh-key', key, '--yes', '--no-wait'], 0, /web-2/],
    [['suspend', 'alpha', '-c', uri], 0, /alpha/],
    [['ssh', 'nobody', '-c', uri], 1, /nobody/],
    [['undefine', 'nobody', '-c', uri], 1, /nobody/],
    [['--help'], 0, /Usage/],
    [['--nonsense'], 2, /nonsense/],
    [['nonsense'], 2, /nonsense/],
    [['lab'], 2, /socket/],
  ];
  // One after the other: some stand on what the earlier ones have made.
  for (const [words, code, said] of cases) {
    const ended = await run(words);
    expect(`${words.join(' ')}: ${ended.code} ${ended.text}`).toMatch(new RegExp(`: ${code} `));
    expect(ended.text).toMatch(said);
    expect(ended.text).not.toMatch(broken);
  }
  const session = await run(['list', '-c', 'qemu:///session'], withoutDaemon, notRoot);
  expect(session.code).toBe(1);
  expect(session.text).toMatch(/\/nonexistent/);
  expect(session.text).not.toMatch(broken);
  const record = {
    ...{ version: 1, id: 'cut', connection: uri, uri, startedAt: '2026-01-01T00:00:00Z' },
    ...{ process: { pid: 2 ** 22 + 1, started: '1' }, requests: [], made: [], finished: [] },
  };
  await mkdir(join(folder, 'state', 'virtdeck', 'creations'), { recursive: true });
  await writeFile(join(folder, 'state', 'virtdeck', 'creations', 'cut.json'), JSON.stringify(record));
  await type(
    ['-c', uri],
    [
      [/was not finished/, '\u001b'],
      [/^(?![\s\S]*was not finished)[\s\S]*c new VM/, 'c'],
      [/Debian/, '\u0003'],
    ],
  );
  const wayCases: readonly (readonly [string, RegExp])[] = [
    [`qemu+tls://127.0.0.1/system?pkipath=${folder}`, /cacert\.pem cannot be read/],
    ['qemu+tcp://127.0.0.1:1/system', /nothing answers/],
    ['qemu+ext:///system?command=/bin/false', /\/bin\/false/],
    [`qemu+unix:///system?socket=${await askingForPassword()}`, /asks for a name and a password/],
  ];
  for (const [way, said] of wayCases) {
    const { code, text } = await run(['list', '-c', way]);
    expect(`${way}: ${code} ${text}`).toMatch(said);
    expect(text).not.toMatch(broken);
  }
  const ssh = join(folder, 'asking-ssh');
  await writeFile(ssh, '#!/bin/sh\necho "told $("$SSH_ASKPASS" "me@far password: ")" >&2\nexit 255\n', {
    mode: 0o755,
  });
  await type(
    ['list', '-c', `qemu+ssh://me@far/system?command=${ssh}`],
    [
      [/password:/, 'x\r'],
      [/told x/, ''],
    ],
  );
  await type(['console', 'beta', '-c', uri], [[/beta|login/i, '\u001d']]);
  const loaded = await loadedFiles();
  const unused = [...parts].filter(([, path]) => !loaded.has(join(folder, path))).map(([source]) => source);
  // Ink's tools for its own developers: the build has a stand-in for them, and nothing asks for it.
  expect(unused).toEqual(['node_modules/ink/build/devtools.js']);
}, 60_000);
