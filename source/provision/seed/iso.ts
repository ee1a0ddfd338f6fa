import { constants } from 'node:fs';
import { access, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join, normalize, resolve, sep } from 'node:path';
import { ExecaError, execa } from 'execa';
import { writeAtomically } from '../../state/atomic-write.js';
import type { SeedFiles } from '../cloud-init/seed-files.js';
import { inPrivateFolder } from './private-folder.js';
import { SeedError } from './seed-error.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** A program that writes ISO 9660. */
export interface IsoTool {
  readonly name: 'xorriso' | 'genisoimage' | 'mkisofs';
  readonly path: string;
  /** What comes before the options of mkisofs, which all of them take. */
  readonly prefix: readonly string[];
}

const tools: readonly Pick<IsoTool, 'name' | 'prefix'>[] = [
  { name: 'xorriso', prefix: ['-as', 'mkisofs'] },
  { name: 'genisoimage', prefix: [] },
  { name: 'mkisofs', prefix: [] },
];

/** What is to be installed where there is none. */
export const isoToolHint =
  'install one: `apt install xorriso` or genisoimage (Debian, Ubuntu), `dnf install xorriso` (Fedora), ' +
  '`pacman -S libisoburn` (Arch)';

/** The first of the tools in PATH. */
export async function findIsoTool(env: Environment): Promise<IsoTool | undefined> {
  const folders = (env.PATH ?? '').split(delimiter).filter(isAbsolute);
  for (const tool of tools) {
    for (const folder of folders) {
      const path = join(folder, tool.name);
      if (await isExecutable(path)) return { ...tool, path };
    }
  }
  return undefined;
}

/**
 * Writes the seed as an ISO 9660 image with Rock Ridge and Joliet names. Nobody but the owner can read it or
 * the files that it is made of, at no time. `target` is there as a whole or not at all.
 *
 * @throws SeedError where there is no tool, or it fails; the signal's reason once that is aborted
 */
export async function makeSeedIso(
  { label, files }: SeedFiles,
  target: string,
  { signal, env }: { readonly signal: AbortSignal; readonly env: Environment },
): Promise<void> {
  signal.throwIfAborted();
  const tool = await findIsoTool(env);
  if (tool === undefined) {
    throw new SeedError('there is no program on this machine that makes an ISO image', isoToolHint);
  }
  await inPrivateFolder(env, async (folder) => {
    await writeTree(join(folder, tree), files, signal);
    // The tools keep the mode of a file that is there.
    await (await open(join(folder, image), 'wx', 0o600)).close();
    await run(tool, label, folder, { signal, env });
    // Copied, since the target may be on another file system.
    await writeAtomically(resolve(target), await readFile(join(folder, image)), { mode: 0o600 });
  });
}

/** Names in the working folder: the tool is given nothing that a person has named. */
const tree = 'tree';
const image = 'seed.iso';

async function writeTree(root: string, files: SeedFiles['files'], signal: AbortSignal): Promise<void> {
  await mkdir(root, { mode: 0o700 });
  for (const [path, contents] of files) {
    signal.throwIfAborted();
    const file = join(root, normalize(path));
    if (!file.startsWith(root + sep)) throw new RangeError(`a path that leads out of the seed: ${path}`);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, contents, { mode: 0o600, flag: 'wx' });
  }
}

async function run(
  { name, path, prefix }: IsoTool,
  label: SeedFiles['label'],
  cwd: string,
  { signal, env }: { readonly signal: AbortSignal; readonly env: Environment },
): Promise<void> {
  const options = ['-quiet', '-output', image, '-volid', label, '-joliet', '-rational-rock'];
  const charset = ['-input-charset', 'utf-8'];
  try {
    // -rational-rock: owner root, readable for all in the guest, where only root can mount it.
    await execa(path, [...prefix, ...options, ...charset, tree], {
      cwd,
      cancelSignal: signal,
      env: { ...env, LC_ALL: 'C' },
      extendEnv: false,
      stdin: 'ignore',
      forceKillAfterDelay: 2000,
    });
  } catch (error) {
    signal.throwIfAborted();
    const said = error instanceof ExecaError ? lastLines(String(error.stderr ?? '')) : '';
    const reason = said === '' ? (error as Error).message : said;
    throw new SeedError(`${name} could not make the seed: ${reason}`, undefined, { cause: error });
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join('; ');
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
