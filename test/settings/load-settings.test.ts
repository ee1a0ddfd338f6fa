import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadSettings } from '../../source/settings/load-settings.js';
import { formatProblem } from '../../source/settings/problem.js';
import { defaultSettings } from '../../source/settings/settings.js';
import { temporaryDirectories } from './temporary.js';

const temporary = temporaryDirectories();

async function load(content: string | Buffer) {
  const path = join(await temporary(), 'config.yaml');
  await writeFile(path, content);
  const loaded = await loadSettings(path);
  return { ...loaded, said: loaded.problems.map((problem) => formatProblem(problem, 'config.yaml')) };
}

test('everything that can be said', async () => {
  const { settings, problems, broken } = await load(`
connections:
  - name: stardust
    uri: qemu:///system
    autoconnect: true
  - {name: lab2, uri: "qemu+ssh://root@lab2/system"}
columns: [name, state, cpu]
sort:
  column: cpu
  reverse: true
grouping: flat
interval: 0.5
theme: mono
symbols: ascii
images:
  - id: lab-debian
    url: https://mirror.lab/debian.qcow2
    sha512: https://mirror.lab/SHA512SUMS
    user: debian
`);
  expect({ problems, broken }).toEqual({ problems: [], broken: false });
  expect(settings).toEqual({
    connections: [
      { name: 'stardust', uri: 'qemu:///system', autoconnect: true },
      { name: 'lab2', uri: 'qemu+ssh://root@lab2/system', autoconnect: false },
    ],
    columns: ['name', 'state', 'cpu'],
    sort: { column: 'cpu', reverse: true },
    grouping: 'flat',
    interval: 0.5,
    theme: 'mono',
    symbols: 'ascii',
    images: [
      {
        id: 'lab-debian',
        url: 'https://mirror.lab/debian.qcow2',
        sha512: 'https://mirror.lab/SHA512SUMS',
        user: 'debian',
      },
    ],
  });
});

test('images that cannot be used are told, and the others stay', async () => {
  const { settings, said } = await load(`images:
  - {id: good, url: "http://mirror.lab/a.img"}
  - {id: good, url: "http://mirror.lab/b.img"}
  - {id: bad id, url: "ftp://mirror.lab/c.img", sha256: abc, firmware: coreboot}
`);
  expect(settings.images).toEqual([{ id: 'good', url: 'http://mirror.lab/a.img' }]);
  expect(said).toEqual([
    'config.yaml:3: images[1].id: another image has the id "good" already',
    'config.yaml:4: images[2].id: expected an id: letters, digits, dots and dashes',
    'config.yaml:4: images[2].url: expected an address that begins with https:// or http://',
    'config.yaml:4: images[2].sha256: expected 64 hexadecimal digits, or the address of a list of digests',
    'config.yaml:4: images[2].firmware: expected one of bios, uefi, any, not "coreboot"',
  ]);
});

describe('nothing said', () => {
  test.each([
    '',
    '\n\n',
    '# only a comment\n  # another\n',
    '\uFEFF# comment\r\n',
    '---\n',
    'connections:\nsort:\n',
    '{}',
  ])('%j gives the defaults', async (text) => {
    const { settings, problems, broken } = await load(text);
    expect({ settings, problems, broken }).toEqual({
      settings: defaultSettings,
      problems: [],
      broken: false,
    });
  });

  test('a missing file, directory, or the target of a link', async () => {
    const directory = await temporary();
    await symlink(join(directory, 'nowhere'), join(directory, 'link.yaml'));
    for (const path of ['config.yaml', 'no/such/config.yaml', 'link.yaml'].map((name) =>
      join(directory, name),
    )) {
      expect(await loadSettings(path)).toEqual({
        settings: defaultSettings,
        problems: [],
        broken: false,
        path,
      });
    }
  });

  test('no home directory', async () => {
    const { settings, problems, broken } = await loadSettings(undefined);
    expect({ settings, broken }).toEqual({ settings: defaultSettings, broken: false });
    expect(problems.map((problem) => formatProblem(problem))).toEqual([
      'settings: there is no home directory (HOME and XDG_CONFIG_HOME are not set): defaults are used',
    ]);
  });
});

