import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { openRegular } from '../../state/read-small-file.js';
import { bytes } from '../../text/size.js';
import { gptEnd, vhdxReach, vmdkReach } from './data-end.js';
import { extentsIn } from './data-files.js';
import type { OtherFormat } from './image-problem.js';
import { hasQcow2WithoutMagic, headerFault, qcow2Damage } from './qcow2.js';

/** Formats that QEMU reads, and CD-ROM images. */
export type ImageFormat = 'qcow2' | 'raw' | 'vmdk' | 'vdi' | 'vhdx' | 'vpc' | 'qed' | 'iso';

/** What a file is by its own bytes; its name says nothing. */
export interface Inspection {
  readonly format: ImageFormat | OtherFormat;
  /** Bytes that a guest sees; undefined where the header does not tell. */
  readonly virtualSize: number | undefined;
  /** Bytes of the file. */
  readonly size: number;
  /** Another file that it names, which a daemon would read. */
  readonly refersTo: string | undefined;
  /** What keeps it from being read, in words: it is cut off, damaged or encrypted. */
  readonly damage?: string | undefined;
  /** A raw disk of which no firmware would start anything: it lacks the signature of a boot sector. */
  readonly unbootable?: boolean;
}

interface Magic {
  readonly format: Inspection['format'];
  /** Bytes from the beginning. */
  readonly at: number;
  readonly bytes: Buffer;
  /** Gets `headLength` bytes, zeros where the file is shorter. */
  readonly read?: (head: Buffer) => Told;
}

type Told = Partial<Pick<Inspection, 'virtualSize' | 'refersTo'>>;

/** Bytes from which a format is known. */
export const headLength = 0x9000;

/** Compressed files, archives and pages come first: nothing in them is an image yet. */
const magics: readonly Magic[] = [
  { format: 'gzip', at: 0, bytes: Buffer.of(0x1f, 0x8b) },
  { format: 'xz', at: 0, bytes: Buffer.from('fd377a585a00', 'hex') },
  { format: 'zstd', at: 0, bytes: Buffer.from('28b52ffd', 'hex') },
  { format: 'bzip2', at: 0, bytes: Buffer.from('BZh') },
  { format: 'zip', at: 0, bytes: Buffer.from('PK\x03\x04') },
  { format: '7z', at: 0, bytes: Buffer.from('377abcaf271c', 'hex') },
  { format: 'rar', at: 0, bytes: Buffer.from('Rar!\x1a\x07') },
  { format: 'lz4', at: 0, bytes: Buffer.from('04224d18', 'hex') },
  { format: 'tar', at: 257, bytes: Buffer.from('ustar') },
  { format: 'cpio', at: 0, bytes: Buffer.from('07070') },
  { format: 'package', at: 0, bytes: Buffer.from('!<arch>\n') },
  { format: 'package', at: 0, bytes: Buffer.from('edabeedb', 'hex') },
  { format: 'program', at: 0, bytes: Buffer.from('\x7fELF', 'latin1') },
  { format: 'squashfs', at: 0, bytes: Buffer.from('hsqs') },
  { format: 'script', at: 0, bytes: Buffer.from('#!/') },
  { format: 'pdf', at: 0, bytes: Buffer.from('%PDF-') },
  { format: 'luks', at: 0, bytes: Buffer.from('LUKS\xba\xbe', 'latin1') },
  { format: 'qcow', at: 0, bytes: Buffer.from('QFI\xfb\0\0\0\x01', 'latin1') },
  { format: 'qcow2', at: 0, bytes: Buffer.from('QFI\xfb', 'latin1'), read: readQcow2 },
  { format: 'qed', at: 0, bytes: Buffer.from('QED\0'), read: readQed },
  { format: 'vmdk', at: 0, bytes: Buffer.from('KDMV'), read: readVmdk },
  // Such a file has no data at all, only a list of the files that have it.
  {
    format: 'vmdk',
    at: 0,
    bytes: Buffer.from('# Disk DescriptorFile'),
    read: (head) => ({ refersTo: extentsIn(head.toString('utf8'))[0] ?? unnamed }),
  },
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

const unnamed = 'one that is not named';

/** qcow2's header: docs/interop/qcow2 of QEMU. */
function readQcow2(head: Buffer): Told {
  const offset = u64(head, 8);
  const named = offset === 0 ? undefined : text(head, offset, head.readUInt32BE(16));
  // Incompatible feature bit 2: the data lies in another file.
  const external = head.readUInt32BE(4) >= 3 && (head.readUInt8(79) & 4) !== 0;
  return { virtualSize: u64(head, 24), refersTo: named ?? (external ? 'an external data file' : undefined) };
}

/** QED's header: docs/interop/qed_spec of QEMU. Feature bit 0: it has a backing file. */
function readQed(head: Buffer): Told {
  const overlay = (head.readUInt8(16) & 1) !== 0;
  const named = text(head, head.readUInt32LE(56), head.readUInt32LE(60));
  return { virtualSize: u64le(head, 48), refersTo: overlay ? named : undefined };
}

/**
 * A sparse extent has the descriptor inside: QEMU (block/vmdk.c) looks for the parent at 0x200, and opens the files
 * of the descriptor instead of this one where the capacity is 0.
 */
function readVmdk(head: Buffer): Told {
  const descriptor = head.toString('utf8', 0x200, 0x200 + 20 * 512);
  const parent = /parentFileNameHint\s*=\s*"([^"]*)"/.exec(descriptor)?.[1];
  const capacity = u64le(head, 12) * 512;
  const elsewhere = capacity === 0 && u64le(head, 28) !== 0;
  return {
    virtualSize: capacity,
    refersTo: parent ?? (elsewhere ? (extentsIn(descriptor)[0] ?? unnamed) : undefined),
  };
}

