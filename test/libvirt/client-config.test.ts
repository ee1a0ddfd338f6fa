import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseClientConfig, readClientConfig, resolveUri } from '../../source/libvirt/client-config.js';

/** Files that virsh 9.0.0 reads in the same way (see test/integration/client-config.test.ts). */
const sample = `
# These can be used in cases when no URI is supplied by the application
# uri_default = "qemu:///system"
uri_aliases = [
  "hail=qemu+ssh://root@hail.cloud.example.com/system",
  'sleet=qemu+ssh://root@sleet.cloud.example.com/system?x=a=b',

  "v6=qemu+ssh://[::1]:22/system",
]
  uri_default="hail"   # not "sleet"
remote_mode = "legacy"
`;

describe('libvirt.conf', () => {
  it('is read with lists over lines, both kinds of quotes and comments', () => {
    const config = parseClientConfig(sample);
    expect(Object.fromEntries(config.uriAliases)).toEqual({
      hail: 'qemu+ssh://root@hail.cloud.example.com/system',
      sleet: 'qemu+ssh://root@sleet.cloud.example.com/system?x=a=b',
      v6: 'qemu+ssh://[::1]:22/system',
    });
    expect(config).toMatchObject({ uriDefault: 'hail', remoteMode: 'legacy' });
  });

  it('says nothing when all is commented out, or is nonsense', () => {
    const nothing = { uriDefault: undefined, remoteMode: undefined, file: undefined };
    for (const text of [
      '',
      '# uri_default = "x"\n',
      '\0\x01binary',
      '[[[',
      'uri_aliases = [\n "a=b',
      '=',
      '"',
    ]) {
      expect(parseClientConfig(text)).toMatchObject(nothing);
      expect(parseClientConfig(text).uriAliases.size).toBe(0);
    }
  });

  it('keeps a # that stands inside quotes', () => {
    expect(parseClientConfig('uri_default = "qemu:///system?x=#1" # comment').uriDefault).toBe(
      'qemu:///system?x=#1',
    );
  });

  it('takes the first of two assignments, also on one line', () => {
    const config = parseClientConfig('uri_default="a";uri_aliases=["b=c"]\nuri_default="z"\n');
    expect(config.uriDefault).toBe('a');
    expect(config.uriAliases.get('b')).toBe('c');
  });

  it('leaves out aliases that are none', () => {
    const config = parseClientConfig('uri_aliases = ["nothing", "o ne=x", "=y", "ok-1_A=z", "empty="]');
    expect([...config.uriAliases]).toEqual([['ok-1_A', 'z']]);
  });

  it('ignores a mode that does not exist', () => {
    expect(parseClientConfig('remote_mode = "fast"').remoteMode).toBeUndefined();
    expect(parseClientConfig('remote_mode = "direct"').remoteMode).toBe('direct');
  });

  it('is as good as empty where a named pipe or a device is in its place, which is told', async () => {
    const home = await mkdtemp(join(tmpdir(), 'vd-config-'));
    try {
      await mkdir(join(home, '.config', 'libvirt'), { recursive: true });
      const file = join(home, '.config', 'libvirt', 'libvirt.conf');
      execFileSync('mkfifo', [file]);
      const pipe = await readClientConfig({ HOME: home }, 1000);
      expect(pipe).toMatchObject({
        file: undefined,
        problem: `${file}: it is a named pipe and no regular file`,
      });
      await rm(file);
      await symlink('/dev/zero', file);
      const device = await readClientConfig({ HOME: home }, 1000);
      expect(device).toMatchObject({ file: undefined, problem: expect.stringContaining(file) });
    } finally {
      await rm(home, { recursive: true });
    }
  });

  it('is the user’s own, in XDG_CONFIG_HOME or ~/.config', async () => {
    const home = await mkdtemp(join(tmpdir(), 'vd-config-'));
    try {
      const file = join(home, '.config', 'libvirt', 'libvirt.conf');
      await mkdir(join(file, '..'), { recursive: true });
      await writeFile(file, 'uri_default = "own"');
      expect(await readClientConfig({ HOME: home }, 1000)).toMatchObject({ file, uriDefault: 'own' });
      const env = { HOME: '/nowhere', XDG_CONFIG_HOME: join(home, '.config') };
      expect(await readClientConfig(env, 1000)).toMatchObject({ file, uriDefault: 'own' });
      // Root reads /etc/libvirt/libvirt.conf and never a home directory's.
      expect((await readClientConfig({ HOME: home }, 0)).file).not.toBe(file);
      expect(await readClientConfig({ HOME: '/nowhere' }, 1000)).toMatchObject({
        file: undefined,
      });
      expect((await readClientConfig({ HOME: '/nowhere' }, 1000)).problem).toBeUndefined();
    } finally {
      await rm(home, { recursive: true });
    }
  });
});

describe('the URI that is opened', () => {
  const config = parseClientConfig(
    'uri_aliases = ["one=test:///one", "two=test:///two"]\nuri_default = "two"',
  );
  const none = parseClientConfig('');

  it.each([
    ['what is given', 'qemu:///x', { LIBVIRT_DEFAULT_URI: 'one' }, 'qemu:///x'],
    ['an alias that is given', 'one', {}, 'test:///one'],
    ['no alias inside a longer text', 'one?x=1', {}, 'one?x=1'],
    ['the environment’s', undefined, { LIBVIRT_DEFAULT_URI: 'qemu:///env' }, 'qemu:///env'],
    ['the environment’s alias', undefined, { LIBVIRT_DEFAULT_URI: 'one' }, 'test:///one'],
    [
      'virsh’s own variable first',
      undefined,
      { VIRSH_DEFAULT_CONNECT_URI: 'one', LIBVIRT_DEFAULT_URI: 'x' },
      'test:///one',
    ],
    ['the file’s when the variable is empty', undefined, { LIBVIRT_DEFAULT_URI: '' }, 'test:///two'],
    ['the file’s default, an alias', undefined, {}, 'test:///two'],
    ['for an empty text the same as for none', '', { LIBVIRT_DEFAULT_URI: 'one' }, 'test:///one'],
  ])('is %s', (_, given, env, expected) => {
    expect(resolveUri(given, config, env)).toBe(expected);
  });

  it('is empty when nobody says anything: the daemon chooses', () => {
    expect(resolveUri(undefined, none, {})).toBe('');
  });
});
