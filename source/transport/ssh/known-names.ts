import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readSmallText } from '../../state/read-small-file.js';
import { isSshName } from './arguments.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Bytes of a file that is looked into. */
const largestFile = 1024 * 1024;
/** As ssh itself: READCONF_MAX_DEPTH of readconf.c. */
const deepestInclude = 16;
const mostFiles = 200;

/**
 * Hosts that ssh knows by name here: those of `Host` lines of its configuration, files that it includes too, then
 * those of known_hosts that are not hashed, with the port where it is another ("lab2:2222"). No patterns, no names
 * that ssh would not be called with. What cannot be read is left out.
 */
export async function knownSshNames(env: Environment): Promise<readonly string[]> {
  const home = env.HOME;
  if (home === undefined) return [];
  const own = join(home, '.ssh');
  const reader = new ConfigReader(home);
  await reader.read(join(own, 'config'), own, 0);
  await reader.read('/etc/ssh/ssh_config', '/etc/ssh', 0);
  const known = await Promise.all([join(own, 'known_hosts'), '/etc/ssh/ssh_known_hosts'].map(textOf));
  return [...new Set([...reader.names, ...known.flatMap(namesInKnownHosts)])];
}

/** The names in the text of a known_hosts file; of an entry with several ("lab2,10.0.0.2") the first. */
export function namesInKnownHosts(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [hosts = ''] = line.trim().split(/\s+/);
    // A CA's line ("@cert-authority") is of patterns, and a revoked key is of no host to go to.
    if (/^[#@|]/.test(hosts)) return [];
    const name = hosts.split(',').map(withoutBrackets).find(isPlain);
    return name === undefined ? [] : [name];
  });
}

/** "[lab2]:2222" is how the file writes another port than 22. */
function withoutBrackets(host: string): string {
  return host.replace(/^\[([^\]:]+)\]:(\d+)$/, '$1:$2');
}

function isPlain(name: string): boolean {
  return !/[*?!|]/.test(name) && isSshName('host', name);
}

class ConfigReader {
  readonly names = new Set<string>();
  readonly #home: string;
  #files = 0;

  constructor(home: string) {
    this.#home = home;
  }

  /** @param folder where a path of an Include begins that is not absolute */
  async read(path: string, folder: string, depth: number): Promise<void> {
    this.#files += 1;
    if (depth > deepestInclude || this.#files > mostFiles) return;
    for (const line of (await textOf(path)).split('\n')) {
      const [keyword = '', ...words] = wordsOf(line);
      if (keyword.toLowerCase() === 'host') {
        for (const name of words.filter(isPlain)) this.names.add(name);
      }
      if (keyword.toLowerCase() !== 'include') continue;
      for (const pattern of words) {
        const from = resolve(folder, pattern.replace(/^~(?=\/)/, this.#home));
        for (const file of await filesOf(from)) await this.read(file, folder, depth + 1);
      }
    }
  }
}

/** "Host=lab2 'nas'" as its words; what stands behind a # is a comment. */
function wordsOf(line: string): readonly string[] {
  const [, keyword = '', rest = ''] = /^\s*([a-z]+)(?:\s*=\s*|\s+)(.*)$/i.exec(line) ?? [];
  const words: string[] = [];
  for (const [, double, single, plain] of rest.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)) {
    if (plain?.startsWith('#')) break;
    words.push(double ?? single ?? plain ?? '');
  }
  return [keyword, ...words];
}

/** The files of a path that may have * and ? in its parts, in their order. */
async function filesOf(pattern: string): Promise<readonly string[]> {
  let found = ['/'];
  for (const part of pattern.split('/').filter((one) => one !== '')) {
    if (!/[*?]/.test(part)) {
      found = found.map((folder) => join(folder, part));
      continue;
    }
    const letters = part
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    // As the shell's own patterns, they match no hidden file.
    const fits = new RegExp(`^(?!\\.)${letters}$`);
    const names = await Promise.all(
      found.map(async (folder) =>
        (await readdir(folder).catch(() => []))
          .filter((name) => fits.test(name))
          .map((name) => join(folder, name)),
      ),
    );
    found = names.flat().sort();
  }
  return found;
}

function textOf(path: string): Promise<string> {
  return readSmallText(path, largestFile).catch(() => '');
}
