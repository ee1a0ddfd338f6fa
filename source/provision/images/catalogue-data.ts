import type { CatalogueImage } from './catalogue.js';

const gib = 1024 ** 3;
const mib = 1024 ** 2;

type Arch = CatalogueImage['arch'];
/** How most distributions write the processor's name, and how Debian and Ubuntu do. */
const debianArch: Readonly<Record<Arch, string>> = { x86_64: 'amd64', aarch64: 'arm64' };
const archs: readonly Arch[] = ['x86_64', 'aarch64'];

/** What is the same for most of them. */
const usual = {
  aliases: [],
  firmware: 'any',
  minimumDisk: 5 * gib,
  minimumMemory: 512 * mib,
  agent: false,
} as const;

const forEach = (make: (arch: Arch) => CatalogueImage): readonly CatalogueImage[] => archs.map(make);

/** cloud.debian.org: genericcloud has the drivers of virtual machines only, generic those of real ones too. */
function debian(release: number, codename: string): readonly CatalogueImage[] {
  return (['genericcloud', 'generic'] as const).flatMap((variant) =>
    forEach((arch) => {
      const folder = `https://cloud.debian.org/images/cloud/${codename}/latest`;
      const common = variant === 'genericcloud';
      return {
        ...usual,
        id: `debian-${release}${common ? '' : '-generic'}`,
        name: `Debian ${release} (${codename})${common ? '' : ', drivers for real hardware'}`,
        aliases: [
          `debian${release}${common ? '' : '-generic'}`,
          ...(common ? [codename, `debian-${release}-genericcloud`] : []),
        ],
        arch,
        url: `${folder}/debian-${release}-${variant}-${debianArch[arch]}.qcow2`,
        checksum: { algorithm: 'sha512', url: `${folder}/SHA512SUMS` },
        user: 'debian',
        osId: `http://debian.org/debian/${release}`,
        minimumDisk: 3 * gib,
      };
    }),
  );
}

function ubuntu(release: string, codename: string): readonly CatalogueImage[] {
  const folder = `https://cloud-images.ubuntu.com/releases/${release}/release`;
  return forEach((arch) => ({
    ...usual,
    id: `ubuntu-${release}`,
    name: `Ubuntu ${release} LTS (${codename})`,
    aliases: [`ubuntu${release}`, codename],
    arch,
    url: `${folder}/ubuntu-${release}-server-cloudimg-${debianArch[arch]}.img`,
    checksum: { algorithm: 'sha256', url: `${folder}/SHA256SUMS` },
    user: 'ubuntu',
    osId: `http://ubuntu.com/ubuntu/${release}`,
    minimumMemory: 1 * gib,
  }));
}

/** The checksum file is named for the compose, the image for what is in it. */
function fedora(release: number, compose: string): readonly CatalogueImage[] {
  return forEach((arch) => {
    const folder = `https://download.fedoraproject.org/pub/fedora/linux/releases/${release}/Cloud/${arch}/images`;
    return {
      ...usual,
      id: `fedora-${release}`,
      name: `Fedora ${release} Cloud`,
      aliases: [`fedora${release}`],
      arch,
      url: `${folder}/Fedora-Cloud-Base-Generic-${release}-${compose}.${arch}.qcow2`,
      checksum: { algorithm: 'sha256', url: `${folder}/Fedora-Cloud-${release}-${compose}-${arch}-CHECKSUM` },
      user: 'fedora',
      osId: `http://fedoraproject.org/fedora/${release}`,
      minimumDisk: 6 * gib,
      minimumMemory: 1 * gib,
    };
  });
}

function rocky(release: number): readonly CatalogueImage[] {
  return forEach((arch) => {
    const file = `Rocky-${release}-GenericCloud-Base.latest.${arch}.qcow2`;
    const url = `https://dl.rockylinux.org/pub/rocky/${release}/images/${arch}/${file}`;
    return {
      ...usual,
      id: `rocky-${release}`,
      name: `Rocky Linux ${release}`,
      aliases: [`rocky${release}`, `rockylinux-${release}`],
      arch,
      url,
      checksum: { algorithm: 'sha256', url: `${url}.CHECKSUM` },
      user: 'rocky',
      osId: `http://rockylinux.org/rocky/${release}`,
      minimumDisk: 10 * gib,
      minimumMemory: 1.5 * gib,
    };
  });
}

