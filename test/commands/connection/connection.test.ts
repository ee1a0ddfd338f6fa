import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { connection } from '../../../source/commands/connection/connection.js';
import { temporaryDirectories } from '../../settings/temporary.js';
import { type CommandResult, runCommand } from '../../support/command-io.js';

const temporary = temporaryDirectories();

interface Place {
  readonly path: string;
  run(...words: readonly string[]): Promise<CommandResult>;
}

/** A private place for the settings; words with dashes are the command's flags. */
async function place(text?: string): Promise<Place> {
  const directory = await temporary();
  const path = join(directory, 'virtdeck', 'config.yaml');
  if (text !== undefined) {
    await mkdir(dirname(path));
    await writeFile(path, text);
  }
  const run = (...words: readonly string[]) => {
    const flags = words.filter((word) => word.startsWith('--')).map((word) => [word.slice(2), true]);
    const input = words.filter((word) => !word.startsWith('--'));
    return runCommand(connection, input, Object.fromEntries(flags), {
      // What this machine has must not matter.
      env: { XDG_CONFIG_HOME: directory, LIBVIRT_DEFAULT_URI: 'lab:///' },
    });
  };
  return { path, run };
}

const done = (stdout: string): CommandResult => ({ code: 0, stdout, stderr: '' });
const failed = (stderr: string): CommandResult => ({ code: 1, stdout: '', stderr });

const empty = ` Name   URI   Autoconnect\n---------------------------\n\n`;

test('the life of a connection', async () => {
  const { run } = await place();
  expect(await run('list')).toEqual(done(empty));
  expect(await run('add', 'lab', 'qemu:///system', '--autoconnect')).toEqual(
    done('Connection lab added: qemu:///system\n'),
  );
  expect(await run('add', '実験', 'qemu+ssh://root@b/system')).toEqual(
    done('Connection 実験 added: qemu+ssh://root@b/system\n'),
  );
  expect((await run('list')).stdout).toBe(
    ` Name   URI                        Autoconnect
------------------------------------------------
 lab    qemu:///system             on
 実験   qemu+ssh://root@b/system   off

`,
  );
  expect(await run('autoconnect', '実験', 'on')).toEqual(done('Connection 実験: autoconnect on\n'));
  expect(await run('autoconnect', 'lab', 'off')).toEqual(done('Connection lab: autoconnect off\n'));
  expect(JSON.parse((await run('list', '--json')).stdout)).toEqual([
    { name: 'lab', uri: 'qemu:///system', autoconnect: false },
    { name: '実験', uri: 'qemu+ssh://root@b/system', autoconnect: true },
  ]);
  expect(await run('remove', 'lab')).toEqual(done('Connection lab removed\n'));
  expect(await run('remove', '実験')).toEqual(done('Connection 実験 removed\n'));
  expect((await run('list', '--json')).stdout).toBe('[]\n');
});

test('another URI or another name leaves place, autoconnect and comments as they are', async () => {
  const { run, path } = await place(`connections:
  - name: one # the first
    uri: qemu+ssh://root@b/system # in the cellar
    autoconnect: true
  - {name: two, uri: "lxc:///system", autoconnect: false}
`);
  expect(await run('edit', 'one', 'qemu+ssh://root@c:2222/system')).toEqual(
    done('Connection one leads to qemu+ssh://root@c:2222/system now\n'),
  );
  expect(await run('rename', 'one', 'cellar')).toEqual(done('Connection one is cellar now\n'));
  expect(await readFile(path, 'utf8')).toBe(`connections:
  - name: cellar # the first
    uri: qemu+ssh://root@c:2222/system # in the cellar
    autoconnect: true
  - {name: two, uri: "lxc:///system", autoconnect: false}
`);
  expect(await run('rename', 'cellar', 'two')).toEqual(
    failed('error: there is a connection named "two" already\n'),
  );
  expect(await run('edit', 'two', 'QEMU+ssh://root@C:2222/system')).toEqual(
    failed('error: the connection "cellar" leads there already: qemu+ssh://root@c:2222/system\n'),
  );
  // The same place, written otherwise, is no other one's.
  expect((await run('edit', 'two', 'lxc:///system/')).code).toBe(0);
  const missing = failed('error: there is no connection named "one"\n');
  expect(await run('rename', 'one', 'uno')).toEqual(missing);
  expect(await run('edit', 'one', 'qemu:///system')).toEqual(missing);
});

test('names are unique and must exist', async () => {
  const { run } = await place();
  await run('add', 'lab', 'qemu:///system');
  expect(await run('add', 'lab', 'lxc:///system')).toEqual(
    failed('error: there is a connection named "lab" already\n'),
  );
  const missing = failed('error: there is no connection named "bal"\n');
  expect(await run('remove', 'bal')).toEqual(missing);
  expect(await run('autoconnect', 'bal', 'on')).toEqual(missing);
  expect(await run('test', 'bal')).toEqual(missing);
});

