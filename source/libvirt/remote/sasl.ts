import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Channel } from '../../wire/channel.js';
import { procedures } from '../../wire/procedures.js';
import { ErrorCode, LibvirtError } from '../errors.js';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

export interface SaslOptions {
  /** The one that is demanded ("sasl.MECH" of the URI, without its beginning); undefined: the best there is. */
  readonly mechanism: string | undefined;
  /** The connection is encrypted or does not leave this machine: a password may be sent as it is. */
  readonly confidential: boolean;
  /** Undefined where there are none and nobody wants to tell them. */
  readonly credentials: () => Promise<Credentials | undefined>;
  readonly signal: AbortSignal | undefined;
}

/** One conversation: what is sent first, and what is answered to each message of the daemon. */
interface Conversation {
  readonly first: string;
  /** Undefined once there is nothing more to say. Throws where the daemon does not prove who it is. */
  answer(said: string): Promise<string | undefined>;
}

type Mechanism = (credentials: Credentials) => Conversation;

/** Strongest first. */
const mechanisms: Readonly<Record<string, Mechanism>> = {
  'SCRAM-SHA-256': (credentials) => scram('sha256', 32, credentials),
  'SCRAM-SHA-1': (credentials) => scram('sha1', 20, credentials),
  PLAIN: ({ user, password }) => ({
    first: `\0${user}\0${password}`,
    answer: async () => undefined,
  }),
};

/** Logs in by SASL. Rejects with LibvirtError (kind `connect`); the daemon closes after a refusal. */
export async function authenticateBySasl(channel: Channel, options: SaslOptions): Promise<void> {
  const { signal } = options;
  const { mechanisms: offered } = await channel.call(procedures.AUTH_SASL_INIT, {}, { signal });
  const name = choose(
    offered.split(',').map((one) => one.trim().toUpperCase()),
    options,
  );
  const credentials = await options.credentials();
  if (credentials === undefined)
    throw failure('the host asks for a name and a password (SASL), and there are none', authFileHint);
  const conversation = mechanisms[name]?.(credentials) as Conversation;
  const data = Buffer.from(conversation.first);
  let reply = await channel.call(procedures.AUTH_SASL_START, { mechanism: name, nil: 0, data }, { signal });
  for (let left = mostSteps; left > 0; left -= 1) {
    const next = await conversation.answer(Buffer.from(reply.data).toString());
    if (reply.complete !== 0) {
      if (next !== undefined) throw failure(noProof);
      return;
    }
    const step = next === undefined ? { nil: 1, data: Buffer.alloc(0) } : { nil: 0, data: Buffer.from(next) };
    reply = await channel.call(procedures.AUTH_SASL_STEP, step, { signal });
  }
  throw failure('the host does not come to an end with SASL');
}

/** SCRAM has two; a host must not keep us talking. */
const mostSteps = 8;

const noProof = 'the host has not shown that it knows the password itself: it may be another than it says';

const authFileHint =
  'Put them into ~/.config/libvirt/auth.conf: [credentials-lab] authname=… password=…, [auth-libvirt-HOST] credentials=lab.';

function choose(offered: readonly string[], { mechanism, confidential }: SaslOptions): string {
  const wanted = Object.keys(mechanisms).filter(
    (name) => mechanism === undefined || name === mechanism.toUpperCase(),
  );
  const usable = wanted.filter((name) => offered.includes(name));
  const chosen = usable.find((name) => name !== 'PLAIN' || confidential);
  if (chosen !== undefined) return chosen;
  if (usable.includes('PLAIN'))
    throw failure(
      'the host takes passwords only in the clear, and this connection is not encrypted',
      'Use ssh or tls.',
    );
  const list = offered.filter((name) => name !== '').join(', ') || 'nothing';
  const kerberos = offered.includes('GSSAPI') || mechanism?.toUpperCase() === 'GSSAPI';
  throw failure(
    `the host offers ${list} to log in with; virtdeck knows ${Object.keys(mechanisms).join(', ')}`,
    kerberos
      ? 'Kerberos (GSSAPI) is not supported: go over ssh (qemu+ssh://HOST/system, ssh knows Kerberos), or add scram-sha-256 to mech_list in /etc/sasl2/libvirt.conf there.'
      : 'Add scram-sha-256 to mech_list in /etc/sasl2/libvirt.conf on the host.',
  );
}

/** SCRAM of RFC 5802 and 7677, without channel binding. */
function scram(hash: 'sha256' | 'sha1', length: number, { user, password }: Credentials): Conversation {
  const nonce = randomBytes(18).toString('base64');
  const name = user.normalize('NFKC').replaceAll('=', '=3D').replaceAll(',', '=2C');
  const bare = `n=${name},r=${nonce}`;
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
  let signature: Buffer | undefined;
  return {
    first: `n,,${bare}`,
    async answer(said) {
      const fields = new Map(said.split(',').map((field) => [field[0], field.slice(2)] as const));
      if (signature !== undefined) {
        const shown = Buffer.from(fields.get('v') ?? '', 'base64');
        if (shown.length !== signature.length || !timingSafeEqual(shown, signature)) throw failure(noProof);
        return undefined;
      }
      const given = {
        nonce: fields.get('r') ?? '',
        salt: fields.get('s') ?? '',
        rounds: Number(fields.get('i')),
      };
      if (
        !given.nonce.startsWith(nonce) ||
        given.salt === '' ||
        !Number.isInteger(given.rounds) ||
        given.rounds < 1 ||
        given.rounds > mostRounds
      )
        throw failure('the host answers SASL in a way that SCRAM does not know');
      const salt = Buffer.from(given.salt, 'base64');
      const salted = await derive(password.normalize('NFKC'), salt, given.rounds, length, hash);
      const clientKey = hmac(salted, 'Client Key');
      const storedKey = createHash(hash).update(clientKey).digest();
      const last = `c=biws,r=${given.nonce}`;
      const whole = `${bare},${said},${last}`;
      signature = hmac(hmac(salted, 'Server Key'), whole);
      const proof = hmac(storedKey, whole).map((byte, at) => byte ^ (clientKey[at] ?? 0));
      return `${last},p=${Buffer.from(proof).toString('base64')}`;
    },
  };
}

const derive = promisify(pbkdf2);

/** A hostile host must not keep us computing. */
const mostRounds = 1_000_000;

function failure(message: string, hint?: string): LibvirtError {
  return new LibvirtError({ kind: 'connect', code: ErrorCode.authUnavailable, message, hint });
}
