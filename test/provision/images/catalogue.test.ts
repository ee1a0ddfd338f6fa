import { expect, test } from 'vitest';
import { catalogueFor, findImage } from '../../../source/provision/images/catalogue.js';
import { digestFor } from '../../../source/provision/images/checksums.js';
import { parseImageSource } from '../../../source/provision/images/image-source.js';

const catalogue = catalogueFor();

test('every image has an id of its own, a file and a checksum over https', () => {
  const names = catalogue.map(({ id, arch }) => `${id} ${arch}`);
  expect(new Set(names).size).toBe(names.length);
  for (const { url, checksum, user, osId } of catalogue) {
    expect(url).toMatch(/^https:\/\/[^/]+\/.+\.(qcow2|img)$/);
    expect(checksum).toMatchObject({ url: expect.stringMatching(/^https:/) });
    expect(user).toMatch(/^[a-z]+$/);
    expect(osId).toMatch(/^http:\/\//);
  }
});

test.each([
  ['debian-12', 'https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2'],
  ['Bookworm', 'https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2'],
  ['debian-13-generic', 'https://cloud.debian.org/images/cloud/trixie/latest/debian-13-generic-amd64.qcow2'],
  ['debian-11', 'https://cloud.debian.org/images/cloud/bullseye/latest/debian-11-genericcloud-amd64.qcow2'],
  [
    'leap-16.0',
    'https://download.opensuse.org/distribution/leap/16.0/appliances/Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2',
  ],
  ['noble', 'https://cloud-images.ubuntu.com/releases/24.04/release/ubuntu-24.04-server-cloudimg-amd64.img'],
])('%s', (text, url) => {
  expect(findImage(text, catalogue, 'x86_64')).toMatchObject({ url });
});

test('Tumbleweed for aarch64 lies among the ports', () => {
  expect(findImage('tumbleweed', catalogue, 'aarch64')).toMatchObject({
    url: 'https://download.opensuse.org/ports/aarch64/tumbleweed/appliances/openSUSE-Tumbleweed-Minimal-VM.aarch64-Cloud.qcow2',
  });
});

test('one that is not there names those that are near', () => {
  expect(findImage('debian-9', catalogue, 'x86_64')).toEqual({
    near: expect.arrayContaining(['debian-12', 'debian-13', 'debian-11']),
  });
});

test('a person’s own image takes the place of one of the same name', () => {
  const own = catalogueFor([{ id: 'debian-12', url: 'https://mirror.example/d.qcow2', user: 'me' }]);
  expect(findImage('debian-12', own, 'x86_64')).toMatchObject({
    url: 'https://mirror.example/d.qcow2',
    user: 'me',
  });
  expect(findImage('debian-12', own, 'aarch64')).toMatchObject({ user: 'debian' });
});

const digest = 'a'.repeat(64);
test.each([
  ['GNU', `${'b'.repeat(64)}  other.img\n${digest}  disk.img\n`],
  ['GNU, binary', `${digest} *disk.img\n`],
  ['with a folder', `${digest}  ./images/disk.img\n`],
  ['BSD', `# disk.img: 500 bytes\nSHA256 (disk.img) = ${digest.toUpperCase()}\n`],
  [
    'signed',
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nSHA256 (disk.img) = ${digest}\n-----BEGIN PGP SIGNATURE-----\n\n`,
  ],
  ['alone', `${digest}\n`],
])('a list of checksums: %s', (_, text) => {
  expect(digestFor(text, 'disk.img', 64)).toBe(digest);
});

test('a digest of another file or another length is none', () => {
  expect(digestFor(`${digest}  other.img\n`, 'disk.img', 64)).toBeUndefined();
  expect(digestFor(`${digest}  disk.img\n`, 'disk.img', 128)).toBeUndefined();
  expect(digestFor(`${digest}\n${digest}\n`, 'disk.img', 64)).toBeUndefined();
});

const parse = (text: string, files: readonly string[] = []) =>
  parseImageSource(text, {
    catalogue,
    arch: 'x86_64',
    cwd: '/work',
    home: '/home/me',
    exists: (path) => files.includes(path),
  });

test.each([
  ['debian-12', { kind: 'catalogue', image: { id: 'debian-12' } }],
  ['default/base.qcow2', { kind: 'volume', pool: 'default', name: 'base.qcow2' }],
  ['base.qcow2', { kind: 'volume', name: 'base.qcow2' }],
  ['https://x.example/a.img', { kind: 'url', url: 'https://x.example/a.img' }],
  [`https://x.example/a.img#sha256=${digest}`, { kind: 'url', checksum: { algorithm: 'sha256', digest } }],
])('%s', (text, expected) => {
  expect(parse(text)).toMatchObject(expected);
});

test('files: by a path, or by a name that is there', () => {
  expect(parse('./a.img', ['/work/a.img'])).toEqual({ kind: 'file', path: '/work/a.img' });
  expect(parse('~/a.img', ['/home/me/a.img'])).toEqual({ kind: 'file', path: '/home/me/a.img' });
  expect(parse('images/a.img', ['/work/images/a.img'])).toEqual({ kind: 'file', path: '/work/images/a.img' });
  expect(parse('/none.img')).toEqual({ problem: 'there is no file /none.img' });
});

test.each([
  '',
  'debina-12',
  'ftp://x/y',
  'https://',
  'https://u:p@x.example/a',
  'https://x.example/a#sha256=12',
])('%j is a problem that says why', (text) => {
  expect(parse(text)).toEqual(expect.objectContaining({ problem: expect.any(String) }));
});
