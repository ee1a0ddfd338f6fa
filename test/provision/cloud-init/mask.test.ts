import { expect, test } from 'vitest';
import { maskedDocument } from '../../../source/provision/cloud-init/mask.js';
import { type CloudInit, problemsOf } from '../../../source/provision/cloud-init/request.js';
import { maskedSeedFiles, seedFiles } from '../../../source/provision/cloud-init/seed-files.js';
import { example, hash, privateKey, read } from './examples.js';

/** Stands in all examples for what must not be seen. */
const secret = 'Geh3im-Wort';

const yaml = `#cloud-config
# the password is: ${secret}
hostname: web-1
password: ${secret}
ssh_pwauth: true
chpasswd:
  expire: false
  list: |
    root:${secret}
    isabell:${secret} 2
users:
  - default
  - name: bob
    lock_passwd: false
    sudo: ALL=(ALL) NOPASSWD:ALL
    plain_text_passwd: '${secret}'
    hashed_passwd: ${hash}
    passwd: "${secret}\\
      ${secret}"
x-shared: &shared ${secret}
api_token: *shared
ssh_keys:
  ed25519_private: |
    -----BEGIN OPENSSH PRIVATE KEY-----
    ${secret}
    -----END OPENSSH PRIVATE KEY-----
  ed25519_public: ssh-ed25519 AAAA
write_files:
  - path: /etc/app.env
    content: |
      DB_PASSWORD=${secret}
      PORT=80
  - path: /root/.netrc
    permissions: '0600'
    content: machine example.org login isabell ${secret}
  - path: /etc/coded
    encoding: b64
    content: ${Buffer.from(`token: ${secret}`).toString('base64')}
  - path: /etc/plain
    content: aGVsbG8=
runcmd:
  - echo "root:${secret}" | chpasswd
  - [sh, -c, 'mysql --password=${secret} --host db']
  - curl -H "Authorization: Bearer ${secret}" https://isabell:${secret}@example.org/
  - apt-get install -y vim
`;

test('what looks like a secret in YAML is masked, and the rest stays as it is', () => {
  const masked = maskedDocument(yaml);
  expect(masked).not.toContain(secret);
  expect(masked).not.toContain(hash);
  expect(masked).not.toContain(Buffer.from(`token: ${secret}`).toString('base64'));
  for (const line of [
    ...['hostname: web-1', 'ssh_pwauth: true', '  expire: false', '    lock_passwd: false', '      PORT=80'],
    ...['    sudo: ALL=(ALL) NOPASSWD:ALL', '  ed25519_public: ssh-ed25519 AAAA', '    content: aGVsbG8='],
    ...['  - apt-get install -y vim', 'password: "********"'],
  ])
    expect(masked.split('\n')).toContain(line);
  // It can still be read.
  expect(read(masked)).toMatchObject({ hostname: 'web-1', password: '********', api_token: '********' });
});

test('in JSON too', () => {
  const value = {
    a: { password: secret, passwords: [secret, { x: secret }], n: 1 },
    expire: false,
    token: 12345,
  };
  const masked = maskedDocument(`#cloud-config\n${JSON.stringify(value, undefined, 2)}\n`);
  expect(read(masked)).toEqual({
    a: { password: '********', passwords: ['********', { x: '********' }], n: 1 },
    expire: false,
    token: '********',
  });
  expect(maskedDocument(`#cloud-config\n${JSON.stringify(value)}`)).not.toContain(secret);
});

test.each([
  [
    'a script',
    `#!/bin/sh\nexport API_TOKEN='${secret}'\nPASSWORD="a ${secret}" run\nprintf x | run --token ${secret}\n`,
  ],
  ['a script that sets passwords', `#!/bin/sh\nchpasswd <<EOF\nroot:${secret}\nEOF\n`],
  ['YAML with an error', `#cloud-config\na: [\npassword: ${secret}\n`],
  ['a template', `## template: jinja\n#cloud-config\npassword: ${secret}\nhostname: {{ v1.x }}\n`],
  ['an include', `#include\nhttps://isabell:${secret}@example.org/user-data?token=${secret}\n`],
  ['nothing that is known', `PASSWORD: ${secret}`],
  ['a cut private key', `#!/bin/sh\ncat <<E\n-----BEGIN RSA PRIVATE KEY-----\n${secret}\n`],
])('in %s', (_, text) => {
  const masked = maskedDocument(text);
  expect(masked).not.toContain(secret);
  expect(masked).toContain('********');
  expect(masked.split('\n')[0]?.slice(0, 8)).toBe(text.split('\n')[0]?.slice(0, 8));
});

