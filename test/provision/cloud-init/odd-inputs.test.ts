import { expect, test } from 'vitest';
import { type CloudInit, problemsOf } from '../../../source/provision/cloud-init/request.js';
import { maskedSeedFiles, seedFiles } from '../../../source/provision/cloud-init/seed-files.js';
import { Random } from '../../wire/random.js';
import { ed25519, example, partsOf, read } from './examples.js';

const words = [
  ...[
    '',
    ' ',
    '-',
    '--',
    '---',
    '...',
    '~',
    'null',
    'true',
    'no',
    'off',
    'y',
    '0',
    '0x1f',
    '1e3',
    '1:30',
    '.inf',
  ],
  ...[
    '2001-01-01',
    '=',
    '<<',
    '*a',
    '&a',
    '!tag',
    '!!python/object',
    '%YAML 1.1',
    '@a',
    '`a`',
    '|',
    '>',
    '>-',
    '?',
  ],
  ...[
    '"',
    "'",
    '""',
    "it's",
    'a"b',
    'a\\b',
    'a\\"b',
    '\\',
    '\\n',
    '\\u0041',
    '{',
    '}',
    '[',
    ']',
    '{}',
    '[]',
    ', ',
  ],
  ...[
    '# a',
    'a # b',
    'a: b',
    'a:',
    ': a',
    '- a',
    'a\nb',
    'a\r\nb',
    'a\n---\nb',
    'a\tb',
    '\ta',
    'a\0b',
    'a\x1bb',
  ],
  ...[
    '\x7f',
    'a\x85b',
    'a\u2028b',
    'a\u2029b',
    '\ufeffa',
    'a\ufffe',
    '\ud800',
    '\udc00a',
    'é',
    'ß',
    '日本',
    '😀',
  ],
  ...[
    '👩‍💻',
    'e\u0301',
    '\u202eabc',
    '\u200b',
    '<&">',
    '$(reboot)',
    '`reboot`',
    ';reboot',
    '|reboot',
    '&& a',
    '$HOME',
  ],
  ...[
    '../../etc',
    '/etc/passwd',
    '--help',
    '-oProxyCommand=x',
    '%s%n',
    '{{ v1 }}',
    '{% raw %}',
    '#cloud-config',
  ],
  ...[
    'MIME-Version: 1.0',
    'Content-Type: text/x-shellscript',
    '--virtdeck-',
    'x'.repeat(64),
    'x'.repeat(300),
  ],
  ...[
    'x'.repeat(20_000),
    'web-1',
    'Web-1',
    'web_1',
    'web.1',
    'web-1.example.org',
    'a.b.c1',
    'a..b',
    '1',
    '-web',
    'web-',
    'root',
    'admin',
    'daemon',
    'a-b',
  ],
  ...[
    'isabell',
    'vim',
    'g++',
    'vim=2:9.0-1',
    'libc6:i386',
    '@group',
    'vim-',
    'UTC',
    'utc',
    'Europe/Berlin',
    'Berlin',
  ],
  ...['Asia/Kolkata', 'Etc/GMT+1', '+01:00', 'de_DE.UTF-8', 'C', 'en', 'german', ed25519, `${ed25519} <&">`],
  ...[`restrict,from="10.0.0.0/8 , x" ${ed25519}`, `${ed25519}\n${ed25519}`, 'ssh-ed25519 AAAA', 'ssh-rsa'],
];

/** How each field is filled, and where its value is found in the files. */
const fields: Readonly<
  Record<
    string,
    {
      readonly fill: (text: string) => Partial<CloudInit>;
      readonly found: (config: Record<string, unknown>) => unknown;
      readonly expected?: (text: string) => unknown;
    }
  >
