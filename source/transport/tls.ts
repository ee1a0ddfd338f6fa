import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { type Endpoint, type Transport, type TransportContext, TransportError } from './endpoint.js';
import { isSet } from './ssh/arguments.js';
import { authority, connectTcp } from './tcp.js';

const tlsPort = 16_514;

/** An encrypted connection, the other side's certificate checked. Rejects with TransportError. */
export async function openTls(endpoint: Endpoint, context: TransportContext): Promise<Transport> {
  const secureContext = contextOf(endpoint, await readPki(endpoint, context));
  const socket = await connectTcp(endpoint, context, tlsPort);
  context.onStep?.('checking certificates (tls)');
  const host = endpoint.host ?? 'localhost';
  const secure = connectTls({
    socket,
    secureContext,
    // An address stands in the certificate as such, and is no name that could be asked for.
    ...(isIP(host) === 0 && { servername: host }),
    host,
    rejectUnauthorized: !isSet(endpoint.options.no_verify),
  });
  try {
    await confirmed(secure, context.signal, endpoint);
  } catch (error) {
    secure.on('error', () => {});
    secure.destroy();
    throw error instanceof TransportError ? error : tlsFailure(endpoint, error as NodeJS.ErrnoException);
  }
  return { stream: secure, confidential: true };
}

type Pki = Awaited<ReturnType<typeof readPki>>;

/** Throws TransportError where the files are none of certificates, or do not belong together. */
function contextOf(endpoint: Endpoint, { places, ...files }: Pki): SecureContext {
  try {
    return createSecureContext(files);
  } catch (cause) {
    const { cert, key } = places;
    const mismatch = (cause as NodeJS.ErrnoException).code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH';
    const bad = Object.entries(files).find(([, file]) => file !== undefined && !isPem(file))?.[0];
    const text = mismatch
      ? `the key ${key} does not belong to the certificate ${cert}`
      : bad === undefined
        ? `the certificates cannot be used: ${(cause as Error).message}`
        : `the file ${places[bad as keyof typeof places]} is no PEM file`;
    throw new TransportError('certificate', text, { ...endpoint, cause });
  }
}

function isPem(file: Buffer): boolean {
  return /-----BEGIN [^-]+-----[\s\S]+-----END [^-]+-----/.test(file.toString('latin1'));
}

/**
 * The daemon says with one byte that it takes the certificate it was shown. Under TLS 1.3 the handshake is over by
 * then: a certificate that is refused shows itself by an end without this byte.
 */
function confirmed(socket: TLSSocket, signal: AbortSignal | undefined, endpoint: Endpoint): Promise<void> {
  const place = authority(endpoint, tlsPort);
  return new Promise((resolve, reject) => {
    let secured = false;
    const settle = (act: () => void) => {
      signal?.removeEventListener('abort', onAbort);
      socket.off('secureConnect', onSecure).off('readable', onReadable);
      socket.off('error', onError).off('end', ended).off('close', ended);
      act();
    };
    const fail = (error: Error) => settle(() => reject(error));
    const onAbort = () => fail(new TransportError('aborted', 'given up', endpoint));
    const ended = () =>
      fail(
        secured
          ? new TransportError('certificate', `${place} does not take this machine's certificate`, {
              ...endpoint,
              hint: 'clientcert.pem must be of a CA that the host trusts, and not expired; libvirt asks for it unless tls_no_verify_certificate is set there.',
            })
          : new TransportError('certificate', `${place} ended the connection during the TLS handshake`, {
              ...endpoint,
              hint: 'Does this port speak TLS? libvirt has it on 16514.',
            }),
      );
    const onSecure = () => {
      secured = true;
    };
    const onReadable = () => {
      const byte: Buffer | null = socket.read(1);
      if (byte === null) return;
      settle(() =>
        byte[0] === 1
          ? resolve()
          : reject(
              new TransportError('certificate', `${place} refused this machine's certificate`, endpoint),
            ),
      );
    };
    const onError = (error: NodeJS.ErrnoException) =>
      secured && error.code === 'ECONNRESET' ? ended() : fail(error);
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.on('secureConnect', onSecure).on('readable', onReadable);
    socket.on('error', onError).on('end', ended).on('close', ended);
  });
}

