import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { credentialsIn, storedCredentials } from '../../source/libvirt/auth-config.js';

const text = `
# of the lab
[credentials-lab]
authname = admin
password = a=b # c

[credentials-esx]
username=root

[auth-libvirt-lab2]
credentials=lab
[auth-libvirt-default]
credentials=esx
[auth-esx-v1]
credentials=none
`;

test('the credentials of a host come before those of the service', () => {
  expect(credentialsIn(text, 'libvirt', 'lab2')).toEqual({ user: 'admin', password: 'a=b # c' });
  expect(credentialsIn(text, 'libvirt', 'lab3')).toEqual({ user: 'root', password: undefined });
  expect(credentialsIn(text, 'esx', 'v1')).toBeUndefined();
  expect(credentialsIn(text, 'esx', 'v2')).toBeUndefined();
});

test('the file of the environment comes before that of the URI, the one before the user’s own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vd-auth-'));
  const write = async (name: string, user: string) => {
    const path = join(folder, name);
    await writeFile(path, `[credentials-x]\nauthname=${user}\n[auth-libvirt-default]\ncredentials=x\n`);
    return path;
  };
  const file = await write('uri', 'uri');
  const env = { HOME: folder, LIBVIRT_AUTH_FILE: await write('env', 'env') };
  expect((await storedCredentials('libvirt', 'h', { env, file }))?.user).toBe('env');
  expect((await storedCredentials('libvirt', 'h', { env: { HOME: folder }, file }))?.user).toBe('uri');
  expect((await storedCredentials('libvirt', 'h', { env: { HOME: join(folder, 'no') } }))?.user).not.toBe(
    'env',
  );
  await rm(folder, { recursive: true });
});
