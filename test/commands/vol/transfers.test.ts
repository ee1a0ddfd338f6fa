import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { vol } from '../../../source/commands/vol/vol.js';
import { openHypervisor } from '../../../source/libvirt/open.js';
import { qemuDomainXml } from '../../support/domains.js';
import { servedLabs } from '../served-lab.js';

const serve = servedLabs();
const mib = 1024 * 1024;
const upload = 'STORAGE_VOL_UPLOAD';
const download = 'STORAGE_VOL_DOWNLOAD';

/** A lab, and a file here with a hole. */
async function bed() {
  const one = await serve();
  const contents = Buffer.concat([randomBytes(3 * mib + 7), Buffer.alloc(5 * mib), randomBytes(2 * mib)]);
  const file = join(one.folder, 'disk.img');
  await writeFile(file, contents);
  const sha256 = createHash('sha256').update(contents).digest('hex');
  const target = join(one.folder, 'back.img');
  return { ...one, contents, file, sha256, target };
}

/** A terminal that keeps what is written to it. */
function terminal() {
  const written: string[] = [];
  return { written, stderr: { isTTY: true, write: (text: string) => written.push(text) } };
}

const lines = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('there and back, byte for byte, with the checksum of both; quiet where nobody looks', async () => {
  const { run, file, target, contents, sha256 } = await bed();
  expect(await run(vol, 'upload', 'default', 'new', file)).toEqual({
    code: 0,
    stdout: `Volume 'new' uploaded: 10 MiB, SHA-256 ${sha256}\n`,
    stderr: '',
  });
  expect(await run(vol, 'download', 'default', 'new', target, '--verify')).toEqual({
    code: 0,
    stdout: `Volume 'new' downloaded: 10 MiB, SHA-256 ${sha256}\n`,
    stderr: '',
  });
  expect((await readFile(target)).equals(contents)).toBe(true);
});

test('--json streams lines, a terminal sees one line that is wiped at the end', async () => {
  const { run, runWith, file, target, sha256 } = await bed();
  const sent = lines((await run(vol, 'upload', 'default', 'new', file, '--json')).stdout);
  expect(sent[0]).toEqual({ event: 'progress', bytes: 0, total: 10 * mib + 7 });
  // It is read back after that.
  expect(sent[1]).toEqual({ event: 'progress', bytes: 0, total: 10 * mib + 7, checking: true });
  expect(sent.at(-1)).toEqual({ event: 'done', pool: 'default', volume: 'new', size: 10 * mib + 7, sha256 });
  const { written, stderr } = terminal();
  await runWith({ stderr }, vol, 'download', 'default', 'new', target);
  expect(written[0]).toBe('\r\u001B[K0 B of 10 MiB, 0 %');
  expect(written.at(-1)).toBe('\r\u001B[K');
});

test('a file that is there is overwritten only when told so', async () => {
  const { run, target } = await bed();
  await writeFile(target, 'mine');
  const refused = await run(vol, 'download', 'default', 'template.img', target);
  expect(refused).toEqual({
    code: 1,
    stdout: '',
    stderr: `error: "${target}" exists\nhint: --force overwrites it\n`,
  });
  expect(await readFile(target, 'utf8')).toBe('mine');
  expect((await run(vol, 'download', 'default', 'template.img', target, '--force')).code).toBe(0);
  expect((await readFile(target)).length).toBe(64 * mib);
});