describe('errors', () => {
  test('all at once, each with its line and what was expected', async () => {
    const { said, settings, broken } = await load(`# settings
connections:
  - name: good
    uri: qemu:///system
  - name: 5
    uri: [a]
  - uri: qemu:///session
  - just text
  - name: good
    uri: lxc:///
  - name: a/b
    uri: ""
    autoconnect: perhaps
columns: [name, 7, CPU]
sort: cpu
grouping: tree
interval: 0
theme: 3
symbols:
  - ascii
`);
    expect(said).toEqual([
      'config.yaml:5: connections[1].name: expected text, not 5',
      'config.yaml:6: connections[1].uri: expected text, not a list',
      'config.yaml:7: connections[2].name: expected text, but it is missing',
      'config.yaml:8: connections[3]: expected a mapping with name and uri, not "just text"',
      'config.yaml:9: connections[4].name: another connection is named "good" already',
      'config.yaml:11: connections[5].name: a name may not contain a slash (that is how it is told from a URI)',
      'config.yaml:12: connections[5].uri: a URI may not be empty',
      'config.yaml:13: connections[5].autoconnect: expected true or false, not "perhaps"',
      'config.yaml:14: columns[1]: expected the id of a column, not 7',
      'config.yaml:14: columns[2]: expected the id of a column: lower-case letters, digits and dashes',
      'config.yaml:15: sort: expected a mapping with column and reverse, not "cpu"',
      'config.yaml:16: grouping: expected one of host, flat, not "tree"',
      'config.yaml:17: interval: expected 0.5 to 3600 seconds',
      'config.yaml:18: theme: expected one of auto, dark, light, mono, not 3',
      'config.yaml:20: symbols: expected one of auto, unicode, ascii, not a list',
    ]);
    expect(broken).toBe(true);
    expect(settings).toEqual({
      ...defaultSettings,
      connections: [{ name: 'good', uri: 'qemu:///system', autoconnect: false }],
    });
  });

  test('line and column are numbers of their own', async () => {
    const { problems } = await load('theme: mono\ncolumns: [name, 7]\n');
    expect(problems).toMatchObject([{ severity: 'error', line: 2, column: 17, field: 'columns[1]' }]);
  });

  test.each([
    ['interval: soon', 'config.yaml:1: interval: expected a number of seconds, not "soon"'],
    ['\ninterval: .nan', 'config.yaml:2: interval: expected a number of seconds, not NaN'],
    ['interval: 1e9', 'config.yaml:1: interval: expected 0.5 to 3600 seconds'],
    ['columns: []', 'config.yaml:1: columns: expected at least one column'],
    ['columns: [name, name]', 'config.yaml:1: columns: a column is listed twice'],
    ['connections: {a: b}', 'config.yaml:1: connections: expected a list of connections, not a mapping'],
    [
      'connections:\n- name: a\n  uri:\n',
      'config.yaml:3: connections[0].uri: expected text, but it is empty',
    ],
    ['- a\n- b', 'config.yaml:1: expected "field: value" lines, e.g. "interval: 2"'],
    ['just text', 'config.yaml:1: expected "field: value" lines, e.g. "interval: 2"'],
    ['theme: mono\ntheme: dark', 'config.yaml:2: Map keys must be unique'],
    ['theme: "mono', 'config.yaml:1: Missing closing "quote'],
    ['theme: mono\n\tinterval: 2', 'config.yaml:2: Tabs are not allowed as indentation'],
    ['a: *b', 'config.yaml:1: Unresolved alias (the anchor must be set before the alias): b'],
  ])('%j', async (text, message) => {
    const { said, broken, settings } = await load(text);
    expect(said).toContain(message);
    expect(broken).toBe(true);
    expect(settings).toEqual(defaultSettings);
  });

  test('a text that is no YAML gives the defaults as a whole', async () => {
    const { settings, broken } = await load('interval: 5\nconnections: [\n');
    expect({ settings, broken }).toEqual({ settings: defaultSettings, broken: true });
  });

  test('a password is refused, and never repeated', async () => {
    const { said, settings } = await load(
      'connections:\n  - name: a\n    uri: qemu+ssh://root:hunter2@h/system\nsort: qemu+ssh://root:hunter2@h/system\n',
    );
    expect(said[0]).toMatch(/^config.yaml:3: connections\[0\]\.uri: a URI may not contain a password/);
    expect(said.join()).not.toContain('hunter2');
    expect(settings.connections).toEqual([]);
  });

  test.each([
    ['connections: &a [*a]\n', 'config.yaml:1: an alias ("*…") leads to what it stands in'],
    ['images: []\nconnections:\n  - &a {name: x, uri: *a}\n', 'config.yaml:3:'],
    ['interval: 2\n---\ninterval: 3\n', 'config.yaml:2:'],
  ])('%j, by the line', async (text, said) => {
    const loaded = await load(text);
    expect(loaded).toMatchObject({ settings: defaultSettings, broken: true });
    expect(loaded.said).toEqual([expect.stringContaining(said)]);
    expect(loaded.said.join()).not.toContain('parseAllDocuments');
  });

  test('aliases that unfold to billions', async () => {
    const levels = Array.from({ length: 12 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n},`.repeat(9)}]`);
    const { said, broken } = await load(`l0: &l0 [a]\n${levels.join('\n')}\n`);
    expect(said[0]).toMatch(/^config.yaml:1: .*alias/);
    expect(broken).toBe(true);
  });

  test('a text that is not UTF-8', async () => {
    const { said, broken } = await load(Buffer.from('theme: mono\ninterval: 2 # caf\xe9\n', 'latin1'));
    expect(said).toEqual(['config.yaml:2: the text is not UTF-8']);
    expect(broken).toBe(true);
  });

  test('something that is no file', async () => {
    const directory = await temporary();
    await mkdir(join(directory, 'config.yaml'));
    await writeFile(join(directory, 'file'), '');
    const said = async (name: string) => {
      const { problems, broken } = await loadSettings(join(directory, name));
      expect(broken).toBe(true);
      return problems.map((problem) => formatProblem(problem, name));
    };
    expect(await said('config.yaml')).toEqual(['config.yaml: cannot be read: it is a directory']);
    expect(await said('file/config.yaml')).toEqual([
      'file/config.yaml: cannot be read: a part of its path is not a directory',
    ]);
  });

  test('a link to itself', async () => {
    const path = join(await temporary(), 'config.yaml');
    await symlink(path, path);
    const { problems } = await loadSettings(path);
    expect(problems.map(({ message }) => message)).toEqual(['cannot be read: too many symbolic links']);
  });
});