test('in the parts of MIME, however they are encoded, and in archives in them', () => {
  const config = `#cloud-config\nhostname: web-1\npassword: ${secret}\n`;
  const printable = config
    .replaceAll('=', '=3D')
    .replace(secret, `${secret.slice(0, 4)}=\n${secret.slice(4)}`);
  const archive = [
    'Content-Type: multipart/mixed; boundary="A"',
    'MIME-Version: 1.0',
    '',
    'preamble',
    '--A',
    'Content-Type: text/cloud-config',
    '',
    config,
    '--A',
    'Content-Type: text/cloud-config',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from(config).toString('base64'),
    '--A',
    'Content-Type: text/cloud-config',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    printable,
    '--A',
    'Content-Type: multipart/mixed; boundary=B',
    '',
    '--B',
    'Content-Type: application/gzip',
    'Content-Transfer-Encoding: base64',
    '',
    'H4sIAAAAAAAAA/8=',
    '--B--',
    '--A--',
    '',
  ].join('\n');
  const masked = maskedDocument(archive);
  expect(masked).not.toContain(secret);
  expect(masked).not.toContain(secret.slice(4));
  expect(masked.match(/password: "\*{8}"/g)).toHaveLength(3);
  expect(masked.match(/hostname: web-1/g)).toHaveLength(3);
  expect(masked).not.toContain('H4sI');
  expect(masked).toContain('preamble');
  expect(masked.trimEnd().endsWith('--A--')).toBe(true);
});

test.each(['nocloud', 'configdrive'] as const)(
  'the files of %s are printed without secrets',
  (datasource) => {
    const cloudInit: CloudInit = {
      ...example,
      datasource,
      user: { name: 'isabell', sudo: true, keys: [], passwordHash: hash },
      commands: [`echo 'isabell:${secret}' | chpasswd`, `export TOKEN=${secret}`, 'echo "MIME-Version: é"'],
      extra: { mode: 'merge', text: `#cloud-config\npassword: ${secret}\n# é\n` },
      vendorData: `#cloud-config\nssh_keys:\n  rsa_private: |\n${privateKey.replace(/^/gm, '    ')}\n`,
      network: {
        text:
          datasource === 'nocloud'
            ? `version: 2\nwifis: {w: {access-points: {home: {password: "${secret}"}}}}\n`
            : '{"links": [], "networks": []}',
      },
    };
    expect(problemsOf(cloudInit)).toEqual([]);
    const clear = [...seedFiles(cloudInit).files.keys()];
    const { label, files } = maskedSeedFiles(cloudInit);
    expect(label).toBe(seedFiles(cloudInit).label);
    expect([...files.keys()]).toEqual(clear);
    const all = [...files.values()].join('\n');
    expect(all).toContain('********');
    for (const hidden of [secret, hash, privateKey.split('\n')[1] ?? ''])
      for (const form of [hidden, Buffer.from(hidden).toString('base64').slice(0, 10)])
        expect(all).not.toContain(form);
    // Shown decoded, although a letter of it is not ASCII.
    expect(all).toContain('"hostname": "web-1"');
  },
);

test('aliases of aliases are masked without being unfolded', () => {
  const levels = Array.from(
    { length: 12 },
    (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level}, `.repeat(10)}]`,
  );
  const text = `#cloud-config\na0: &a0 topsecret\n${levels.join('\n')}\npassword: *a12\n`;
  expect(maskedDocument(text)).not.toContain('topsecret');
});

test.each([
  'curl -u admin:hunter2x https://site/',
  'curl -uadmin:hunter2x https://site/',
  'curl --user admin:hunter2x -O https://site/',
  'curl --user=admin:hunter2x https://site/',
  'curl -u "admin:hunter2x" https://site/',
  "curl -H 'Authorization: token hunter2x' https://site/",
  'curl -H "Authorization: Bearer hunter2x" https://site/',
  'curl -H "X-Api-Key: hunter2x" https://site/',
  'mysql -u root -phunter2x -e "show tables"',
  'mysqldump -phunter2x db',
  'mysql --password=hunter2x db',
  'sshpass -p hunter2x ssh root@host',
  'sshpass -phunter2x ssh root@host',
  "sshpass -p 'hunter2x' scp a b",
  'tool --password hunter2x',
  'tool --db-password hunter2x',
  'tool --api-key=hunter2x',
  'docker login -u me -p hunter2x registry',
  'git clone https://me:hunter2x@host/x.git',
  'git clone https://hunter2xhunter2x@host/x.git',
  'FOO_TOKEN=hunter2x ./run',
  'export DB_PASSWORD="hunter2x"',
  'openssl enc -pass pass:hunter2x',
  'usermod -p hunter2x root',
  'redis-cli -a hunter2x ping',
  'echo root:hunter2x | chpasswd',
])('a command shows no secret: %s', (command) => {
  expect(maskedDocument(`#!/bin/sh\n${command}\n`)).not.toContain('hunter2x');
  const { files } = maskedSeedFiles({ ...example, commands: [command] });
  expect([...files.values()].join()).not.toContain('hunter2x');
});

test.each([
  'useradd -m -u 1001 bob',
  'mkdir -p /srv/www',
  'ssh -p 2222 root@host',
  'docker run -p 80:80 nginx',
  'docker run -u 1000:1000 nginx',
  'curl -u admin https://site/a?b=c',
  'psql -U postgres -c "select 1"',
])('a command without one stays as it is: %s', (command) => {
  expect(maskedDocument(`#!/bin/sh\n${command}\n`)).toContain(command);
});
