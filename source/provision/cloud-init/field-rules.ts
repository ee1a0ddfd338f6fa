import { publicKeyProblem } from './public-key.js';
import type { CloudInit, Problem } from './request.js';
import { localeProblem, timezoneProblem } from './zones.js';

/** A label of a host's name (RFC 1123, 2.1). */
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/** What useradd takes on every distribution (shadow's own rule; Debian and Fedora each allow more). */
const accountName = /^[a-z_][a-z0-9_-]{0,31}$/;

/** Accounts and groups that images have: useradd refuses the name, or gives a daemon's account a shell. */
const takenNames = new Set(
  [
    'adm audio avahi backup bin cdrom chrony crontab cups daemon dbus dhcpcd dialout dip disk dnsmasq fax floppy',
    'ftp games gnats halt input irc kmem kvm libvirt-qemu list lock lp lpadmin mail man messagebus netdev news',
    'nobody nogroup ntp operator plugdev polkitd postfix proxy render sasl sgx shadow shutdown src sshd staff',
    'sudo sync sys syslog systemd-journal systemd-network systemd-oom systemd-resolve systemd-timesync tape',
    'tcpdump tss tty users utmp uucp uuidd video voice wheel www-data',
  ].flatMap((line) => line.split(' ')),
);

/** "name", "name=version" (apt), "name/release", "name@repository" (apk), "@group" (dnf). */
const packageName = /^@?[A-Za-z0-9][A-Za-z0-9.+_~:=/@-]{0,199}$/;

const sha512Crypt = /^\$6\$(?:rounds=[1-9]\d{3,8}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}$/;

/** What YAML cannot hold, or what would not stay on one line. */
const notOnOneLine = /[\0-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]|\p{Cs}/u;

export function hostProblems({ hostname, fqdn, instanceId }: CloudInit): Problem[] {
  const problems: Problem[] = [];
  const name = hostnameProblem(hostname);
  if (name !== undefined) problems.push({ field: 'hostname', ...name });
  if (fqdn !== undefined) {
    const message = fqdnProblem(fqdn, hostname);
    if (message !== undefined) {
      problems.push({ field: 'fqdn', message, hint: 'e.g. "web-1.example.org" for the host web-1' });
    }
  }
  // cloud-init keeps its state in a folder of that name.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(instanceId)) {
    problems.push({
      field: 'instanceId',
      message: 'an instance id has letters, digits, ".", "_" and "-", 128 at most',
    });
  }
  return problems;
}

function hostnameProblem(hostname: string): Omit<Problem, 'field'> | undefined {
  if (hostname === '') return { message: 'give it a host name' };
  if (hostname.includes('.')) {
    return { message: 'a host name has no dots', hint: 'give the name with its domain as the full name' };
  }
  if (hostname.length > 63) return { message: 'a host name has 63 characters at most' };
  if (!label.test(hostname)) {
    return { message: 'a host name has letters, digits and "-", and neither begins nor ends with "-"' };
  }
  if (/^localhost$/i.test(hostname)) {
    return { message: 'every machine calls itself localhost', hint: 'take another name' };
  }
  return undefined;
}

function fqdnProblem(fqdn: string, hostname: string): string | undefined {
  const labels = fqdn.split('.');
  if (fqdn.length > 253) return 'a full host name has 253 characters at most';
  if (!labels.every((part) => label.test(part))) {
    return 'each part of a full host name has letters, digits and "-", 63 at most';
  }
  if (/^\d+$/.test(labels.at(-1) ?? '')) return 'the last part of a full host name is no number';
  if (labels[0]?.toLowerCase() !== hostname.toLowerCase()) {
    return 'the full host name begins with the host name and a dot';
  }
  return labels.length > 1 ? undefined : 'a full host name has a domain';
}

export function accountProblems({ user }: CloudInit): Problem[] {
  if (user === undefined) return [];
  const problems: Problem[] = [];
  const name = accountProblem(user.name);
  if (name !== undefined) problems.push({ field: 'user.name', ...name });
  user.keys.forEach((key, index) => {
    const problem = publicKeyProblem(key);
    if (problem !== undefined) problems.push({ field: `user.keys.${index}`, ...problem });
  });
  if (user.passwordHash !== undefined && !sha512Crypt.test(user.passwordHash)) {
    problems.push({
      field: 'user.passwordHash',
      message: 'the password is not hashed by SHA-512 crypt ($6$…)',
      hint: '`openssl passwd -6` or `mkpasswd -m sha-512` makes one',
    });
  }
  if (user.shell !== undefined && !/^(?:\/[A-Za-z0-9._+-]+)+$/.test(user.shell)) {
    problems.push({ field: 'user.shell', message: 'a shell is a full path, e.g. /bin/bash' });
  }
  return problems;
}

function accountProblem(name: string): Omit<Problem, 'field'> | undefined {
  if (name === '') return { message: 'give the user a name' };
  if (name.length > 32) return { message: 'a user name has 32 characters at most' };
  if (!accountName.test(name)) {
    return {
      message: 'a user name has small letters, digits, "_" and "-", and begins with a letter or "_"',
      hint: /^[a-z0-9._-]+$/i.test(name) ? `e.g. "${suggestion(name)}"` : undefined,
    };
  }
  if (takenNames.has(name)) {
    return { message: `${name} is an account or a group of the system`, hint: 'take another name' };
  }
  return undefined;
}

function suggestion(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll('.', '-')
    .replace(/^[^a-z_]+/, '');
  return plain === '' ? 'user' : plain;
}

export function settingProblems({ timezone, locale }: CloudInit): Problem[] {
  const problems: Problem[] = [];
  const zone = timezone === undefined ? undefined : timezoneProblem(timezone);
  if (zone !== undefined) problems.push({ field: 'timezone', ...zone });
  const language = locale === undefined ? undefined : localeProblem(locale);
  if (language !== undefined) problems.push({ field: 'locale', ...language });
  return problems;
}

export function packageProblems({ packages, commands }: CloudInit): Problem[] {
  const problems: Problem[] = [];
  packages.forEach((name, index) => {
    const message = packageProblem(name);
    if (message !== undefined) problems.push({ field: `packages.${index}`, message });
  });
  commands.forEach((command, index) => {
    const problem = commandProblem(command);
    if (problem !== undefined) problems.push({ field: `commands.${index}`, ...problem });
  });
  return problems;
}

function packageProblem(name: string): string | undefined {
  if (name === '') return 'a package has a name';
  if (!packageName.test(name)) {
    return 'the name of a package has letters, digits and any of . + _ ~ : = / @ -';
  }
  return name.endsWith('-') ? 'a "-" at the end tells apt to remove the package' : undefined;
}

function commandProblem(command: string): Omit<Problem, 'field'> | undefined {
  if (command.trim() === '') return { message: 'a command is not empty' };
  if (notOnOneLine.test(command)) {
    return {
      message: 'a command is one line without control characters',
      hint: 'give several commands, or a script as your own user-data',
    };
  }
  return undefined;
}
