import { once } from 'node:events';
import { chmod, copyFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LibvirtError } from '../../source/libvirt/errors.js';
import { openHypervisor } from '../../source/libvirt/open.js';
import { type CertificateName, makeCertificates } from '../support/certificates.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { requires } from '../support/requirements.js';
import { freePort } from '../support/sshd.js';

requires('libvirtd', 'openssl')('a host over TLS and TCP', () => {
  let folder: string;
  let daemon: PrivateLibvirtd;
  let tls: number;
  let tcp: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vd-pki-'));
    await chmod(folder, 0o755);
    await makeCertificates(folder);
    [tls, tcp] = [await freePort(), await freePort()];
    await use('server');
    daemon = await PrivateLibvirtd.start({
      name: 'tls',
      listen: true,
      config: [
        'listen_tls = 1',
        'listen_tcp = 1',
        'listen_addr = "127.0.0.1"',
        `tls_port = "${tls}"`,
        `tcp_port = "${tcp}"`,
        'auth_tls = "none"',
        'auth_tcp = "none"',
        'auth_unix_rw = "none"',
        'tls_no_sanity_certificate = 1',
        `ca_file = "${folder}/ca.pem"`,
        `cert_file = "${folder}/used.pem"`,
        `key_file = "${folder}/used-key.pem"`,
        '',
      ].join('\n'),
    });
  });

  afterAll(async () => {
    await daemon?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function use(name: CertificateName): Promise<void> {
    await copyFile(join(folder, `${name}.pem`), join(folder, 'used.pem'));
    await copyFile(join(folder, `${name}-key.pem`), join(folder, 'used-key.pem'));
  }

  const uriOf = (pki: string, more = '', host = 'localhost') =>
    `test+tls://${host}:${tls}/default?pkipath=${folder}/${pki}${more}`;

  async function domains(uri: string): Promise<readonly string[]> {
    const hypervisor = await openHypervisor(uri, { keepalive: true });
    const listed = await hypervisor.listDomains();
    await hypervisor.close();
    return listed.map(({ name }) => name);
  }

  const failure = (uri: string): Promise<LibvirtError> =>
    domains(uri).then(
      (names) => {
        throw new Error(`it was opened: ${names.join()}`);
      },
      (error) => error,
    );

  it('is opened by its name and by its address, where the certificate has both', async () => {
    expect(await domains(uriOf('pki'))).toEqual(['test']);
    expect(await domains(uriOf('pki', '', '127.0.0.1'))).toEqual(['test']);
    expect(await domains(`test+tcp://127.0.0.1:${tcp}/default`)).toEqual(['test']);
  });

  it.each([
    ['server-expired', 'pki', 'its certificate has expired'],
    ['server-future', 'pki', 'its certificate is not valid yet'],
    ['server-wronghost', 'pki', 'its certificate is of another name'],
    ['server-otherca', 'pki', 'its certificate is of a CA that is not known here'],
    ['server', 'pki-wrongca', 'its certificate is of a CA that is not known here'],
  ] as const)('with %s and %s is refused, in words', async (server, pki, words) => {
    await use(server);
    await daemon.restart();
    const error = await failure(uriOf(pki));
    expect(error).toMatchObject({ kind: 'connect', message: `localhost:${tls}: ${words}` });
    expect(error.hint).toContain('no_verify=1');
    // Who says so gets in all the same.
    if (server !== 'server') expect(await domains(uriOf(pki, '&no_verify=1'))).toEqual(['test']);
  });

  it('says that it is this side whose certificate is not taken, which TLS 1.3 tells late', async () => {
    await use('server');
    await daemon.restart();
    for (const pki of ['pki-otherca', 'pki-nocert']) {
      const error = await failure(uriOf(pki));
      expect(error.message).toContain("does not take this machine's certificate");
      expect(error.hint).toContain('clientcert.pem');
    }
    expect(await failure(uriOf('pki-empty'))).toMatchObject({
      message: `the file ${folder}/pki-empty/cacert.pem cannot be read: it is not there`,
    });
  });

  it('says which file of this machine is none of a certificate, and that a key is another one’s', async () => {
    const pki = join(folder, 'pki-odd');
    await cp(join(folder, 'pki'), pki, { recursive: true });
    await copyFile(join(folder, 'server-key.pem'), join(pki, 'clientkey.pem'));
    expect(await failure(uriOf('pki-odd'))).toMatchObject({
      kind: 'connect',
      message: `the key ${pki}/clientkey.pem does not belong to the certificate ${pki}/clientcert.pem`,
    });
    await writeFile(join(pki, 'clientcert.pem'), 'nothing of the kind');
    expect(await failure(uriOf('pki-odd'))).toMatchObject({
      message: `the file ${pki}/clientcert.pem is no PEM file`,
    });
  });

  it('is told in words where it falls silent, and is given up at once', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const uri = uriOf('pki').replace(String(tls), String(port));
    const silence = openHypervisor(uri, { keepalive: { interval: 200, count: 1 } });
    await expect(silence).rejects.toMatchObject({
      kind: 'connect',
      message: 'nothing was heard for 0.4 s while checking certificates (tls)',
    });
    for (const after of ['connecting', 'checking certificates', undefined]) {
      const life = new AbortController();
      const opening = openHypervisor(uri, {
        signal: life.signal,
        onStep: (step) => after !== undefined && step.startsWith(after) && life.abort(),
      });
      if (after === undefined) life.abort();
      await expect(opening).rejects.toMatchObject({ kind: 'aborted' });
    }
    server.close();
  });

  it('says that a port speaks something else', async () => {
    expect((await failure(uriOf('pki').replace(String(tls), String(tcp)))).message).toMatch(/TLS/);
    expect((await failure(`test+tcp://127.0.0.1:${tls}/default`)).kind).not.toBe('libvirt');
    const closed = await freePort();
    expect(await failure(`test+tcp://127.0.0.1:${closed}/default`)).toMatchObject({
      message: `127.0.0.1:${closed}: nothing answers on this port`,
    });
    expect((await failure('test+tcp://no.such.host.invalid/default')).message).toMatch(/name/);
  });
});
