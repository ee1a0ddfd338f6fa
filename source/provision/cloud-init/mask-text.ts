/** Stands for a secret, whatever its length. */
export const mask = '********';

const secretWord =
  '(?:passw(?:or)?d|passwort|passphrase|passcode|secret|token|credential|api[-_]?key|auth[-_]?key|access[-_]?key|private[-_]?key|psk|_private)';

const secretName = new RegExp(secretWord, 'i');

/** A word of a shell, with its quotes. */
const word = String.raw`(?:\\?"[^"\n]*"|\\?'[^'\n]*'|[^\s"'])+`;

/** `PASSWORD=…`, `"token": "…"`, `secret: …`; not `lock_passwd: true`, nor a rule of sudoers. */
const assignment = new RegExp(
  String.raw`(?<![\w.-])(?!NOPASSWD:)((?:\\?["'])?[\w.-]*${secretWord}[\w.-]*(?:\\?["'])?[ \t]*[:=][ \t]*)` +
    String.raw`(?!(?:true|false|null|yes|no|on|off|\d|[|>][-+\d]*|"?\*{8}"?)[ \t]*(?:[,}\]\r\n]|$))${word}`,
  'gi',
);

/** What is said about a secret in a comment, of a line of its own or behind something. */
const comments: readonly RegExp[] = [
  new RegExp(String.raw`(^[ \t]*#[^\n]*?${secretWord})[^\n]+`, 'gim'),
  new RegExp(String.raw`([ \t]#[^\n"']*?${secretWord})[^\n"']+`, 'gi'),
];

/** Each replaces what it finds by its first group and the mask. */
const rules: readonly RegExp[] = [
  /(-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----)[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----|$)/g,
  // crypt(5)
  /()\$(?:[1567y]|2[abxy]|gy|sha1|argon2id?|scrypt)\$[^\s"'\\:,]{8,}/g,
  // Tokens that say by their beginning what they are: GitHub, GitLab, Slack, AWS, JSON Web Token, Tailscale, OpenAI.
  /()\b(?:gh[opsur]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{8,}|A[KS]IA[0-9A-Z]{16}|eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?|tskey-[\w-]{8,}|sk-[\w-]{16,})/g,
  /(\b(?:Bearer|Basic)[ \t]+)[\w.~+/=-]{6,}/gi,
  /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*:)[^\s"'@]+(?=@)/gi,
  // A token alone in an address: "https://TOKEN@host".
  /(\bhttps?:\/\/)[^\s/:@"']{8,}(?=@)/gi,
  // Headers, of curl and wget as well: "Authorization: token …", "X-Api-Key: …", "Cookie: …".
  /(\b(?:proxy-)?authorization["']?[ \t]*[:=][ \t]*["']?(?:(?!\*)[\w-]+[ \t]+)?)[^\s"'\\]+/gi,
  /(\b(?:x-[\w-]*(?:key|auth|token)|(?:set-)?cookie):[ \t]*)[^\n"']+/gi,
  // "user:password" behind -u and --user: curl, wget, smbclient (USER%PASSWORD), skopeo.
  /((?:^|\s)(?:-u|-U|--(?:proxy-)?user|--creds|--(?:src|dest)-creds)(?:[ \t]+|=|(?=\S))\\?["']?[^\s"':%]*[:%])(?!\d+(?:\s|$))[^\s"']+/gm,
  // Passwords that stick to their option, of programs that are known for it.
  new RegExp(
    String.raw`(\b(?:mysql(?:dump|admin|import|check)?|mariadb(?:-\w+)?|7z[ar]?|sshpass)\b[^\n;|&]*?[ \t]-p)(?:[ \t]*(?<=sshpass[^\n;|&]*))?(?![ \t]|$)${word}`,
    'gm',
  ),
  new RegExp(String.raw`(\bsshpass[ \t]+(?:-[efv]\S*[ \t]+)*-p[ \t]+)${word}`, 'g'),
  new RegExp(
    String.raw`(\b(?:(?:docker|podman|helm|skopeo|buildah)[ \t]+(?:registry[ \t]+)?login|az|oc|vault|redis-cli|ipmitool|ldap\w+|mosquitto_\w+|mongo(?:sh|dump)?)\b[^\n;|&]*?[ \t]-(?:p|a|w|P)[ \t]+)${word}`,
    'g',
  ),
  new RegExp(String.raw`(\bopenssl[ \t][^\n]*?\bpass:)${word}`, 'g'),
  new RegExp(
    String.raw`(\bopenssl[ \t]+passwd\b(?:[ \t]+-(?:\d|apr1|salt[ \t]+\S+))*[ \t]+)(?!-)${word}`,
    'g',
  ),
  new RegExp(
    String.raw`(\b(?:useradd|usermod|mkpasswd)\b[^\n;|&]*?[ \t](?:-p|--password)(?:[ \t]+|=))${word}`,
    'g',
  ),
  new RegExp(
    String.raw`(--?(?:[a-z][a-z-]*-)?(?:password|passwd|pass|passphrase|passcode|pwd|pw|token|secret|psk|(?:auth|api|access|secret|private)-?key)(?:[ \t]+|=))${word}`,
    'gi',
  ),
  assignment,
  /(\becho[ \t]+(?:-\w+[ \t]+)*)[^\n|]+?(?=[ \t]*\|[ \t]*(?:sudo[ \t]+)?(?:passwd|cryptsetup|smbpasswd|sudo[ \t]+-S))/g,
];

/** "user:password", as chpasswd(8) reads them: in quotes, or up to a space. */
const accounts: readonly RegExp[] = [
  /(["'][a-z_][\w.-]*:)(?!\/\/)[^"'\n]+(?=["'])/gi,
  /((?:^|[\s"'<])(?!NOPASSWD:)[a-z_][\w.-]*:)(?!\/\/|\*{8})[^\s"'|]+/gim,
];

export function isSecretName(name: string): boolean {
  return secretName.test(name) || /authorization$/i.test(name);
}

/** Text without what looks like a secret: in shell lines, scripts, and whatever else is no YAML. */
export function maskedText(text: string): string {
  const all = /\bchpasswd\b/.test(text) ? [...rules, ...accounts] : rules;
  return replaced(maskedComments(text), all);
}

export function maskedComments(text: string): string {
  return replaced(text, comments);
}

function replaced(text: string, patterns: readonly RegExp[]): string {
  return patterns.reduce((masked, pattern) => masked.replace(pattern, `$1${mask}`), text);
}