function alma(release: number): readonly CatalogueImage[] {
  return forEach((arch) => {
    const folder = `https://repo.almalinux.org/almalinux/${release}/cloud/${arch}/images`;
    return {
      ...usual,
      id: `alma-${release}`,
      name: `AlmaLinux ${release}`,
      aliases: [`almalinux-${release}`, `almalinux${release}`],
      arch,
      url: `${folder}/AlmaLinux-${release}-GenericCloud-latest.${arch}.qcow2`,
      checksum: { algorithm: 'sha256', url: `${folder}/CHECKSUM` },
      user: 'almalinux',
      osId: `http://almalinux.org/almalinux/${release}`,
      minimumDisk: 10 * gib,
      minimumMemory: 1.5 * gib,
    };
  });
}

function suse(
  id: string,
  name: string,
  folders: Readonly<Record<Arch, string>>,
  file: string,
  osId: string,
): readonly CatalogueImage[] {
  return forEach((arch) => {
    const url = `https://download.opensuse.org/${folders[arch]}/${file}.${arch}-Cloud.qcow2`;
    return {
      ...usual,
      id,
      name,
      aliases: [`opensuse-${id}`, id.replace('-', '')],
      arch,
      url,
      checksum: { algorithm: 'sha256', url: `${url}.sha256` },
      user: 'opensuse',
      osId: `http://opensuse.org/opensuse/${osId}`,
      minimumMemory: 1 * gib,
    };
  });
}

const archUrl = 'https://geo.mirror.pkgbuild.com/images/latest/Arch-Linux-x86_64-cloudimg.qcow2';
const arch: CatalogueImage = {
  ...usual,
  id: 'arch',
  name: 'Arch Linux',
  aliases: ['archlinux'],
  arch: 'x86_64',
  url: archUrl,
  checksum: { algorithm: 'sha256', url: `${archUrl}.SHA256` },
  user: 'arch',
  osId: 'http://archlinux.org/archlinux/rolling',
};

function alpine(release: string, patch: number): CatalogueImage {
  const file = `generic_alpine-${release}.${patch}-x86_64-bios-cloudinit-r0.qcow2`;
  const url = `https://dl-cdn.alpinelinux.org/alpine/v${release}/releases/cloud/${file}`;
  return {
    ...usual,
    id: `alpine-${release}`,
    name: `Alpine Linux ${release}`,
    aliases: [`alpine${release}`, 'alpine'],
    arch: 'x86_64',
    url,
    checksum: { algorithm: 'sha512', url: `${url}.sha512` },
    user: 'alpine',
    osId: `http://alpinelinux.org/alpinelinux/${release}`,
    firmware: 'bios',
    minimumDisk: 1 * gib,
    minimumMemory: 256 * mib,
  };
}

/** The images that are known by name, in the order in which they are offered. */
export const catalogueData: readonly CatalogueImage[] = [
  ...debian(12, 'bookworm'),
  ...debian(13, 'trixie'),
  ...debian(11, 'bullseye'),
  ...ubuntu('26.04', 'resolute'),
  ...ubuntu('24.04', 'noble'),
  ...ubuntu('22.04', 'jammy'),
  ...fedora(44, '1.7'),
  ...fedora(43, '1.6'),
  ...rocky(10),
  ...rocky(9),
  ...rocky(8),
  ...alma(10),
  ...alma(9),
  ...alma(8),
  ...suse(
    'leap-16.0',
    'openSUSE Leap 16.0',
    { x86_64: 'distribution/leap/16.0/appliances', aarch64: 'distribution/leap/16.0/appliances' },
    'Leap-16.0-Minimal-VM',
    '16.0',
  ),
  ...suse(
    'tumbleweed',
    'openSUSE Tumbleweed',
    { x86_64: 'tumbleweed/appliances', aarch64: 'ports/aarch64/tumbleweed/appliances' },
    'openSUSE-Tumbleweed-Minimal-VM',
    'tumbleweed',
  ),
  arch,
  alpine('3.24', 1),
];
