import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { knownSshNames, namesInKnownHosts } from '../../../source/transport/ssh/known-names.js';
import { temporaryDirectories } from '../../settings/temporary.js';

const temporary = temporaryDirectories();

/** What ssh knows with these files in ~/.ssh. The system's own files are not looked at: theirs come last. */
async function knownWith(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const home = await temporary();
  for (const [name, text] of Object.entries(files)) {
    const path = join(home, '.ssh', name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text.replaceAll('~HOME', home));
  }
  const [none, names] = [
    await knownSshNames({ HOME: await temporary() }),
    await knownSshNames({ HOME: home }),
  ];
  return names.filter((name) => !none.includes(name));
}

test('names of Host lines, and no patterns', async () => {
  const config = `
# Host commented
Host lab2 nas *.example !lab3 lab?
  HostName 10.0.0.2
host=quiet # behind
  HOST "with space" 'quoted' -oProxyCommand=x
Match host matched
`;
  expect(await knownWith({ config })).toEqual(['lab2', 'nas', 'quiet', 'quoted']);
});

test('files that are included, by patterns, and in a circle', async () => {
  const files = {
    config: 'Include conf.d/*.conf ~/.ssh/other ~HOME/.ssh/absolute missing\nHost last\n',
    'conf.d/2.conf': 'Host two\n',
    'conf.d/1.conf': 'Host one\n  Include config\n',
    'conf.d/.hidden.conf': 'Host hidden\n',
    'conf.d/readme': 'Host readme\n',
    other: 'Host other\n',
    absolute: 'Host absolute\n',
  };
  const names = await knownWith(files);
  expect([...names].sort()).toEqual(['absolute', 'last', 'one', 'other', 'two']);
});

test('names of known_hosts that are not hashed, with another port than the usual one', async () => {
  const known = `
# comment
lab2,10.0.0.2 ssh-ed25519 AAAA
[nas]:2222,[10.0.0.3]:2222 ssh-ed25519 AAAA
|1|salt=|hash= ssh-ed25519 AAAA
@cert-authority *.example ssh-ed25519 AAAA
@revoked gone ssh-ed25519 AAAA
*.example,plain ssh-ed25519 AAAA
192.168.1.9 ssh-rsa AAAA
lab2 ssh-rsa AAAA
`;
  expect(namesInKnownHosts(known)).toEqual(['lab2', 'nas:2222', 'plain', '192.168.1.9', 'lab2']);
  expect(await knownWith({ known_hosts: known, config: 'Host nas:2222\n' })).toEqual([
    'nas:2222',
    'lab2',
    'plain',
    '192.168.1.9',
  ]);
});

test('nothing where there is no home, and no files', async () => {
  expect(await knownSshNames({})).toEqual([]);
  expect(await knownWith({})).toEqual([]);
});