describe('warnings', () => {
  test('unknown fields, each with its line; the rest counts', async () => {
    const { said, settings, problems, broken } = await load(`catalogue: {debian: x}
Interval: 3
connections:
  - name: a
    uri: qemu:///system
    auto-connect: true
sort: {column: cpu, direction: up}
1: a
`);
    expect(said).toEqual([
      'config.yaml:1: catalogue: unknown field',
      'config.yaml:2: Interval: unknown field; did you mean "interval"?',
      'config.yaml:6: connections[0].auto-connect: unknown field; did you mean "autoconnect"?',
      'config.yaml:7: sort.direction: unknown field',
      'config.yaml:8: 1: unknown field',
    ]);
    expect(new Set(problems.map(({ severity }) => severity))).toEqual(new Set(['warning']));
    expect(broken).toBe(false);
    expect(settings.connections).toHaveLength(1);
    expect(settings.sort).toEqual({ column: 'cpu', reverse: false });
  });

  test('__proto__ is a field like any other', async () => {
    const { said, settings } = await load('__proto__: {interval: 9}\n');
    expect(said).toEqual(['config.yaml:1: __proto__: unknown field']);
    expect(settings).toEqual(defaultSettings);
  });
});

test('anchors and aliases are followed', async () => {
  const { settings, said } = await load(`x: &list
  - {name: a, uri: 7}
connections: *list
`);
  expect(settings.connections).toEqual([]);
  expect(said).toEqual([
    'config.yaml:1: x: unknown field',
    'config.yaml:2: connections[0].uri: expected text, not 7',
  ]);
});

describe('what is no file of settings', () => {
  test('a named pipe or a device is told at once', async () => {
    const path = join(await temporary(), 'config.yaml');
    execFileSync('mkfifo', [path]);
    const { problems, broken } = await loadSettings(path);
    expect(broken).toBe(true);
    expect(problems.map(({ message }) => message)).toEqual([
      'cannot be read: it is a named pipe and no regular file',
    ]);
    expect((await loadSettings('/dev/zero')).problems[0]?.message).toContain('it is a device');
    expect((await loadSettings('/dev/null')).problems).toEqual([]);
  });

  test('is not read where it is too large or nested too deep', async () => {
    expect((await load('['.repeat(7_000_000))).said).toEqual([
      'config.yaml: cannot be read: it is larger than 1 MiB, the most that is read here',
    ]);
    const { said, broken } = await load(`interval: 2\nx: ${'['.repeat(1_000_000)}`);
    expect(said).toEqual(['config.yaml:2: more than 400 lists and mappings are in one another']);
    expect(broken).toBe(true);
  });
});
