import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addConnection, changeConnection, removeConnection } from '../../source/settings/connection-edits.js';
import { loadSettings } from '../../source/settings/load-settings.js';
import { defaultSettings } from '../../source/settings/settings.js';
import { SettingsError } from '../../source/settings/settings-error.js';
import { type Edit, updateSettings } from '../../source/settings/update-settings.js';
import { temporaryDirectories } from './temporary.js';

const temporary = temporaryDirectories();

async function fileWith(text: string): Promise<string> {
  const path = join(await temporary(), 'config.yaml');
  await writeFile(path, text);
  return path;
}

/** The text of a file after an edit. */
async function edited(text: string, edit: Edit): Promise<string> {
  const path = await fileWith(text);
  const settings = await updateSettings(path, edit);
  expect((await loadSettings(path)).settings).toEqual(settings);
  return readFile(path, 'utf8');
}

const failure = (work: Promise<unknown>): Promise<SettingsError> =>
  work.then(
    () => expect.unreachable(),
    (error) => {
      expect(error).toBeInstanceOf(SettingsError);
      return error;
    },
  );

const lab = { name: 'lab', uri: 'qemu:///system', autoconnect: true };

describe('a new file', () => {
  test('is made, for its owner only, and says what it is', async () => {
    const path = join(await temporary(), 'new', 'virtdeck', 'config.yaml');
    await updateSettings(path, addConnection(lab));
    expect(await readFile(path, 'utf8')).toBe(
      `# Settings of virtdeck. The program keeps comments and order when it writes this file.

connections:
  - name: lab
    uri: qemu:///system
    autoconnect: true
`,
    );
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
    expect((await stat(dirname(dirname(path)))).mode & 0o777).toBe(0o700);
    expect(await readdir(dirname(path))).toEqual(['config.yaml']);
  });

  test('is not made when nothing changes', async () => {
    const path = join(await temporary(), 'config.yaml');
    expect(await updateSettings(path, (settings) => ({ ...settings }))).toEqual(defaultSettings);
    expect(await readdir(dirname(path))).toEqual([]);
  });
});

