import { chmod, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProcess } from './run-process.js';

/** A certificate to be made: by which CA, for whom, from when to when (openssl's times). */
interface Leaf {
  readonly ca: 'ca' | 'ca2';
  readonly subject: string;
  readonly names?: string;
  readonly usage: 'serverAuth' | 'clientAuth';
  readonly from?: string;
  readonly to?: string;
}

const local = 'DNS:localhost,IP:127.0.0.1';

const leaves = {
  server: { ca: 'ca', subject: '/CN=localhost', names: local, usage: 'serverAuth' },
  'server-expired': {
    ca: 'ca',
    subject: '/CN=localhost',
    names: local,
    usage: 'serverAuth',
    from: '20200101000000Z',
    to: '20200201000000Z',
  },
  'server-future': {
    ca: 'ca',
    subject: '/CN=localhost',
    names: local,
    usage: 'serverAuth',
    from: '20900101000000Z',
    to: '20900201000000Z',
  },
  'server-wronghost': {
    ca: 'ca',
    subject: '/CN=elsewhere',
    names: 'DNS:elsewhere.example',
    usage: 'serverAuth',
  },
  'server-otherca': { ca: 'ca2', subject: '/CN=localhost', names: local, usage: 'serverAuth' },
  client: { ca: 'ca', subject: '/CN=client1', usage: 'clientAuth' },
  'client-otherca': { ca: 'ca2', subject: '/CN=client2', usage: 'clientAuth' },
} as const satisfies Record<string, Leaf>;

export type CertificateName = keyof typeof leaves;

/**
 * Makes two CAs, the certificates above, and folders for `pkipath`: pki (good), pki-nocert (CA alone), pki-wrongca,
 * pki-otherca (a client certificate that the server's CA did not sign), pki-empty. By openssl.
 */
export async function makeCertificates(folder: string): Promise<void> {
  const at = (name: string) => join(folder, name);
  for (const [name, title] of [
    ['ca', 'virtdeck test CA'],
    ['ca2', 'other CA'],
  ] as const) {
    await openssl(folder, [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      `${name}-key.pem`,
      '-out',
      `${name}.pem`,
      '-days',
      '30',
      '-subj',
      `/CN=${title}`,
      '-addext',
      'basicConstraints=critical,CA:true',
      '-addext',
      'keyUsage=critical,keyCertSign,cRLSign',
    ]);
  }
  for (const [name, leaf] of Object.entries(leaves)) await makeLeaf(folder, name, leaf);
  const pki = async (name: string, ca: string, client?: CertificateName) => {
    await mkdir(at(name));
    await copyFile(at(`${ca}.pem`), join(at(name), 'cacert.pem'));
    if (client === undefined) return;
    await copyFile(at(`${client}.pem`), join(at(name), 'clientcert.pem'));
    await copyFile(at(`${client}-key.pem`), join(at(name), 'clientkey.pem'));
  };
  await pki('pki', 'ca', 'client');
  await pki('pki-nocert', 'ca');
  await pki('pki-wrongca', 'ca2', 'client');
  await pki('pki-otherca', 'ca', 'client-otherca');
  await mkdir(at('pki-empty'));
  // The daemon is another user.
  for (const name of await readdir(folder)) if (name.endsWith('.pem')) await chmod(at(name), 0o644);
}

async function makeLeaf(folder: string, name: string, { ca, subject, usage, ...leaf }: Leaf): Promise<void> {
  const names = leaf.names === undefined ? '' : `subjectAltName=${leaf.names}\n`;
  await writeFile(
    join(folder, `${name}.ext`),
    `basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=${usage}\n${names}`,
  );
  await openssl(folder, [
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    `${name}-key.pem`,
    '-out',
    `${name}.csr`,
    '-subj',
    subject,
  ]);
  const sign = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`];
  if (leaf.from === undefined || leaf.to === undefined) {
    await openssl(folder, [
      'x509',
      '-req',
      ...sign,
      '-CA',
      `${ca}.pem`,
      '-CAkey',
      `${ca}-key.pem`,
      '-CAcreateserial',
      '-days',
      '20',
    ]);
    return;
  }
  // Only `openssl ca` signs for any time, and it wants a register.
  await writeFile(join(folder, 'index.txt'), '');
  await writeFile(join(folder, 'serial'), '01\n');
  await writeFile(
    join(folder, 'ca.cnf'),
    '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n',
  );
  await openssl(folder, [
    'ca',
    '-batch',
    '-notext',
    '-config',
    'ca.cnf',
    '-cert',
    `${ca}.pem`,
    '-keyfile',
    `${ca}-key.pem`,
    '-startdate',
    leaf.from,
    '-enddate',
    leaf.to,
    ...sign,
  ]);
}

async function openssl(folder: string, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runProcess('openssl', [...args], { cwd: folder });
  if (exitCode !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}
