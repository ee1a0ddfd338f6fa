import { execFileSync } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createBed, key } from './bed.js';

const bed = createBed();

function pipe(name: string): string {
  const path = join(bed.folder, name);
  execFileSync('mkfifo', [path]);
  return path;
}

async function said(...words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await bed.run('web-1', '--dry-run', ...words);
  return stdout + stderr;
}

test.each(['--ssh-key', '--password-file', '--user-data', '--vendor-data', '--image'])(
  '%s: a named pipe, a device or a folder is told as what it is, and at once',
  async (flag) => {
    const folder = join(bed.folder, 'folder');
    await mkdir(folder);
    const image = flag === '--image' ? [] : ['--image', bed.image];
    for (const [path, reason] of [
      [pipe('pipe'), /named pipe/],
      ['/dev/zero', /a device/],
      [folder, /a directory/],
    ] as const) {
      const text = await said(...image, flag, path);
      expect(text).toContain(path);
      expect(text).toMatch(reason);
    }
  },
);

test('user-data of very many brackets is a problem with its line, soon', async () => {
  const path = join(bed.folder, 'brackets.yaml');
  await writeFile(path, `#cloud-config\n${'['.repeat(3_000_000)}`);
  expect(await said('--image', bed.image, '--ssh-key', key, '--user-data', path)).toContain(
    'line 2: more than 400 lists and mappings are in one another',
  );
});

test("a person's keys are found although a named pipe lies among them", async () => {
  const folder = join(bed.folder, '.ssh');
  await mkdir(folder);
  pipe('.ssh/a.pub');
  await symlink('/dev/zero', join(folder, 'b.pub'));
  await writeFile(join(folder, 'c.pub'), key);
  const text = await said('--image', bed.image);
  expect(text).toContain('me@here');
  expect(text).not.toContain('nobody can log in');
});

test('a password that others can read is told, with what to do', async () => {
  const path = join(bed.folder, 'pass word');
  await writeFile(path, 'correct horse\n', { mode: 0o644 });
  const words = ['--image', bed.image, '--password-file', path] as const;
  expect(await said(...words)).toContain(
    `warning: others can read the password in ${path}: chmod 600 '${path}'\n`,
  );
  await chmod(path, 0o600);
  expect(await said(...words)).not.toContain('others can read');
});

test.each([
  ['a list of checksums', 'SHA256 (debian.qcow2) = 0123\n'],
  ['text beyond what is looked at, cut in the middle of a character', `a${'ä'.repeat(30_000)}`],
])('%s is text, and no disk to boot from', async (_, contents) => {
  const path = join(bed.folder, 'debian.img');
  await writeFile(path, contents);
  expect(await said('--image', path, '--ssh-key', key)).toContain('debian.img: it is text and no image');
});
