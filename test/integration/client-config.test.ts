import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseClientConfig, resolveUri } from '../../source/libvirt/client-config.js';
import { requires } from '../support/requirements.js';
import { SessionHome } from './session-home.js';

const aliases = `uri_aliases = [
  "one=test:///default?one",
  'two=test:///default?two=x=y',
  "v6=test://[::1]/default",

  "def=test:///default?def",
]
`;

type Case = readonly [string, string, string | undefined, Readonly<Record<string, string>>];

/** Each a libvirt.conf, the URI given, and the environment. The test driver in virsh needs no daemon. */
const cases: readonly Case[] = [
  ['an alias', aliases, 'one', {}],
  ['an alias in single quotes, with = inside', aliases, 'two', {}],
  ['a URI that is no alias', aliases, 'test:///default?own', {}],
  ['an empty URI', aliases, '', { LIBVIRT_DEFAULT_URI: 'test:///default?env' }],
  ['the default of the file', 'uri_default = "test:///default?file" # comment\n', undefined, {}],
  ['a default with a # inside', '# uri_default = "x"\nuri_default="test:///default?c=#1"', undefined, {}],
  ['a default that is an alias', `${aliases}uri_default = "def"\n`, undefined, {}],
  [
    'the environment before the file',
    'uri_default = "test:///default?file"\n',
    undefined,
    { LIBVIRT_DEFAULT_URI: 'test:///default?env' },
  ],
  ['an empty variable', 'uri_default = "test:///default?file"\n', undefined, { LIBVIRT_DEFAULT_URI: '' }],
  ['an alias in the environment', aliases, undefined, { LIBVIRT_DEFAULT_URI: 'one' }],
  [
    'virsh’s own variable',
    aliases,
    undefined,
    { VIRSH_DEFAULT_CONNECT_URI: 'one', LIBVIRT_DEFAULT_URI: 'def' },
  ],
  ['two assignments', 'uri_default="test:///default?1"\nuri_default="test:///default?2"\n', undefined, {}],
  [
    'two settings in a line',
    'uri_default="test:///default?1";uri_aliases=["b=test:///default?b"]\n',
    'b',
    {},
  ],
  [
    'a comma on a line of its own',
    'uri_aliases=[\n"b=test:///default?b"\n,\n"c=test:///default?c"]\n',
    'c',
    {},
  ],
];

requires('libvirtd')('libvirt.conf', () => {
  let home: SessionHome;

  beforeAll(async () => {
    home = await SessionHome.make();
  });

  afterAll(() => home.remove());

  it.each(cases)('leads to the URI that virsh opens: %s', async (_, text, given, variables) => {
    await home.write('config/libvirt/libvirt.conf', text, 0o644);
    const env = { LIBVIRT_DEFAULT_URI: undefined, VIRSH_DEFAULT_CONNECT_URI: undefined, ...variables };
    const args = given === undefined ? ['uri'] : ['-c', given, 'uri'];
    const { stdout, stderr } = await home.run('virsh', args, env);
    expect(stderr).toBe('');
    const file = await readFile(join(home.folder, 'config/libvirt/libvirt.conf'), 'utf8');
    expect(resolveUri(given, parseClientConfig(file), env)).toBe(stdout.trim());
  });
});