/** A name in a header; it may lie further in the file than what was read. */
function text(head: Buffer, offset: number, length: number): string {
  return head.subarray(offset, offset + length).toString('utf8') || unnamed;
}

function u64(head: Buffer, at: number): number {
  return Number(head.readBigUInt64BE(at));
}

function u64le(head: Buffer, at: number): number {
  return Number(head.readBigUInt64LE(at));
}

/** A page may begin with a byte order mark and comments. */
const page = /^(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head)/is;

type DamageTest = (file: FileHandle, head: Buffer, size: number) => Promise<string | undefined>;

/** What is looked at besides the first bytes. */
const damages: Partial<Readonly<Record<Inspection['format'], DamageTest>>> = {
  qcow2: qcow2Damage,
  // The header tells where the blocks begin, how large they are and how many there are.
  vdi: async (_, head, size) => {
    const end = head.readUInt32LE(0x158) + head.readUInt32LE(0x184) * head.readUInt32LE(0x178);
    return end > size ? cutOff(size, end) : undefined;
  },
  // A copy of the header is its end.
  vpc: async (file, head, size) => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, Math.max(size - 512, 0));
    const isThere = bytesRead === 512 && buffer.subarray(0, 8).equals(head.subarray(0, 8));
    return isThere ? undefined : 'it is cut off: the end of its format is missing';
  },
  iso: async (_, head, size) => {
    const end = head.readUInt32LE(0x8050) * head.readUInt16LE(0x8080);
    return end > size ? cutOff(size, end) : undefined;
  },
  // A description alone has its data in other files, and is refused for that.
  vmdk: async (file, head, size) =>
    head.toString('latin1', 0, 4) === 'KDMV' ? beyond(size, await vmdkReach(file, head)) : undefined,
  vhdx: async (file, _, size) => beyond(size, await vhdxReach(file)),
  raw: async (_, head, size) => {
    const end = gptEnd(head) ?? size;
    return end > size ? cutOff(size, end) : undefined;
  },
};

/** @param place where the last block begins */
function beyond(size: number, place = 0): string | undefined {
  return place < size
    ? undefined
    : `it is cut off: it has ${bytes(size)}, and tells of data at ${bytes(place)}`;
}

function cutOff(size: number, wanted: number): string {
  return `it is cut off: it has ${bytes(size)} of the ${bytes(wanted)} that it tells of itself`;
}

/** Printed characters and white space alone, in UTF-8: nothing boots from that. */
function isText(head: Buffer): boolean {
  return isUtf8(wholeCharacters(head)) && !/[^\P{Cc}\t\n\r\f]/u.test(head.toString('utf8'));
}

/** Without the beginning of a character that goes on beyond the end. */
function wholeCharacters(head: Buffer): Buffer {
  const tail = head.subarray(-3);
  const at = tail.findLastIndex((byte) => byte >= 0xc0);
  return at < 0 ? head : head.subarray(0, head.length - tail.length + at);
}

function nameInTar(head: Buffer): string {
  return head.toString('latin1', 0, 100).replace(/\0.*$/s, '');
}

/** What an image is by its first bytes alone, at most `headLength`: its size is theirs, and its tables are not looked at. */
export function inspectHead(head: Buffer): Inspection {
  const plain = { virtualSize: undefined, refersTo: undefined, size: head.length };
  if (head.length === 0) return { ...plain, format: 'empty' };
  const magic = magics.find(({ at, bytes }) => head.subarray(at, at + bytes.length).equals(bytes));
  if (magic !== undefined) {
    if (magic.format === 'tar' && /\.ovf$/i.test(nameInTar(head))) return { ...plain, format: 'ova' };
    const whole = Buffer.alloc(headLength);
    head.copy(whole);
    const { virtualSize, refersTo } = magic.read?.(whole) ?? {};
    const damage = magic.format === 'qcow2' ? headerFault(whole) : undefined;
    const told = { ...plain, virtualSize: virtualSize || undefined, refersTo, ...(damage && { damage }) };
    return { ...told, format: magic.format };
  }
  if (hasQcow2WithoutMagic(head)) return { ...plain, format: 'headless' };
  const beginning = head.subarray(0, 1024).toString('latin1');
  if (page.test(beginning)) return { ...plain, format: 'html' };
  if (beginning.trimStart().toLowerCase().startsWith('<?xml')) return { ...plain, format: 'xml' };
  return { ...plain, format: isText(head) ? 'text' : 'raw' };
}

/** Looks at a file's first bytes, and at its tables where it has some. @throws the system's error where it cannot be read */
export async function inspectImage(path: string): Promise<Inspection> {
  const file = await openRegular(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength), 0, headLength, 0);
    const seen = inspectHead(buffer.subarray(0, bytesRead));
    const damage = await damages[seen.format]?.(file, buffer, size);
    const told = { ...seen, size, ...(damage && { damage }) };
    if (seen.format === 'iso') return { ...told, virtualSize: size };
    if (seen.format !== 'raw') return told;
    // Disks for UEFI have one as well: the protective MBR of their GPT.
    return { ...told, virtualSize: size, unbootable: buffer.readUInt16BE(510) !== 0x55aa };
  } finally {
    await file.close();
  }
}
