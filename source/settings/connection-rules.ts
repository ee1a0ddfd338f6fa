import { safe } from '../text/safe.js';

const longestName = 100;

/** userinfo with a password; digits after the colon and up to the path are a port instead. */
const passwordInUri = /:\/\/[^/?@[]*(?::|%3a)(?!\d*(?:[/?]|$))[^?]*@/i;

/** No parameter of libvirt's carries a secret, but somebody may believe so. */
const secretParameter = /[?&;](?:pass(?:word|wd|phrase)?|secret|token)=/i;

/** What is wrong with a connection's name, or undefined. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'a name may not be empty';
  if (name !== name.trim()) return 'a name may not begin or end with a space';
  if (name.includes('/')) return 'a name may not contain a slash (that is how it is told from a URI)';
  if (safe(name) !== name) return 'a name may not contain control or invisible characters';
  if (name.length > longestName) return `a name may have at most ${longestName} characters`;
  return undefined;
}

/**
 * What keeps a URI out of the settings, or undefined. Whether libvirt understands it is not asked here.
 * The message never repeats the URI: it may hold a secret.
 */
export function uriProblem(uri: string): string | undefined {
  if (uri === '') return 'a URI may not be empty';
  if (/\s/u.test(uri) || safe(uri) !== uri) return 'a URI may not contain spaces or control characters';
  if (passwordInUri.test(uri) || secretParameter.test(uri)) {
    return 'a URI may not contain a password: the settings never hold a secret; leave it out, it is asked for when connecting';
  }
  return undefined;
}
