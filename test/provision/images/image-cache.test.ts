import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { catalogueFor, findImage } from '../../../source/provision/images/catalogue.js';
import { ImageCache } from '../../../source/provision/images/image-cache.js';
import type { SiteImage } from '../../../source/provision/images/site-image.js';
import { Site } from './site.js';

const data = randomBytes(200_000);
const sha512 = (contents: Buffer): string => createHash('sha512').update(contents).digest('hex');

let site: Site;
let folder: string;
let cache: ImageCache;
const steps: string[] = [];

beforeEach(async () => {
  site = await Site.open({ 'disk.qcow2': data, SHA512SUMS: `${sha512(data)}  disk.qcow2\n` });
  folder = await mkdtemp(join(tmpdir(), 'vd-cache-'));
  cache = new ImageCache({ XDG_CACHE_HOME: folder });
  steps.length = 0;
});

afterEach(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

function source(): SiteImage {
  const image = findImage(
    'mine',
    catalogueFor([{ id: 'mine', url: site.url('disk.qcow2'), sha512: site.url('SHA512SUMS') }]),
    'x86_64',
  );
  if ('near' in image) throw new Error('not found');
  return { kind: 'catalogue', image };
}

const options = () => ({
  env: {},
  signal: new AbortController().signal,
  progress: () => {},
  onStep: (text: string) => steps.push(text),
});

const gets = (): number => site.requests.filter((request) => request.startsWith('GET /disk.qcow2')).length;

test('an image is downloaded once, verified, and named by its content', async () => {
  const name = `disk-${sha512(data).slice(0, 8)}.qcow2`;
  expect(await cache.identify(source(), options())).toMatchObject({ name, size: data.length, cached: false });
  const image = await cache.fetch(source(), options());
  expect(image).toMatchObject({ name, size: data.length, format: 'raw' });
  expect(await readFile(image.path)).toEqual(data);
  await cache.fetch(source(), options());
  expect(gets()).toBe(1);
  expect(await cache.list()).toEqual([name]);
  expect((await stat(cache.folder)).mode & 0o077).toBe(0);
});

test('next month’s image is another one', async () => {
  const first = await cache.fetch(source(), options());
  const other = randomBytes(100_000);
  site.files.set('/disk.qcow2', other);
  site.files.set('/SHA512SUMS', Buffer.from(`${sha512(other)}  disk.qcow2\n`));
  const second = await cache.fetch(source(), options());
  expect(second.name).not.toBe(first.name);
  expect(await readFile(second.path)).toEqual(other);
});

test.each(['100%.img', 'a%zz.qcow2', `${'x'.repeat(300)}.qcow2`])('a file called %s', async (name) => {
  site.files.set(`/${name}`, data);
  const known = await cache.identify({ kind: 'url', url: site.url(name) }, options());
  expect(known).toMatchObject({ name: expect.stringMatching(/^[\w.+-]{1,120}$/), size: data.length });
});

test('a wrong checksum leaves nothing in the cache', async () => {
  site.files.set('/SHA512SUMS', Buffer.from(`${'0'.repeat(128)}  disk.qcow2\n`));
  await expect(cache.fetch(source(), options())).rejects.toThrow(/checksum is wrong/);
  expect(await readdir(cache.folder)).toEqual([]);
});

test('a list of checksums without the image', async () => {
  site.files.set('/SHA512SUMS', Buffer.from('nothing\n'));
  expect(await cache.identify(source(), options())).toEqual({
    problem: `${site.url('SHA512SUMS')} does not tell the checksum of disk.qcow2`,
    hint: expect.any(String),
  });
});

test('a page instead of an image is refused and not kept', async () => {
  const page = Buffer.from('<!DOCTYPE html><html>moved</html>');
  site.files.set('/page.qcow2', page);
  await expect(cache.fetch({ kind: 'url', url: site.url('page.qcow2') }, options())).rejects.toThrow(
    /web page/,
  );
  expect(await cache.list()).toEqual([]);
});

test('what a download that was killed has left is no image', async () => {
  const image = await cache.fetch(source(), options());
  for (const name of [`${image.name}.part`, `${image.name}.lock`, `.${image.name}.part.json.1.tmp`])
    await writeFile(join(cache.folder, name), '');
  expect(await cache.list()).toEqual([image.name]);
});

test('without a network the image of the cache is used, and that is said', async () => {
  const { name } = await cache.fetch(source(), options());
  const wanted = source();
  await site.close();
  expect(await cache.identify(wanted, options())).toMatchObject({
    name,
    cached: true,
    unasked: expect.any(String),
  });
  expect((await cache.fetch(wanted, options())).name).toBe(name);
  expect(steps).toEqual([expect.stringMatching(/cannot be reached: .*: the image of the cache is used$/)]);
  const other: SiteImage = { kind: 'url', url: site.url === undefined ? '' : 'http://127.0.0.1:9/other.img' };
  expect(await cache.identify(other, options())).toMatchObject({
    problem: expect.stringContaining('cannot be reached'),
  });
  site = await Site.open({});
});

test('what a site refuses is told as it is, though the image is in the cache', async () => {
  const { name } = await cache.fetch(source(), options());
  site.files.delete('/disk.qcow2');
  expect((await cache.fetch(source(), options())).name).toBe(name);
  expect(steps).toEqual([
    `${site.url('disk.qcow2')}: the site answers 404 Not Found: the image of the cache is used`,
  ]);
});

test('without a network a file of the same name of another site is not taken', async () => {
  await cache.fetch(source(), options());
  const elsewhere: SiteImage = { kind: 'url', url: 'http://127.0.0.1:9/disk.qcow2' };
  expect(await cache.identify(elsewhere, options())).toMatchObject({
    problem: expect.stringContaining('cannot be reached'),
  });
});

test('without a network another content than the wanted digest is not taken', async () => {
  await cache.fetch(source(), options());
  const wanted: SiteImage = {
    kind: 'url',
    url: site.url('disk.qcow2'),
    checksum: { algorithm: 'sha256', digest: 'a'.repeat(64) },
  };
  await site.close();
  expect(await cache.identify(wanted, options())).toMatchObject({
    problem: expect.stringContaining('cannot be reached'),
  });
  site = await Site.open({});
});

test('the checksum beside an image may call it by the name of its build', async () => {
  site.files.set('/disk.qcow2.sha512', Buffer.from(`${sha512(data)}  disk-Snapshot20261101.qcow2\n`));
  const image = findImage(
    'mine',
    catalogueFor([{ id: 'mine', url: site.url('disk.qcow2'), sha512: site.url('disk.qcow2.sha512') }]),
    'x86_64',
  );
  if ('near' in image) throw new Error('not found');
  expect((await cache.fetch({ kind: 'catalogue', image }, options())).size).toBe(data.length);
});

test('two at once download it once', async () => {
  const [first, second] = await Promise.all([
    cache.fetch(source(), options()),
    new ImageCache({ XDG_CACHE_HOME: folder }).fetch(source(), options()),
  ]);
  expect(first.path).toBe(second.path);
  expect(gets()).toBe(1);
  expect(steps).toContain('another virtdeck downloads this image: waiting for it');
  expect(await readdir(cache.folder)).toHaveLength(1);
});

test('the lock of a process that is gone is nobody’s', async () => {
  const known = await cache.identify(source(), options());
  if ('problem' in known) throw new Error(known.problem);
  await cache.fetch(source(), options());
  await rm(join(cache.folder, known.name));
  const lock = join(cache.folder, `${known.name}.lock`);
  await writeFile(lock, JSON.stringify({ pid: 2 ** 22 + 1, started: '1' }));
  await cache.fetch(source(), options());
  expect(await readdir(cache.folder)).toEqual([known.name]);
});

test('an address without a checksum is told apart by the site’s own mark', async () => {
  const url: SiteImage = { kind: 'url', url: site.url('disk.qcow2') };
  const first = await cache.fetch(url, options());
  site.files.set('/disk.qcow2', randomBytes(1000));
  expect((await cache.fetch(url, options())).name).not.toBe(first.name);
});

test('where a site tells no version each content is got and kept by itself', async () => {
  site.etags = false;
  const plain: SiteImage = { kind: 'url', url: site.url('disk.qcow2') };
  const first = await cache.fetch(plain, options());
  site.files.set('/disk.qcow2', Buffer.concat([data, Buffer.from('newer')]));
  const second = await cache.fetch(plain, options());
  expect(second.size).toBe(first.size + 5);
  expect(second.name).not.toBe(first.name);
  site.files.set('/disk.qcow2', data);
  expect((await cache.fetch(plain, options())).name).toBe(first.name);
  expect([...(await cache.list())].sort()).toEqual([first.name, second.name].sort());
});

test('a checksum of one’s own that is wrong is not the site’s fault', async () => {
  const checksum = { algorithm: 'sha256', digest: 'a'.repeat(64) } as const;
  const wanted: SiteImage = { kind: 'url', url: site.url('disk.qcow2'), checksum };
  await expect(cache.fetch(wanted, options())).rejects.toMatchObject({
    message: expect.stringMatching(/the checksum is wrong: sha256 [0-9a-f]{64}, the one given is a{64}$/),
    hint: expect.stringContaining('of this very file'),
  });
});

test('an image of the cache that somebody has replaced or cut is downloaded anew; one that was only touched is not', async () => {
  const { path } = await cache.fetch(source(), options());
  await utimes(path, new Date(), new Date());
  await cache.fetch(source(), options());
  expect(gets()).toBe(1);
  await writeFile(path, randomBytes(data.length));
  await utimes(path, new Date(0), new Date(0));
  await cache.fetch(source(), options());
  expect(await readFile(path)).toEqual(data);
  await truncate(path, 1000);
  await cache.fetch(source(), options());
  expect(await readFile(path)).toEqual(data);
  expect(gets()).toBe(3);
});

test('a list of checksums without an end is given up', async () => {
  site.tricks.push((_, response) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x')));
    };
    response.on('drain', more);
    more();
    return true;
  });
  await expect(cache.fetch(source(), options())).rejects.toThrow('SHA512SUMS: it is larger than 4 MiB');
});
