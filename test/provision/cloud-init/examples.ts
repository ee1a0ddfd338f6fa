import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { CloudInit } from '../../../source/provision/cloud-init/request.js';

export const ed25519 =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPX4PG13a/YoIX2iEMmyAHuF1zjnHGWpKpkOYpDx1J5S isabell@laptop';

/** `openssl passwd -6 -salt abc x` */
export const hash =
  '$6$abc$K4v3HcZ8yAmpRfxML6S46NCcqy9r4/KdbQpFvqSWsBf4dgySOEOo1DHJTrmn2BsJK2aNmPN8Tfb826D2o9.z51';

/** Looks like one, and is none. */
export const privateKey = [
  '-----BEGIN OPENSSH PRIVATE KEY-----',
  ...Array.from({ length: 5 }, (_, index) =>
    Buffer.from(`line ${index} of no key `.repeat(3)).toString('base64'),
  ),
  '-----END OPENSSH PRIVATE KEY-----',
  '',
].join('\n');

export const example: CloudInit = {
  hostname: 'web-1',
  instanceId: '3f0c8a52-57f0-4a54-a3a0-50d2b8e3b1c1',
  user: { name: 'isabell', sudo: true, keys: [ed25519] },
  packages: [],
  commands: [],
  agent: true,
  datasource: 'nocloud',
};

export const network = {
  mac: '52:54:00:AB:cd:01',
  addresses: ['192.168.122.7/24', 'fd00::7/64'],
  gateway: '192.168.122.1',
  nameservers: ['192.168.122.1', '2606:4700:4700::1111'],
};

/** A document as cloud-init's parser takes it: YAML 1.1, of which PyYAML refuses some characters. */
export function read(text: string | undefined): Record<string, unknown> {
  if (text === undefined || /[^\t\n\r -~\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text))
    throw new Error('PyYAML does not read this');
  if (/[\u0085\u2028\u2029\ufeff]/.test(text)) throw new Error('a line end of YAML 1.1 is in clear');
  return parse(text, { version: '1.1' }) as Record<string, unknown>;
}

/** The parts of a MIME archive, decoded, with their headers. */
export function partsOf(archive: string): { readonly headers: string; readonly text: string }[] {
  const boundary = /boundary="([^"]+)"/.exec(archive)?.[1] ?? '';
  const pieces = archive.split(`--${boundary}\n`).slice(1);
  return pieces.map((piece) => {
    const end = piece.indexOf('\n\n');
    const headers = piece.slice(0, end);
    const body = piece.slice(end + 2).replace(new RegExp(`\n(?:--${boundary}--\n)?$`), '');
    const text = /base64/.test(headers) ? Buffer.from(body, 'base64').toString('utf8') : body;
    return { headers, text };
  });
}

/** A key pair of ssh-keygen's. */
export function makeKey(type: string, bits?: number): { readonly open: string; readonly secret: string } {
  const folder = mkdtempSync(join(tmpdir(), 'virtdeck-test-key-'));
  try {
    const file = join(folder, 'id');
    const size = bits === undefined ? [] : ['-b', String(bits)];
    execFileSync('ssh-keygen', ['-q', '-t', type, ...size, '-N', '', '-C', 'a test <&">', '-f', file]);
    return { open: readFileSync(`${file}.pub`, 'utf8'), secret: readFileSync(file, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
