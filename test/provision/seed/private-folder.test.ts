import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inPrivateFolder } from '../../../source/provision/seed/private-folder.js';
import { ownMark } from '../../../source/state/process-mark.js';

let where: string;

beforeEach(async () => {
  where = await mkdtemp(join(tmpdir(), 'vd-private-'));
});

afterEach(() => rm(where, { recursive: true }));

async function leave(name: string, minutes: number): Promise<void> {
  const folder = join(where, name);
  await mkdir(folder);
  await writeFile(join(folder, 'user-data'), 'secret');
  const then = new Date(Date.now() - minutes * 60_000);
  await utimes(folder, then, then);
}

test('what a killed process has left of a seed goes with the next one; everything else stays', async () => {
  const { pid, started } = await ownMark();
  const nobody = `${2 ** 22 + 1}`;
  await leave(`virtdeck-seed-${nobody}-77-abcdef`, 20);
  await leave(`virtdeck-seed-${pid}-1-abcdef`, 20);
  const staying = [
    `virtdeck-seed-${pid}-${started}-abcdef`,
    `virtdeck-seed-${nobody}-78-abcdef-more`,
    'virtdeck-seedlings',
  ];
  for (const name of staying) await leave(name, 20);
  await leave(`virtdeck-seed-${nobody}-79-abcdef`, 0);
  const during = await inPrivateFolder({ TMPDIR: where }, () => readdir(where));
  expect(during).toHaveLength(5);
  expect((await readdir(where)).sort()).toEqual([...staying, `virtdeck-seed-${nobody}-79-abcdef`].sort());
});

test('it is gone also where the program ends in the middle, and none of it can be read meanwhile', () => {
  const file = new URL('../../../source/provision/seed/private-folder.ts', import.meta.url).href;
  const script = `import { mkdirSync, statSync, writeFileSync } from 'node:fs';
    const { inPrivateFolder } = await import(${JSON.stringify(file)});
    await inPrivateFolder({ TMPDIR: process.argv[1] }, async (folder) => {
      mkdirSync(folder + '/tree');
      writeFileSync(folder + '/tree/user-data', 'secret');
      console.log((statSync(folder).mode & 0o777).toString(8));
      process.exit(3);
    });`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', script, where];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect([status, stdout, stderr]).toEqual([3, '700\n', '']);
  expect(readdirSync(where)).toEqual([]);
});