describe('usage', () => {
  test.each([
    [[], 'say what to do: list, add, edit, rename, remove, autoconnect, test, import'],
    [['lst'], 'there is no "lst"; there are list, add, edit, rename, remove, autoconnect, test, import'],
    [
      ['constructor'],
      'there is no "constructor"; there are list, add, edit, rename, remove, autoconnect, test, import',
    ],
    [['add', 'lab'], 'the form is: virtdeck connection add NAME URI [--autoconnect]'],
    [['edit', 'lab'], 'the form is: virtdeck connection edit NAME URI'],
    [['edit', 'lab', 'qemu+ssh://root:hunter2@h/system'], 'a URI may not contain a password: '],
    [['edit', 'lab', 'qemu+ssh://-oProxyCommand=x/system'], 'is no name of a host for ssh'],
    [['rename', 'lab', 'a/b'], 'a name may not contain a slash'],
    [['remove'], 'the form is: virtdeck connection remove NAME'],
    [['list', 'x'], 'the form is: virtdeck connection list [--json]'],
    [['remove', 'x', '--json'], 'remove has no option --json'],
    [['autoconnect', 'lab', 'yes'], 'autoconnect takes on or off, not "yes"'],
    [['add', '', 'qemu:///system'], 'a name may not be empty'],
    [['add', 'a/b', 'qemu:///system'], 'a name may not contain a slash (that is how it is told from a URI)'],
    [['add', 'a\u001Bb', 'qemu:///system'], 'a name may not contain control or invisible characters'],
    [
      ['add', 'lab', 'qemu+foo:///system'],
      'the connection URI "qemu+foo:///system" is not valid: "foo" is not a transport. Examples: ',
    ],
    [['test', 'qemu+foo:///system'], 'the connection URI "qemu+foo:///system" is not valid: '],
    [['add', 'lab', 'qemu+ssh://root:hunter2@h/system'], 'a URI may not contain a password: '],
    [['test', 'qemu+ssh://root:hunter2@h/system'], 'a URI may not contain a password: '],
  ])('%j', async (words, message) => {
    const { run } = await place();
    const { code, stdout, stderr } = await run(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('virtdeck connection: ');
    expect(stderr).toContain(message);
    expect(stderr).toContain('See: virtdeck connection --help\n');
    expect(stderr).not.toMatch(/hunter2|\u001B/);
  });
});

describe('a file with errors', () => {
  const text = 'connections:\n  - {name: good, uri: "lxc:///"}\n  - {name: "\\e[2Jbad", uri: 5}\n';

  test('lists what can be read, and says that it is not all', async () => {
    const { run, path } = await place(text);
    const { code, stdout, stderr } = await run('list');
    expect(code).toBe(1);
    expect(stdout).toContain(' good   lxc:///   off\n');
    expect(stderr.split('\n')).toEqual([
      `error: ${path}:3: connections[1].name: a name may not contain control or invisible characters`,
      `error: ${path}:3: connections[1].uri: expected text, not 5`,
      '',
    ]);
  });

  test.each([
    ['add', 'lab', 'qemu:///system'],
    ['edit', 'good', 'qemu:///system'],
    ['rename', 'good', 'better'],
    ['import'],
    ['remove', 'good'],
    ['autoconnect', 'good', 'on'],
  ])('%s leaves it as it is', async (...words) => {
    const { run, path } = await place(text);
    const { code, stdout, stderr } = await run(...words);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(
      `error: ${path} has errors and was left as it is:\n  ${path}:3: connections[1].name`,
    );
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('a warning does not fail', async () => {
    const { run, path } = await place('colour: red\n');
    expect(await run('list')).toEqual({
      code: 0,
      stdout: empty,
      stderr: `warning: ${path}:1: colour: unknown field\n`,
    });
  });
});

/** Without how long each step took. */
const untimed = (text: string) => text.replace(/ +(?:\d+ ms|\d+\.\d s)(?= {2}|\n)/g, '');

describe('test', () => {
  test('a socket that is not there', async () => {
    const { run } = await place();
    await run('add', 'gone', 'test+unix:///default?socket=/nowhere/sock');
    const { code, stdout, stderr } = await run('test', 'gone');
    expect(code).toBe(1);
    expect(untimed(stdout)).toBe(
      'Testing gone (test+unix:///default?socket=/nowhere/sock)\n  socket         failed\n',
    );
    expect(stderr).toMatch(/^error: gone: there is no socket \/nowhere\/sock\nhint: /);
  });

  test('a file that is no socket', async () => {
    const { run, path } = await place('');
    const uri = `qemu+unix:///system?socket=${path}`;
    const { code, stdout, stderr } = await run('test', uri);
    expect(code).toBe(1);
    expect(untimed(stdout)).toBe(`Testing ${uri}\n  socket         failed\n`);
    expect(stderr).toContain(`error: ${uri}: nobody answers on the socket`);
  });

  test('a simulated host, by the same steps', async () => {
    const { run } = await place();
    const { code, stdout, stderr } = await run('test', 'lab://box/?domains=3');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ {2}lab {12}ok {6} *[\d.]+ m?s$/m);
    expect(untimed(stdout).split('\n')).toEqual([
      'Testing lab://box/?domains=3',
      '  lab            ok',
      '  daemon         ok',
      '  authorization  ok',
      '  opening        ok',
      expect.stringMatching(/^ {2}host +ok {2}box, libvirt \d+\.\d+\.\d+, QEMU /),
      expect.stringMatching(/^ {2}domains +ok {2}3, \d active$/),
      '',
    ]);
  });
});

test('a URI that is in the settings already is told, also where it is written otherwise', async () => {
  const { run, path } = await place();
  await run('add', 'one', 'qemu+ssh://root@b/system');
  expect(await run('add', 'two', 'QEMU+ssh://root@B:22/system')).toEqual(
    failed('error: the connection "one" leads there already: qemu+ssh://root@b/system\n'),
  );
  expect(await readFile(path, 'utf8')).not.toContain('two');
});