describe('an upload that ends in the middle', () => {
  async function cut() {
    const one = await bed();
    one.lab.faults.set([{ fault: 'drop', procedure: upload, every: 9 }]);
    const result = await one.run(vol, 'upload', 'default', 'new', one.file);
    one.lab.faults.clear();
    return { ...one, result };
  }

  test('is named, marked in the list and gone on with', async () => {
    const { run, file, target, contents, sha256, result } = await cut();
    expect([result.code, result.stderr]).toEqual([
      1,
      expect.stringMatching(
        /the volume new of the pool default is incomplete\nhint: .*--resume goes on.*: virtdeck vol delete default new -c \S+\n/,
      ),
    ]);
    const listed = JSON.parse((await run(vol, 'list', 'default', '--json')).stdout);
    expect(listed.find(({ name }: { name: string }) => name === 'new')).toMatchObject({
      incomplete: true,
      upload: { path: file, size: contents.length, confirmed: 0 },
    });
    expect((await run(vol, 'list', 'default')).stdout).toMatch(/\n new +raw +\S+ \S+ +\S+ \S+ +incomplete +/);
    const anew = await run(vol, 'upload', 'default', 'new', file);
    expect(anew.stderr).toMatch(/is there from an upload that did not end\nhint: --resume/);
    const resumed = await run(vol, 'upload', 'default', 'new', file, '--resume');
    expect(resumed).toEqual({
      code: 0,
      stdout: `Volume 'new' uploaded: 10 MiB, SHA-256 ${sha256}\n`,
      stderr: '',
    });
    await run(vol, 'download', 'default', 'new', target);
    expect((await readFile(target)).equals(contents)).toBe(true);
    expect((await run(vol, 'list', 'default')).stdout).not.toContain('incomplete');
  });

  test('is not gone on with from another file', async () => {
    const { run, file } = await cut();
    await writeFile(file, 'something else');
    const { code, stderr } = await run(vol, 'upload', 'default', 'new', file, '--resume');
    expect([code, stderr]).toEqual([1, expect.stringContaining('the file is not what it was')]);
  });

  test('is not gone on with where a domain has a disk of that name by now', async () => {
    const { run, uri, file } = await cut();
    const other = await openHypervisor(uri);
    const volume = await other.volumes.lookup(await other.pools.lookup('default'), 'new');
    const source = `<source file='${await other.volumes.path(volume)}'/>`;
    const disk = `<disk type='file' device='disk'>${source}<target dev='vda' bus='virtio'/></disk>`;
    await other.defineDomain(qemuDomainXml('owner', { devices: disk }));
    await other.close();
    expect(await run(vol, 'upload', 'default', 'new', file, '--resume')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('new is used by domain owner by now: going on would overwrite it'),
    });
  });

  test('is forgotten with its volume', async () => {
    const { run, file, folder } = await cut();
    expect((await run(vol, 'delete', 'default', 'new')).code).toBe(0);
    const { code, stderr } = await run(vol, 'upload', 'default', 'new', file, '--resume');
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('there is no upload of new into default to go'),
    ]);
    expect(await readdir(join(folder, 'state/virtdeck/uploads'))).toEqual([]);
  });

  test('that somebody else removed is forgotten too', async () => {
    const { run, uri, file, folder } = await cut();
    const other = await openHypervisor(uri);
    const pool = await other.pools.lookup('default');
    await other.volumes.delete(await other.volumes.lookup(pool, 'new'));
    await other.close();
    expect((await run(vol, 'upload', 'default', 'new', file, '--resume')).code).toBe(1);
    expect(await readdir(join(folder, 'state/virtdeck/uploads'))).toEqual([]);
  });
});

test('a cancelled upload leaves nothing', async () => {
  const { run, runWith, file, folder } = await bed();
  const abort = new AbortController();
  const stdout = { write: () => abort.abort() };
  const { code, stderr } = await runWith(
    { signal: abort.signal, stdout },
    vol,
    'upload',
    'default',
    'new',
    file,
    '--json',
  );
  expect([code, stderr]).toEqual([
    1,
    `error: Failed to upload '${file}': cancelled; no volume is left behind\n`,
  ]);
  expect((await run(vol, 'list', 'default')).stdout).not.toMatch(/\n new /);
  expect(await readdir(join(folder, 'state/virtdeck/uploads'))).toEqual([]);
});

test('a download that ends in the middle keeps its part, and goes on', async () => {
  const { run, lab, target } = await bed();
  lab.faults.set([{ fault: 'drop', procedure: download, every: 9 }]);
  const cut = await run(vol, 'download', 'default', 'template.img', target);
  expect([cut.code, cut.stderr]).toEqual([
    1,
    expect.stringMatching(/back\.img\.part holds .*: --resume goes on/),
  ]);
  lab.faults.clear();
  const anew = await run(vol, 'download', 'default', 'template.img', target);
  expect(anew.stderr).toContain('.part" exists\nhint: --resume goes on with it, --force overwrites it');
  expect((await run(vol, 'download', 'default', 'template.img', target, '--resume')).code).toBe(0);
  const whole = (await readFile(target)).toString('hex');
  await run(vol, 'download', 'default', 'template.img', target, '--force');
  expect((await readFile(target)).toString('hex') === whole).toBe(true);
});
