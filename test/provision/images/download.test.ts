import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { createServer, get as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DownloadOptions, downloadFile } from '../../../source/provision/images/download.js';
import { answer, dropAfter, Site, silence } from './site.js';

const data = randomBytes(300_000);
const digest = createHash('sha256').update(data).digest('hex');

let site: Site;
let folder: string;
let target: string;

beforeEach(async () => {
  site = await Site.open({ 'disk.img': data });
  folder = await mkdtemp(join(tmpdir(), 'vd-get-'));
  target = join(folder, 'disk.img');
});

afterEach(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

const get = (options: Partial<DownloadOptions> = {}, url = site.url('disk.img')) =>
  downloadFile(url, target, {
    signal: new AbortController().signal,
    env: {},
    pause: () => 1,
    checksum: { algorithm: 'sha256', digest },
    ...options,
  });

test('a file, with its digest, its progress, and nothing beside it', async () => {
  const seen: (number | undefined)[][] = [];
  const result = await get({ progress: (bytes, total) => seen.push([bytes, total]) });
  expect(result).toEqual({ size: data.length, algorithm: 'sha256', digest });
  expect(await readFile(target)).toEqual(data);
  expect(await readdir(folder)).toEqual(['disk.img']);
  expect(seen[0]).toEqual([0, data.length]);
  expect(seen.at(-1)).toEqual([data.length, data.length]);
  expect((await stat(target)).mode & 0o077).toBe(0);
});

test('a transfer that breaks three times goes on from where it was', async () => {
  const lost: string[] = [];
  site.tricks.push(dropAfter(site, 100_000), dropAfter(site, 50_000), dropAfter(site, 70_000));
  await get({ onRetry: (reason) => lost.push(reason) });
  expect(await readFile(target)).toEqual(data);
  expect(lost).toHaveLength(3);
  const froms = site.requests.map((request) => Number(/bytes=(\d+)/.exec(request)?.[1] ?? 0));
  expect(froms).toEqual([...froms].sort((a, b) => a - b));
  expect(froms.at(-1)).toBeGreaterThan(100_000);
});

test('what was cancelled is gone on with by the next one', async () => {
  const abort = new AbortController();
  site.tricks.push(dropAfter(site, 100_000));
  await expect(get({ signal: abort.signal, onRetry: () => abort.abort() })).rejects.toThrow(/abort/i);
  const kept = (await stat(`${target}.part`)).size;
  expect(kept).toBeGreaterThan(0);
  await get();
  expect(site.requests.at(-1)).toBe(`GET /disk.img bytes=${kept}-`);
  expect(await readFile(target)).toEqual(data);
});

test('a site without ranges is asked for all of it again', async () => {
  site.tricks.push(dropAfter(site, 100_000));
  site.ranges = false;
  await get();
  expect(await readFile(target)).toEqual(data);
});

test('a file that has changed in between is not glued together', async () => {
  const other = randomBytes(250_000);
  site.tricks.push(dropAfter(site, 100_000), () => {
    site.files.set('/disk.img', other);
    return false;
  });
  await get({ checksum: undefined });
  expect(await readFile(target)).toEqual(other);
});

test('a part that has all of it already is taken', async () => {
  site.tricks.push(dropAfter(site, data.length));
  await get();
  expect(await readFile(target)).toEqual(data);
});

test('a wrong checksum removes what was downloaded, and tells both', async () => {
  const wanted = '0'.repeat(64);
  await expect(get({ checksum: { algorithm: 'sha256', digest: wanted } })).rejects.toThrow(
    new RegExp(`checksum is wrong: sha256 ${digest}, the site tells ${wanted}`),
  );
  expect(await readdir(folder)).toEqual([]);
});

test('a redirect, also to another site; one that leads in circles is an error', async () => {
  const other = await Site.open({ 'moved.img': data });
  site.tricks.push(answer(302, { location: other.url('moved.img') }));
  await get();
  expect(await readFile(target)).toEqual(data);
  await other.close();
  const round = answer(302, { location: site.url('disk.img') });
  site.tricks.push(...Array.from({ length: 40 }, () => round));
  await expect(get({ retries: 0 }, site.url('disk.img'))).rejects.toThrow(/redirect/);
});

test.each(['ftp://elsewhere/disk.img', 'file:///etc/shadow', 'http://['])(
  'a redirect to %s leads nowhere',
  async (location) => {
    site.tricks.push(answer(302, { location }));
    await expect(get({ retries: 0 })).rejects.toThrow('leads to an address that cannot be downloaded');
    expect(await readdir(folder)).not.toContain('disk.img');
  },
);

test('404 is told at once, with the address; 500 is tried again', async () => {
  await expect(get({}, site.url('none.img'))).rejects.toMatchObject({
    message: `${site.url('none.img')}: the site answers 404 Not Found`,
    hint: expect.stringContaining('renamed'),
  });
  expect(site.requests).toHaveLength(1);
  site.tricks.push(answer(500), answer(503));
  await get();
  expect(await readFile(target)).toEqual(data);
});

test('a full disk is told as one, with what is missing', async () => {
  await symlink('/dev/full', `${target}.part`);
  await expect(get()).rejects.toMatchObject({
    message: expect.stringMatching(/disk\S*\.part cannot be written: the disk is full, .+ are missing$/),
    hint: expect.stringContaining('XDG_CACHE_HOME'),
  });
});

test('a site that falls silent is tried again, and given up in the end', async () => {
  site.tricks.push(silence);
  await get({ silence: 300 });
  expect(await readFile(target)).toEqual(data);
  site.tricks.push(silence, silence, silence);
  await rm(target);
  await expect(get({ silence: 300, retries: 1, checksum: undefined })).rejects.toThrow(/cannot be reached/);
});

test('a site that is not there', async () => {
  await expect(get({ retries: 1 }, 'http://127.0.0.1:9/x.img')).rejects.toThrow(
    /^http:\/\/127\.0\.0\.1:9\/x\.img cannot be reached: /,
  );
});

test('by the proxy of the environment that is given, and around it where that says so', async () => {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    forward(request.url ?? '', (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as AddressInfo;
  await get({ env: { http_proxy: `http://me:secret@127.0.0.1:${port}` } });
  expect(asked).toEqual([`${site.url('disk.img')} Basic ${Buffer.from('me:secret').toString('base64')}`]);
  expect(await readFile(target)).toEqual(data);
  await get({ env: { HTTP_PROXY: `127.0.0.1:${port}` } });
  expect(asked).toHaveLength(2);
  for (const no_proxy of ['127.0.0.1', '*', 'a.example, 127.0.0.1'])
    await get({ env: { HTTP_PROXY: `127.0.0.1:${port}`, no_proxy } });
  expect(asked).toHaveLength(2);
  proxy.closeAllConnections();
  proxy.close();
});

test.each(['http://me:secret@[bad', 'ftp://me:secret@proxy.lan', 'http://me:secret%zz@proxy.lan'])(
  'a proxy that is none is told by its variable, without its password: %s',
  async (address) => {
    const failure = await get({ env: { HTTP_PROXY: address } }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'DownloadError', message: expect.stringContaining('http_proxy') });
    expect(String(failure)).not.toContain('secret');
  },
);

test('a piece from elsewhere in the file is not glued to the part', async () => {
  site.tricks.push(dropAfter(site, 100_000), (_, response) => {
    const rest = data.subarray(5000);
    response.writeHead(206, {
      'content-length': rest.length,
      'content-range': `bytes 5000-${data.length - 1}/${data.length}`,
    });
    response.end(rest);
    return true;
  });
  await get({ checksum: undefined });
  expect(await readFile(target)).toEqual(data);
});

test('a piece of nobody knows how much is not taken for the whole file', async () => {
  site.tricks.push((_, response) => {
    response.writeHead(206, { 'content-length': 10, 'content-range': 'bytes 0-9/*' });
    response.end(data.subarray(0, 10));
    return true;
  });
  await get({ checksum: undefined });
  expect(await readFile(target)).toEqual(data);
});

test('a folder that cannot be written is the system’s error, and not tried again', async () => {
  await expect(
    downloadFile(site.url('disk.img'), join(folder, 'none', 'x'), {
      signal: new AbortController().signal,
      env: {},
    }),
  ).rejects.toThrow(/ENOENT/);
});

test('a file without an end and without a length is given up, and nothing of it stays', async () => {
  site.tricks.push((_, response) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more);
    more();
    return true;
  });
  const getting = get({ checksum: undefined, mostWithoutLength: 3_000_000 });
  await expect(getting).rejects.toThrow(/does not tell its length, and 2.9 MiB have come/);
  expect(await readdir(folder)).toEqual([]);
});

test('what a site sends packed, although nobody has asked for that, is not unpacked', async () => {
  site.tricks.push((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000)));
    return true;
  });
  await expect(get({ checksum: undefined })).rejects.toThrow('the site sends it packed (gzip)');
  expect(await readdir(folder)).toEqual([]);
});