describe('what a person wrote stays', () => {
  const source = `# My hosts.   Keep!


interval:   3      # seconds
future: {a:  [1,2]}   # of a later version

connections:       # from the left rack
    # the big one
    - name: big    # 64 cores
      uri:         'qemu+ssh://root@big/system'
      tags: [rack1]

    - {name: small, uri: "qemu+ssh://small/system"}   # noisy
    # - name: gone
    #   uri: lxc:///

theme: "dark"
# the end
`;

  test.each<[string, Edit, [from: string, to: string]]>([
    ['a number', (s) => ({ ...s, interval: 5 }), ['interval:   3      # seconds', 'interval: 5 # seconds']],
    ['a word', (s) => ({ ...s, theme: 'mono' }), ['theme: "dark"', 'theme: "mono"']],
    [
      'a new field',
      (s) => ({ ...s, sort: { column: 'cpu', reverse: true } }),
      ['theme: "dark"\n', 'theme: "dark"\nsort:\n    column: cpu\n    reverse: true\n'],
    ],
    [
      'a list',
      (s) => ({ ...s, columns: ['name', 'cpu'] }),
      ['theme: "dark"\n', 'theme: "dark"\ncolumns: [name, cpu]\n'],
    ],
    [
      'a new connection',
      addConnection(lab),
      ['# noisy\n', '# noisy\n\n    - {name: lab, uri: qemu:///system, autoconnect: true}\n'],
    ],
    [
      'a removed connection',
      removeConnection('small'),
      ['\n    - {name: small, uri: "qemu+ssh://small/system"}   # noisy\n', ''],
    ],
    [
      'a changed connection',
      changeConnection('big', { autoconnect: true }),
      ['      tags: [rack1]\n', '      tags: [rack1]\n      autoconnect: true\n'],
    ],
    [
      'a renamed connection',
      changeConnection('big', { name: 'huge' }),
      ['name: big    # 64', 'name: huge # 64'],
    ],
  ])('%s', async (_, edit, [from, to]) => {
    expect(source).toContain(from);
    expect(await edited(source, edit)).toBe(source.replace(from, to));
  });

  test('line ends of Windows', async () => {
    const text = source.replaceAll('\n', '\r\n');
    const result = await edited(text, addConnection(lab));
    expect(result.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(result).toContain('# noisy\r\n\r\n    - {name: lab, ');
  });

  test('lists at the left edge', async () => {
    expect(await edited('connections:\n- name: a\n  uri: lxc:///\n', addConnection(lab))).toBe(
      'connections:\n- name: a\n  uri: lxc:///\n- name: lab\n  uri: qemu:///system\n  autoconnect: true\n',
    );
  });

  test('a text of several lines in an unknown field', async () => {
    const text = 'note: |\n   # no  comment\n\n   more\n\ninterval: 2\n';
    expect(await edited(text, (s) => ({ ...s, interval: 4 }))).toBe(
      text.replace('interval: 2', 'interval: 4'),
    );
  });

  test('columns keep their own comments and style', async () => {
    const text = 'columns:\n  - name  # first\n  - cpu   # second\n';
    expect(await edited(text, (s) => ({ ...s, columns: ['cpu', 'name', 'memory'] }))).toBe(
      'columns:\n  - cpu # second\n  - name # first\n  - memory\n',
    );
    expect(await edited(`theme: dark\n${text}`, (s) => ({ ...s, columns: undefined }))).toBe('theme: dark\n');
  });

  test.each(['connections: []\n', 'connections:\n', '{}\n', '', '# mine\n'])(
    '%j and a first connection',
    async (text) => {
      const result = await edited(text, addConnection(lab));
      expect(result).toContain(
        'connections:\n  - name: lab\n    uri: qemu:///system\n    autoconnect: true\n',
      );
      expect(result.startsWith('# mine') || !text.startsWith('# mine')).toBe(true);
    },
  );

  test.each(['', '  '])('the last connection goes, and one comes again (indented by %j)', async (indent) => {
    const text = `connections: # mine\n${indent}- name: lab\n${indent}  uri: lxc:///\ntheme: dark\n`;
    const empty = await edited(text, removeConnection('lab'));
    expect(empty).toMatch(/^connections:\s+# mine\ntheme: dark\n$/);
    expect(await edited(empty, addConnection(lab))).toMatch(
      /^connections:\s+# mine\n {2}- name: lab\n {4}uri: qemu:\/\/\/system\n {4}autoconnect: true\ntheme: dark\n$/,
    );
  });

  test('a list that is an alias of another field', async () => {
    const text = 'x: &list\n  - {name: a, uri: "lxc:///"}\nconnections: *list\n';
    const result = await edited(text, addConnection(lab));
    expect(result).toContain('x: &list\n  - {name: a, uri: "lxc:///"}\n');
    expect(result).toContain('name: lab');
  });

  test('the mode, and the time of a file that does not change', async () => {
    const path = await fileWith('interval: 4\n');
    await chmod(path, 0o640);
    const identity = async () => {
      const { ino, mtimeMs } = await stat(path);
      return { ino, mtimeMs };
    };
    const before = await identity();
    await updateSettings(path, (settings) => ({ ...settings, interval: 4 }));
    expect(await identity()).toEqual(before);
    await updateSettings(path, (settings) => ({ ...settings, interval: 5 }));
    expect((await stat(path)).mode & 0o777).toBe(0o640);
  });
});

describe('links', () => {
  test('a file that is a link stays one; its target is written', async () => {
    const directory = await temporary();
    await mkdir(join(directory, 'dotfiles'));
    await mkdir(join(directory, 'virtdeck'));
    await writeFile(join(directory, 'dotfiles', 'real.yaml'), 'interval: 3 # mine\n');
    await symlink('../dotfiles/real.yaml', join(directory, 'virtdeck', 'middle.yaml'));
    await symlink('middle.yaml', join(directory, 'virtdeck', 'config.yaml'));
    const path = join(directory, 'virtdeck', 'config.yaml');
    await updateSettings(path, (settings) => ({ ...settings, interval: 4 }));
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect(await readFile(join(directory, 'dotfiles', 'real.yaml'), 'utf8')).toBe('interval: 4 # mine\n');
    expect(await readdir(join(directory, 'virtdeck'))).toEqual(['config.yaml', 'middle.yaml']);
  });

  test('a link to what is not there yet', async () => {
    const directory = await temporary();
    const path = join(directory, 'config.yaml');
    await symlink('real.yaml', path);
    await updateSettings(path, (settings) => ({ ...settings, interval: 4 }));
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect((await loadSettings(join(directory, 'real.yaml'))).settings.interval).toBe(4);
  });

  test('a link to itself is an error in words', async () => {
    const path = join(await temporary(), 'config.yaml');
    await symlink('config.yaml', path);
    const error = await failure(updateSettings(path, addConnection(lab)));
    expect(error.kind).toBe('write');
    expect(error.message).toBe(`${path} cannot be written: too many symbolic links`);
  });
});

describe('refused, with the file as it was', () => {
  test.each(['interval: soon\n', 'theme: "dark\n', 'connections:\n  - name: a\n', '\xff'])(
    'broken: %j',
    async (text) => {
      const path = await fileWith('');
      await writeFile(path, text, 'latin1');
      const error = await failure(updateSettings(path, addConnection(lab)));
      expect(error.kind).toBe('broken');
      expect(error.problems.length).toBeGreaterThan(0);
      expect(error.message).toMatch(/config\.yaml has errors and was left as it is:\n {2}.*config\.yaml:\d/);
      expect(await readFile(path, 'latin1')).toBe(text);
      expect(await readdir(dirname(path))).toEqual(['config.yaml']);
    },
  );

  test.each<[string, Edit, string]>([
    [
      'a password',
      addConnection({ ...lab, uri: 'qemu+ssh://root:hunter2@h/system' }),
      'connections[0].uri: a URI may not contain a password',
    ],
    [
      'a bad name',
      addConnection({ ...lab, name: 'a/b' }),
      'connections[0].name: a name may not contain a slash',
    ],
    ['a bad interval', (s) => ({ ...s, interval: 0 }), 'interval: expected 0.5 to 3600 seconds'],
    [
      'the same name twice',
      (s) => ({ ...s, connections: [lab, lab] }),
      'connections[1].name: another connection is named "lab" already',
    ],
  ])('invalid: %s', async (_, edit, message) => {
    const path = await fileWith('theme: dark\n');
    const error = await failure(updateSettings(path, edit));
    expect(error.kind).toBe('invalid');
    expect(error.message).toContain(`the settings cannot be changed so: ${message}`);
    expect(error.message).not.toContain('hunter2');
    expect(await readFile(path, 'utf8')).toBe('theme: dark\n');
    expect(await readdir(dirname(path))).toEqual(['config.yaml']);
  });

  test('names that are taken or unknown', async () => {
    const path = await fileWith(
      'connections:\n  - {name: lab, uri: "lxc:///"}\n  - {name: b, uri: "lxc:///"}\n',
    );
    const kindOf = async (edit: Edit) => (await failure(updateSettings(path, edit))).kind;
    expect(await kindOf(addConnection(lab))).toBe('conflict');
    expect(await kindOf(changeConnection('b', { name: 'lab' }))).toBe('conflict');
    expect(await kindOf(changeConnection('c', { autoconnect: true }))).toBe('not-found');
    expect(await kindOf(removeConnection('c'))).toBe('not-found');
  });

  test('an anchor that something else still needs', async () => {
    const text = 'connections:\n  - &a {name: a, uri: "lxc:///"}\nx: *a\n';
    const path = await fileWith(text);
    expect((await failure(updateSettings(path, removeConnection('a')))).kind).toBe('invalid');
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('no home directory', async () => {
    const error = await failure(updateSettings(undefined, addConnection(lab)));
    expect(error.kind).toBe('no-home');
    expect(error.message).toContain('HOME');
  });

  test('no place for the file', async () => {
    const path = await fileWith('');
    const error = await failure(updateSettings(join(path, 'virtdeck', 'config.yaml'), addConnection(lab)));
    expect(error.kind).toBe('write');
    expect(error.message).toContain('a part of its path is not a directory');
  });
});
