import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  earlyFiles,
  type ImageFiles,
  lateFiles,
  maskedGenerators,
  maskedUnits,
  packageFolder,
  pathsWithoutUse,
} from './image-files.js';
import { run, say } from './steps.js';

/** What Debian's own cloud images have, as far as a test can see it. */
const packages = [
  'linux-image-cloud-amd64',
  'systemd-sysv',
  'udev',
  'dbus',
  'cloud-init',
  'netplan.io',
  'iproute2',
  'openssh-server',
  'sudo',
  'locales',
  // The disk is larger than the image: its partition and file system grow at the first boot.
  'e2fsprogs',
  'cloud-guest-utils',
  // What the guest agent needs besides: the guest installs one package instead of three.
  'libnuma1',
  'liburing2',
];

/**
 * Fetched but not installed, as in Debian's cloud images: the guest has it only once the user-data that a test
 * gave has been read and followed.
 */
const packagesToOffer = ['qemu-guest-agent'];

/**
 * Unpacks and sets up Debian in `folder`/root, as root, and resolves to its path. Takes about 80 s on two cores.
 * @throws with the end of mmdebstrap's log.
 */
export async function makeRootSystem(folder: string): Promise<string> {
  await writeFiles(join(folder, 'early'), earlyFiles);
  const { release, sources } = await ownDistribution();
  say(`installing Debian ${release}`);
  // Everything that mmdebstrap mounts in the folder goes away with it, even when it is killed.
  await run(
    'unshare',
    [
      '--mount',
      'mmdebstrap',
      '--mode=root',
      '--format=directory',
      '--variant=minbase',
      `--include=${packages.join(',')}`,
      '--aptopt=Acquire::Retries "3"',
      '--aptopt=Acquire::Languages "none"',
      '--dpkgopt=force-unsafe-io',
      ...pathsWithoutUse.map((path) => `--dpkgopt=path-exclude=${path}`),
      // Hooks are text by mmdebstrap's definition; paths in them are relative to the folder.
      '--essential-hook=sync-in early /',
      `--customize-hook=mkdir "$1${packageFolder}" && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get --yes --download-only -o "Dir::Cache::archives=$1${packageFolder}" install ${packagesToOffer.join(' ')}`,
      release,
      'root',
      ...sources,
    ],
    { cwd: folder },
  );
  const root = join(folder, 'root');
  await writeFiles(root, lateFiles);
  await offerPackages(join(root, packageFolder));
  await removeTraces(root);
  await run('chroot', [root, 'systemctl', 'enable', 'systemd-networkd.service']);
  await run('chroot', [root, 'systemctl', 'mask', ...maskedUnits]);
  const generators = join(root, 'etc/systemd/system-generators');
  await mkdir(generators, { recursive: true });
  for (const name of maskedGenerators) await symlink('/dev/null', join(generators, name));
  return root;
}

/** The machine's own release, from where the machine itself gets its packages. */
async function ownDistribution() {
  const os = await readFile('/etc/os-release', 'utf8');
  const release = /^VERSION_CODENAME=(\w+)/m.exec(os)?.[1];
  if (!/^ID=debian$/m.test(os) || release === undefined)
    throw new Error('the guest image is made of Debian packages: this machine is no Debian');
  const folder = '/etc/apt/sources.list.d';
  const names = await readdir(folder).catch(() => []);
  const files = [
    '/etc/apt/sources.list',
    ...names.filter((name) => /\.(list|sources)$/.test(name)).map((name) => join(folder, name)),
  ];
  const texts = await Promise.all(files.map((path) => readFile(path, 'utf8').catch(() => '')));
  // Comments alone are no source.
  return { release, sources: files.filter((_, index) => /^(deb|Types)\b/m.test(texts[index] ?? '')) };
}

/** A flat repository: the packages of a folder and their index. */
async function offerPackages(folder: string): Promise<void> {
  await rm(join(folder, 'partial'), { recursive: true });
  await rm(join(folder, 'lock'));
  const entries: string[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const content = await readFile(path);
    const sum = createHash('sha256').update(content).digest('hex');
    const control = await run('dpkg-deb', ['--field', path]);
    entries.push(`${control.trimEnd()}\nFilename: ./${name}\nSize: ${content.length}\nSHA256: ${sum}\n`);
  }
  await writeFile(join(folder, 'Packages'), entries.join('\n'));
}

/** What was made while installing and must be each guest's own, or the host's. */
async function removeTraces(root: string): Promise<void> {
  const keys = (await readdir(join(root, 'etc/ssh'))).filter((name) => name.startsWith('ssh_host_'));
  for (const name of keys) await rm(join(root, 'etc/ssh', name));
  await rm(join(root, 'etc/resolv.conf'), { force: true });
  // The machine's mirrors: the guest would try each of them several times before it installs anything.
  const mirrors = join(root, 'etc/apt/sources.list.d');
  for (const name of await readdir(mirrors)) await rm(join(mirrors, name));
}

async function writeFiles(root: string, files: ImageFiles): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
  }
}