/** What is wrong with a certificate, by the codes of Node and OpenSSL. */
const words: Readonly<Record<string, readonly [text: string, hint: string]>> = {
  CERT_HAS_EXPIRED: ['its certificate has expired', 'It must be renewed on the host.'],
  CERT_NOT_YET_VALID: ['its certificate is not valid yet', 'Are the clocks of both machines right?'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'its certificate is of another name',
    'Use the name that stands in the certificate (subjectAltName).',
  ],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'its certificate is of a CA that is not known here',
    'Put the CA into cacert.pem.',
  ],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    'its certificate is of a CA that is not known here',
    'Put the CA into cacert.pem.',
  ],
  SELF_SIGNED_CERT_IN_CHAIN: [
    'its certificate is of a CA that is not known here',
    'Put the CA into cacert.pem.',
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    'its certificate is signed by itself',
    'Put it into cacert.pem, if you trust it.',
  ],
  UNABLE_TO_GET_CRL: [
    'the list of revoked certificates (cacrl.pem) has nothing of its CA',
    'Put the lists of all CAs of its chain into cacrl.pem, or take the file away.',
  ],
  CRL_HAS_EXPIRED: ['the list of revoked certificates (cacrl.pem) has expired', 'Fetch a new one.'],
  CERT_REVOKED: ['its certificate is revoked', 'It stands in cacrl.pem.'],
};

function tlsFailure(endpoint: Endpoint, error: NodeJS.ErrnoException): TransportError {
  const place = authority(endpoint, tlsPort);
  const known = words[error.code ?? ''];
  if (known !== undefined)
    return new TransportError('certificate', `${place}: ${known[0]}`, {
      ...endpoint,
      hint: `${known[1]} Without any check: no_verify=1 in the URI.`,
      cause: error,
    });
  const plain =
    error.code === 'ERR_SSL_WRONG_VERSION_NUMBER' || error.code === 'EPROTO' || error.code === 'ECONNRESET';
  const text = plain ? 'it does not speak TLS' : error.message;
  return new TransportError('certificate', `${place}: ${text}`, { ...endpoint, cause: error });
}

/** CA, certificate, key and revoked ones, from libvirt's places. */
async function readPki(endpoint: Endpoint, { env, euid }: TransportContext) {
  const places = pkiPlaces(endpoint.options.pkipath, env.HOME, euid);
  const read = async (path: string | undefined) => {
    if (path === undefined) return undefined;
    return readFile(path).catch((cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'ENOENT' ? 'it is not there' : cause.message;
      throw new TransportError('certificate', `the file ${path} cannot be read: ${why}`, {
        ...endpoint,
        path,
        hint: 'docs of libvirt: https://libvirt.org/kbase/tlscerts.html',
        cause,
      });
    });
  };
  const [ca, cert, key, crl] = await Promise.all([places.ca, places.cert, places.key, places.crl].map(read));
  return { places, ca, cert, key, crl };
}

/**
 * Where the files are: all in `pkipath`; else those of the user, each that is missing replaced by the system's,
 * certificate and key together. What need not be there (certificate, revocations) is left out where it is not.
 */
export function pkiPlaces(
  pkipath: string | undefined,
  home: string | undefined,
  euid: number,
  exists: (path: string) => boolean = existsSync,
): Readonly<Record<'ca' | 'cert' | 'key' | 'crl', string | undefined>> {
  const flat = (folder: string) => ({
    ca: join(folder, 'cacert.pem'),
    cert: join(folder, 'clientcert.pem'),
    key: join(folder, 'clientkey.pem'),
    crl: join(folder, 'cacrl.pem'),
  });
  const system = {
    ca: '/etc/pki/CA/cacert.pem',
    cert: '/etc/pki/libvirt/clientcert.pem',
    key: '/etc/pki/libvirt/private/clientkey.pem',
    crl: '/etc/pki/CA/cacrl.pem',
  };
  const own = pkipath ? flat(pkipath) : euid === 0 ? system : flat(join(home ?? '/', '.pki/libvirt'));
  const fallback = pkipath ? own : system;
  const pair = exists(own.cert) && exists(own.key) ? own : fallback;
  const there = (path: string) => (exists(path) ? path : undefined);
  return {
    ca: exists(own.ca) ? own.ca : fallback.ca,
    cert: there(pair.cert),
    // One without the other is a mistake that is to be told.
    key: there(pair.cert) === undefined ? there(pair.key) : pair.key,
    crl: there(own.crl) ?? there(fallback.crl),
  };
}
