import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createBed, watching } from './bed.js';

const bed = createBed();

test('Ctrl-C in the middle takes everything back and says so', async () => {
  const abort = new AbortController();
  const stderr = watching(/Make the disk/, () => abort.abort());
  const { code, stdout } = await bed.makeWith({ signal: abort.signal, stderr }, 'web-1');
  expect([code, stdout]).toEqual([130, '']);
  expect(stderr.text).toMatch(
    /undone: volume web-1\.qcow2 of the pool default\n[\s\S]*web-1 was cancelled\n/,
  );
  expect(await bed.names()).toEqual([]);
});

test('Ctrl-C while it is only waited for ends the waiting: the VM stays, and nothing is to be cleaned up', async () => {
  await bed.serve(1);
  const abort = new AbortController();
  const stderr = watching(/booting/, () => abort.abort());
  const { code, stdout } = await bed.makeWith({ signal: abort.signal, stderr }, 'web-1');
  expect([code, stdout]).toEqual([130, 'web-1 is made and runs; not waited for any longer\n']);
  expect(stderr.text).not.toContain('undone');
  expect(await bed.names()).toContain('web-1');
  expect((await bed.run('--cleanup')).stdout).toBe('Nothing is left of creations that were cut off.\n');
});

test('a second Ctrl-C, while it is taken back, ends at once; the next start tells of what is left', async () => {
  bed.lab.faults.add({
    fault: 'slow',
    milliseconds: 60_000,
    procedure: 'STORAGE_VOL_DELETE',
    domain: 'web-1.qcow2',
  });
  // Time enough for the first one to arrive in the middle.
  bed.lab.faults.add({ fault: 'slow', milliseconds: 2000, procedure: 'DOMAIN_DEFINE_XML_FLAGS', times: 1 });
  const words = ['create', 'web-1', ...bed.madeOf(), '-c', bed.uri];
  const program = spawn(process.execPath, ['--import', 'tsx', 'cli.tsx', ...words], {
    env: { ...bed.env, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  program.stderr.on('data', (data: Buffer) => {
    const before = said;
    said += data.toString();
    const now = (text: string) => !before.includes(text) && said.includes(text);
    if (now('Make the seed web-1-seed.iso')) program.kill('SIGINT');
    if (now('cancelled\n')) program.kill('SIGINT');
  });
  const [code] = await once(program, 'exit');
  expect({ code, said }).toMatchObject({
    code: 130,
    said: expect.stringContaining(
      '\nended at once; virtdeck create --cleanup takes back or finishes what is left\n',
    ),
  });
  bed.lab.faults.clear();
  const { stderr } = await bed.make('web-2', '--no-wait');
  expect(stderr).toContain('hint: not finished earlier: web-1. virtdeck create --cleanup');
  expect(await bed.run('--cleanup', '--remove')).toMatchObject({ code: 0 });
  expect((await bed.names()).filter((name) => name.startsWith('web-1'))).toEqual([]);
});

test('a host that goes while it is waited for is a failure, although the VM is there', async () => {
  await bed.serve(1);
  const stderr = watching(/booting/, () => void bed.close());
  const { code, stdout } = await bed.makeWith({ stderr }, 'web-1');
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr.text).toContain(`error: ${bed.uri}: web-1 is made and runs; the connection ended`);
});

test('the journal, while it runs, has no password and is its owner’s only', async () => {
  const file = join(bed.folder, 'password');
  await writeFile(file, 'correct horse battery');
  bed.lab.faults.add({ fault: 'slow', milliseconds: 1000, procedure: 'DOMAIN_CREATE_WITH_FLAGS', times: 1 });
  const creations = join(bed.folder, 'state', 'virtdeck', 'creations');
  const journals: Promise<string>[] = [];
  const stderr = watching(/Define the domain web-1: done/, () => {
    journals.push(readdir(creations).then(([name = '']) => readFile(join(creations, name), 'utf8')));
  });
  const { code, stdout } = await bed.makeWith({ stderr }, 'web-1', '--password-file', file, '--no-wait');
  expect(code).toBe(0);
  const [journal = ''] = await Promise.all(journals);
  expect(journal).toContain('web-1-seed.iso');
  expect(journal + stdout + stderr.text).not.toContain('correct horse');
  expect(stderr.text + stdout).not.toContain('$6$');
});

test('nothing of the seed stays on this machine where it ends at once', async () => {
  // The host neither takes the seed nor lets it be deleted.
  for (const procedure of ['STORAGE_VOL_UPLOAD', 'STORAGE_VOL_DELETE'] as const)
    bed.lab.faults.add({ fault: 'slow', milliseconds: 60_000, procedure, domain: 'web-1-seed.iso' });
  const temporary = join(bed.folder, 'temporary');
  await mkdir(temporary);
  const words = ['create', 'web-1', ...bed.madeOf(), '-c', bed.uri, '--json'];
  const program = spawn(process.execPath, ['--import', 'tsx', 'cli.tsx', ...words], {
    env: { ...bed.env, NODE_NO_WARNINGS: '1', TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(program, 'exit');
  const seeds = async () => (await readdir(temporary)).filter((name) => name.startsWith('virtdeck-seed-'));
  let said = '';
  for await (const data of program.stdout) {
    said += String(data);
    if (said.includes('"type":"progress","machine":"web-1","step":"seed"')) break;
  }
  expect(await seeds()).not.toEqual([]);
  const again = setInterval(() => program.kill('SIGINT'), 50);
  const [code] = await ended;
  clearInterval(again);
  expect([code, await seeds()]).toEqual([130, []]);
});
