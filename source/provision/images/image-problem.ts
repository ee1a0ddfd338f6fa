import type { Inspection } from './magic.js';

/** What else than an image a file may turn out to be. */
export type OtherFormat = keyof typeof refusals;

const unpack = (program: string) => `Unpack it first: ${program} FILE`;

/** Why a file cannot be a disk's image, by what it is, and what to do. */
const refusals = {
  gzip: ['it is compressed (gzip)', unpack('gunzip')],
  xz: ['it is compressed (xz)', unpack('unxz')],
  zstd: ['it is compressed (zstd)', unpack('unzstd')],
  bzip2: ['it is compressed (bzip2)', unpack('bunzip2')],
  zip: ['it is an archive (zip)', unpack('unzip')],
  '7z': ['it is an archive (7z)', unpack('7z x')],
  rar: ['it is an archive (rar)', unpack('unrar x')],
  lz4: ['it is compressed (lz4)', unpack('unlz4')],
  tar: [
    'it is an archive (tar)',
    'Unpack it first: tar xf FILE. The disk of the machine is one of the files in it.',
  ],
  ova: [
    'it is an appliance (OVA), an archive of a disk and its description',
    'Unpack it and take its disk: tar xf FILE, then qemu-img convert -O qcow2 DISK.vmdk NEWFILE',
  ],
  cpio: ['it is an archive (cpio), as an initrd is one', 'Look for the image of the disk.'],
  package: ['it is a package of a distribution', 'The image may be in it: unpack it, and give the image.'],
  program: ['it is a program or a kernel (ELF)', 'Look for the image of the disk.'],
  squashfs: [
    'it is a squashfs, a root file system without a boot loader',
    'Look for the image of the whole disk.',
  ],
  script: ['it is a script', 'Look for the image of the disk.'],
  pdf: ['it is a document (PDF)', 'Look for the image of the disk.'],
  luks: [
    'it is encrypted (LUKS), and a guest on it would need the secret',
    'Make a plain one of it: cryptsetup open FILE NAME, then qemu-img convert -O qcow2 /dev/mapper/NAME NEWFILE',
  ],
  headless: [
    'it is qcow2 whose first bytes are damaged',
    'Get it again, and compare its checksum with the one of its site.',
  ],
  html: [
    'it is a web page and no image',
    'The address may lead to a page about the image: look for the file itself.',
  ],
  xml: ['it is an XML document and no image', 'The address may lead to an error of the site.'],
  text: [
    'it is text and no image',
    'It may be about the image, as a list of checksums is: look for the image.',
  ],
  qcow: ['it is of the old format qcow', 'Make a new file of it: qemu-img convert -O qcow2 FILE NEWFILE'],
  empty: ['it is empty', 'The download may have failed: get it again.'],
} satisfies Readonly<Record<string, readonly [message: string, hint: string]>>;

/** Why a file cannot be used, and what to do about it. */
export interface ImageProblem {
  readonly message: string;
  readonly hint: string;
  /** As in `Finding`. */
  readonly options?: string;
}

/** What is wrong with a file as the medium of an installer; undefined where it is one. */
export function mediumProblem(inspected: Inspection): ImageProblem | undefined {
  // Whether a disk is whole does not matter here.
  const { damage, ...rest } = inspected;
  const problem = readingProblem(inspected.format === 'iso' ? inspected : rest);
  if (problem !== undefined || inspected.format === 'iso') return problem;
  return {
    message: `it is no ISO 9660 image${inspected.format === 'raw' ? '' : ` but a disk (${inspected.format})`}`,
    hint: 'An installer is an ISO. A disk is taken as an image, or imported as it is.',
    options: '--image, --import',
  };
}

/** What is wrong with a file as the image of a disk; undefined where it is one. */
export function imageProblem(inspected: Inspection): ImageProblem | undefined {
  if (inspected.format !== 'iso') return readingProblem(inspected);
  return {
    message: 'it is an ISO, the medium of an installer, and no disk',
    hint: 'For a disk look for a cloud image, or take this one as the medium of an installer.',
    options: '--iso',
  };
}

/** What makes it doubtful that a file is the image of a disk that boots; undefined where nothing does. */
export function imageDoubt({ unbootable }: Inspection): ImageProblem | undefined {
  if (unbootable !== true) return undefined;
  return {
    message: 'it has no boot sector: it may be no image of a disk, and nothing would start from it',
    hint: 'Look for the image of the whole disk, not of one partition.',
  };
}

/** What keeps any use of a file from being made. */
export function readingProblem({ format, refersTo, damage }: Inspection): ImageProblem | undefined {
  if (format in refusals) {
    const [message, hint] = refusals[format as OtherFormat];
    return { message, hint };
  }
  if (refersTo === undefined && damage !== undefined) {
    return { message: damage, hint: 'Get it again, and compare its checksum with the one of its site.' };
  }
  if (refersTo === undefined) return undefined;
  return {
    message: `it stands on another file (${refersTo}), which the host would read`,
    hint: 'Make a file of its own: qemu-img convert -O qcow2 FILE NEWFILE',
  };
}