> = {
  hostname: { fill: (hostname) => ({ hostname }), found: ({ hostname }) => hostname },
  fqdn: {
    fill: (fqdn) => ({ fqdn, hostname: fqdn.split('.')[0] ?? '' }),
    found: ({ fqdn }) => fqdn,
  },
  'user.name': {
    fill: (name) => ({ user: { name, sudo: true, keys: [] } }),
    found: ({ user, users }) => ((user ?? (users as unknown[])[0]) as { name: string }).name,
  },
  'user.keys.0': {
    fill: (key) => ({ user: { name: 'isabell', sudo: false, keys: [key] } }),
    found: ({ users }) => (users as { ssh_authorized_keys: unknown }[])[0]?.ssh_authorized_keys,
    expected: (key) => [key.trim()],
  },
  'user.shell': {
    fill: (shell) => ({ user: { name: 'isabell', sudo: true, keys: [], shell } }),
    found: ({ user }) => (user as { shell: unknown }).shell,
  },
  'user.passwordHash': {
    fill: (passwordHash) => ({ user: { name: 'isabell', sudo: true, keys: [], passwordHash } }),
    found: ({ user }) => (user as { hashed_passwd: unknown }).hashed_passwd,
  },
  timezone: { fill: (timezone) => ({ timezone }), found: ({ timezone }) => timezone },
  locale: { fill: (locale) => ({ locale }), found: ({ locale }) => locale },
  'packages.0': {
    fill: (name) => ({ packages: [name] }),
    found: ({ packages }) => packages,
    expected: (name) => ['qemu-guest-agent', name],
  },
  'commands.0': {
    fill: (command) => ({ commands: [command] }),
    found: ({ runcmd }) => (runcmd as unknown[])[1],
  },
};

test.each(Object.keys(fields))('%s: a clear problem, or files that say just what was typed', (field) => {
  const { fill, found, expected = (text: string) => text } = fields[field] ?? fields.hostname!;
  const taken = [...words, ...mixtures(field.length, 150)].filter((text) => {
    const cloudInit = { ...example, ...fill(text) };
    const problems = problemsOf(cloudInit);
    if (problems.length > 0) {
      // The host name of a full name is wrong along with it.
      expect(problems.every((problem) => problem.field === field || problem.field === 'hostname')).toBe(true);
      expect(problems.every(({ message }) => message.length > 10 && /^[ -~…]*$/.test(message))).toBe(true);
      return false;
    }
    const { files } = seedFiles(cloudInit);
    const userData = files.get('user-data') ?? '';
    expect(userData.startsWith('#cloud-config\n')).toBe(true);
    expect(userData.slice(0, 4096).toLowerCase()).not.toContain('mime-version:');
    expect(found(read(userData))).toEqual(expected(text));
    expect(read(files.get('meta-data'))['instance-id']).toBe(example.instanceId);
    return true;
  });
  // Nothing but a hash is one.
  expect(taken.length > 0).toBe(field !== 'user.passwordHash');
});

test('own user-data: a clear problem, or it is in the files byte by byte', () => {
  const headers = [
    '#cloud-config\n',
    '#cloud-config\na: ',
    '#cloud-config\n- ',
    '#!/bin/sh\n',
    '#include\n',
    '',
  ];
  let taken = 0;
  for (const text of headers.flatMap((header) =>
    [...words, ...mixtures(7, 60)].map((word) => header + word),
  )) {
    const extra = { text, mode: 'merge' } as const;
    const problems = problemsOf({ ...example, extra });
    expect(problems.every(({ field }) => field === 'extra.text')).toBe(true);
    // Whatever is wrong with it, printing it must not fail.
    expect(() => maskedSeedFiles({ ...example, extra })).not.toThrow();
    if (problems.length > 0) continue;
    taken += 1;
    const parts = partsOf(seedFiles({ ...example, extra }).files.get('user-data') ?? '');
    expect(parts.map(({ text }) => text)).toContain(text);
    expect(read(parts.at(-1)?.text)).toMatchObject({ hostname: 'web-1' });
    const alone = seedFiles({ ...example, extra: { text, mode: 'alone' } });
    expect(alone.files.get('user-data')).toBe(text);
  }
  expect(taken).toBeGreaterThan(100);
});

/** Words run together: the same ones each time. */
function mixtures(seed: number, count: number): string[] {
  const random = new Random(seed);
  const short = words.filter((word) => word.length < 100);
  return Array.from({ length: count }, () =>
    Array.from({ length: random.int(1, 4) }, () => random.pick(short)).join(
      random.pick(['', ' ', '\n', '-']),
    ),
  );
}
