import { open } from 'node:fs/promises';

/** Formats that QEMU reads, and CD-ROM images. */
export type ImageFormat = 'qcow2' | 'raw' | 'vmdk' | 'vdi' | 'vhdx' | 'vpc' | 'qed' | 'iso';
/** What else a file may turn out to be. */
export type OtherFormat = 'gzip' | 'xz' | 'zstd' | 'bzip2' | 'zip' | 'html' | 'xml' | 'empty';

/** What a file is by its own bytes; its name says nothing. */
export interface Inspection {
  readonly format: ImageFormat | OtherFormat;
  /** Bytes that a guest sees; undefined where the header does not tell. */
  readonly virtualSize: number | undefined;
  /** Bytes of the file. */
  readonly size: number;
  /** Another file that it names, which a daemon would read. */
  readonly refersTo: string | undefined;
}

interface Magic {
  readonly format: Inspection['format'];
  /** Bytes from the beginning. */
  readonly at: number;
  readonly bytes: Buffer;
  readonly read?: (head: Buffer) => Partial<Pick<Inspection, 'virtualSize' | 'refersTo'>>;
}

const headLength = 0x9000;

/** Compressed files, archives and pages come first: nothing in them is an image yet. */
const magics: readonly Magic[] = [
  { format: 'gzip', at: 0, bytes: Buffer.of(0x1f, 0x8b) },
  { format: 'xz', at: 0, bytes: Buffer.from('fd377a585a00', 'hex') },
  { format: 'zstd', at: 0, bytes: Buffer.from('28b52ffd', 'hex') },
  { format: 'bzip2', at: 0, bytes: Buffer.from('BZh') },
  { format: 'zip', at: 0, bytes: Buffer.from('PK\x03\x04') },
  { format: 'qcow2', at: 0, bytes: Buffer.from('QFI\xfb', 'latin1'), read: readQcow2 },
  { format: 'qed', at: 0, bytes: Buffer.from('QED\0') },
  { format: 'vmdk', at: 0, bytes: Buffer.from('KDMV'), read: (head) => ({ virtualSize: sectors(head, 12) }) },
  { format: 'vhdx', at: 0, bytes: Buffer.from('vhdxfile') },
  {
    format: 'vdi',
    at: 0x40,
    bytes: Buffer.from('7f10dabe', 'hex'),
    read: (head) => ({ virtualSize: u64le(head, 0x170) }),
  },
  { format: 'vpc', at: 0, bytes: Buffer.from('conectix'), read: (head) => ({ virtualSize: u64(head, 48) }) },
  { format: 'iso', at: 0x8001, bytes: Buffer.from('CD001') },
];

/** qcow2's header: docs/interop/qcow2 of QEMU. */
function readQcow2(head: Buffer): Partial<Inspection> {
  const offset = u64(head, 8) ?? 0;
  const length = head.readUInt32BE(16);
  const named = offset === 0 ? undefined : head.subarray(offset, offset + length).toString('utf8');
  // Incompatible feature bit 2: the data lies in another file.
  const external = head.readUInt32BE(4) >= 3 && (head.readUInt8(79) & 4) !== 0;
  return { virtualSize: u64(head, 24), refersTo: named ?? (external ? 'an external data file' : undefined) };
}

function u64(head: Buffer, at: number): number | undefined {
  return head.length < at + 8 ? undefined : Number(head.readBigUInt64BE(at));
}

function u64le(head: Buffer, at: number): number | undefined {
  return head.length < at + 8 ? undefined : Number(head.readBigUInt64LE(at));
}

function sectors(head: Buffer, at: number): number | undefined {
  const count = u64le(head, at);
  return count === undefined ? undefined : count * 512;
}

/** Looks at a file's first bytes. @throws the system's error where it cannot be read */
export async function inspectImage(path: string): Promise<Inspection> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength), 0, headLength, 0);
    const head = buffer.subarray(0, bytesRead);
    const plain = { virtualSize: undefined, refersTo: undefined, size };
    if (size === 0) return { ...plain, format: 'empty' };
    const magic = magics.find(({ at, bytes }) => head.subarray(at, at + bytes.length).equals(bytes));
    if (magic !== undefined) {
      const told = head.length < 512 ? {} : magic.read?.(head);
      return {
        ...plain,
        ...(magic.format === 'iso' && { virtualSize: size }),
        ...told,
        format: magic.format,
      };
    }
    const text = head.subarray(0, 512).toString('latin1').trimStart().toLowerCase();
    if (/^<(!doctype html|html|head)/.test(text)) return { ...plain, format: 'html' };
    if (text.startsWith('<?xml')) return { ...plain, format: 'xml' };
    return { ...plain, virtualSize: size, format: 'raw' };
  } finally {
    await file.close();
  }
}

const unpack = (program: string) => `Unpack it first: ${program} FILE`;

/** Why a file cannot be a disk's image, by what it is, and what to do. */
const refusals: Readonly<Record<OtherFormat, readonly [message: string, hint: string]>> = {
  gzip: ['it is compressed (gzip)', unpack('gunzip')],
  xz: ['it is compressed (xz)', unpack('unxz')],
  zstd: ['it is compressed (zstd)', unpack('unzstd')],
  bzip2: ['it is compressed (bzip2)', unpack('bunzip2')],
  zip: ['it is an archive (zip)', unpack('unzip')],
  html: [
    'it is a web page and no image',
    'The address may lead to a page about the image: look for the file itself.',
  ],
  xml: ['it is an XML document and no image', 'The address may lead to an error of the site.'],
  empty: ['it is empty', 'The download may have failed: get it again.'],
};

/** What is wrong with a file as an image; undefined where it is one. */
export function imageProblem({
  format,
  refersTo,
}: Inspection): { readonly message: string; readonly hint: string } | undefined {
  if (format in refusals) {
    const [message, hint] = refusals[format as OtherFormat];
    return { message, hint };
  }
  if (refersTo === undefined) return undefined;
  return {
    message: `it stands on another file (${refersTo}), which the host would read`,
    hint: 'Make a file of its own: qemu-img convert -O qcow2 FILE NEWFILE',
  };
}
