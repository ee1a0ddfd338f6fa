import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seedFiles } from '../../../source/provision/cloud-init/seed-files.js';
import { findIsoTool, makeSeedIso } from '../../../source/provision/seed/iso.js';
import { requires } from '../../support/requirements.js';
import { example, network } from '../cloud-init/examples.js';

let folder: string;
let bin: string;
let temporary: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'virtdeck-test-iso-'));
  bin = join(folder, 'bin');
  temporary = join(folder, 'tmp');
  mkdirSync(bin);
  mkdirSync(temporary);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const environment = () => ({ PATH: bin, TMPDIR: temporary });
const { signal } = new AbortController();

/** The only tool that is found. */
function use(tool: string): void {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const path = folders.map((place) => join(place, tool)).find((file) => existsSync(file));
  symlinkSync(path ?? 'nowhere', join(bin, tool));
}

/** A tool that is a shell script. */
function fake(script: string): void {
  const path = join(bin, 'xorriso');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

const isoinfo = (...args: readonly string[]): Buffer => execFileSync('isoinfo', args);

describe.each(['xorriso', 'genisoimage'] as const)('a seed made by %s', (tool) => {
  requires(tool, 'genisoimage')('is read back', () => {
    test.each(['nocloud', 'configdrive'] as const)('of %s: label, names and bytes', async (datasource) => {
      use(tool);
      const seed = seedFiles({
        ...example,
        datasource,
        network,
        commands: ['echo "<&">$(id)`id`é日本😀"'],
        vendorData: '#!/bin/sh\n',
      });
      const target = join(folder, 'web-1 <&">$(id).iso');
      await makeSeedIso(seed, target, { signal, env: environment() });
      expect(isoinfo('-d', '-i', target).toString()).toMatch(new RegExp(`^Volume id: ${seed.label}$`, 'm'));
      for (const names of ['-R', '-J']) {
        const files = isoinfo(names, '-f', '-i', target).toString().trim().split('\n');
        const leaves = files.filter((name) => !files.some((other) => other.startsWith(`${name}/`)));
        expect(leaves.sort()).toEqual([...seed.files.keys()].map((name) => `/${name}`).sort());
      }
      for (const [name, text] of seed.files)
        expect(isoinfo('-R', '-i', target, '-x', `/${name}`).toString('utf8')).toBe(text);
      expect(statSync(target).mode & 0o777).toBe(0o600);
      expect(readdirSync(temporary)).toEqual([]);
      expect(readdirSync(folder).sort()).toEqual(['bin', 'tmp', 'web-1 <&">$(id).iso']);
    });
  });
});

const files = new Map([['meta-data', '{}']]);
const seed = { label: 'cidata', files } as const;

test('without a tool the packages are named', async () => {
  expect(await findIsoTool(environment())).toBeUndefined();
  const making = makeSeedIso(seed, join(folder, 'a.iso'), { signal, env: environment() });
  await expect(making).rejects.toMatchObject({
    message: expect.stringContaining('no program'),
    hint: expect.stringMatching(/xorriso.*genisoimage.*Debian.*Fedora.*Arch/),
  });
});

test('whichever is there is taken, xorriso first', async () => {
  for (const name of ['mkisofs', 'genisoimage', 'xorriso'] as const) {
    writeFileSync(join(bin, name), '', { mode: 0o755 });
    expect(await findIsoTool({ PATH: `relative:${bin}:/nowhere` })).toMatchObject({
      name,
      path: join(bin, name),
    });
  }
});

test('while it is made nobody else can read the image or the files', async () => {
  // Says what it finds, and fails.
  fake('for last; do :; done; stat -c "%a %n" "$5" "$last" "$last"/* "$(dirname "$last")" >&2; exit 1');
  const making = makeSeedIso(seed, join(folder, 'a.iso'), {
    signal,
    env: { ...environment(), PATH: path() },
  });
  const { cause } = await making.then(
    () => expect.unreachable(),
    (error: Error) => error,
  );
  const modes = String((cause as { stderr?: unknown }).stderr).split('\n');
  expect(modes.map((line) => line.split(' ')[0])).toEqual(['600', '700', '600', '700']);
});

test('the tool is given nothing that a person has named', async () => {
  fake('echo "$@" > "$TMPDIR/said"; echo iso > "$5"');
  const env = { ...environment(), PATH: path() };
  mkdirSync(join(folder, '-o $(id)'));
  await makeSeedIso(seed, join(folder, '-o $(id)', '-web.iso'), { signal, env });
  expect(readFileSync(join(temporary, 'said'), 'utf8')).toBe(
    '-as mkisofs -quiet -output seed.iso -volid cidata -joliet -rational-rock -input-charset utf-8 tree\n',
  );
});

test('a tool that fails is told with its reason, and leaves nothing', async () => {
  fake('echo "xorriso : FAILURE : no space" >&2; exit 32');
  const target = join(folder, 'a.iso');
  const making = makeSeedIso(seed, target, { signal, env: { ...environment(), PATH: path() } });
  await expect(making).rejects.toThrow('xorriso could not make the seed: xorriso : FAILURE : no space');
  expect(readdirSync(folder).sort()).toEqual(['bin', 'tmp']);
  expect(readdirSync(temporary)).toEqual([]);
});

test('what was there before stays when it fails, and is replaced when it works', async () => {
  const target = join(folder, 'a.iso');
  writeFileSync(target, 'before', { mode: 0o644 });
  fake('exit 1');
  const options = { signal, env: { ...environment(), PATH: path() } };
  await expect(makeSeedIso(seed, target, options)).rejects.toThrow();
  expect(statSync(target).size).toBe(6);
  fake('echo "a whole image" > "$5"');
  await makeSeedIso(seed, target, options);
  expect(statSync(target).size).toBe(14);
  expect(statSync(target).mode & 0o777).toBe(0o600);
});

test('cancelled, the tool is ended and nothing is left', async () => {
  const pid = join(folder, 'pid');
  fake(`echo $$ > "${pid}.tmp"; mv "${pid}.tmp" "${pid}"; exec sleep 600`);
  const controller = new AbortController();
  const watcher = watch(folder, () => {
    if (existsSync(pid)) controller.abort(new Error('given up'));
  });
  try {
    const env = { ...environment(), PATH: path() };
    const making = makeSeedIso(seed, join(folder, 'a.iso'), { signal: controller.signal, env });
    await expect(making).rejects.toThrow('given up');
  } finally {
    watcher.close();
  }
  const child = Number(readFileSync(pid, 'utf8'));
  expect(() => process.kill(child, 0)).toThrow('ESRCH');
  expect(readdirSync(temporary)).toEqual([]);
  expect(readdirSync(folder).sort()).toEqual(['bin', 'pid', 'tmp']);
});

test('a file cannot be put outside of the seed', async () => {
  fake('exit 0');
  const outside = { label: 'cidata', files: new Map([['../../x', '']]) } as const;
  const making = makeSeedIso(outside, join(folder, 'a.iso'), {
    signal,
    env: { ...environment(), PATH: path() },
  });
  await expect(making).rejects.toThrow('out of the seed');
});

/** The scripts need cat, stat and the like as well. */
function path(): string {
  return `${bin}${delimiter}${process.env.PATH ?? ''}`;
}
