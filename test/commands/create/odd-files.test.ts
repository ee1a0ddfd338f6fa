import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
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
      [pipe('pipe'), /named pipe|no file/],
      ['/dev/zero', /a device|no file/],
      [folder, /a directory|no file/],
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
