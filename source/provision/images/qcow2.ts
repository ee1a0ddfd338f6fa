import type { FileHandle } from 'node:fs/promises';
import { bytes } from '../../text/size.js';

/** Of the offsets in a table's entries; the rest of the bits are flags. */
const offsetMask = 0x00ff_ffff_ffff_fe00n;
/** Tables that are read: 2 TiB of clusters of 64 KiB. What a file has beyond that is not looked at. */
const mostTables = 4096;
/** Dirty, corrupt, external data file, compression type, extended L2 entries. */
const knownFeatures = 0b11111n;

interface Header {
  readonly clusterSize: number;
  readonly l1Size: number;
  readonly l1Offset: number;
  readonly refcountOffset: number;
  readonly refcountClusters: number;
  readonly virtualSize: number;
  /** Bytes of an entry of an L2 table. */
  readonly entry: number;
  /** Bits of the offset of a compressed cluster. */
  readonly compressedBits: bigint;
}

/**
 * What keeps QEMU from reading a qcow2 file: a broken header, tables or data beyond the end of the file. The layout is
 * that of docs/interop/qcow2 of QEMU; `qemu-img check` finds the same.
 *
 * @param size bytes of the file
 * @returns in words; undefined where nothing is wrong
 */
export async function qcow2Damage(file: FileHandle, head: Buffer, size: number): Promise<string | undefined> {
  if (size < 72) return 'it is cut off within its header';
  const broken = headerFault(head);
  if (broken !== undefined) return broken;
  const header = headerOf(head);
  const cut = `it is cut off: of its ${bytes(header.virtualSize)} a part lies beyond its end, at ${bytes(size)}`;
  const { clusterSize, l1Offset, l1Size, refcountOffset, refcountClusters } = header;
  if (l1Offset + l1Size * 8 > size || refcountOffset >= size) return cut;
  if (l1Size * (clusterSize / header.entry) * clusterSize < header.virtualSize)
    return 'it is damaged: its first table is too short for its size';
  const l1 = await entriesAt(file, l1Offset, l1Size * 8);
  const blocks = await entriesAt(
    file,
    refcountOffset,
    Math.min(refcountClusters * clusterSize, size - refcountOffset),
  );
  if ([...l1, ...blocks].some((one) => (one & offsetMask) >= BigInt(size))) return cut;
  const tables = l1.map((one) => Number(one & offsetMask)).filter((offset) => offset !== 0);
  for (const offset of tables.slice(0, mostTables)) {
    const table = await entriesAt(file, offset, Math.min(clusterSize, size - offset));
    if (endOf(table, header) > BigInt(size)) return cut;
  }
  return undefined;
}

/** A header that is whole but for its first bytes: a download that was glued together, or a disk's fault. */
export function hasQcow2WithoutMagic(head: Buffer): boolean {
  if (head.length < 104 || ![2, 3].includes(head.readUInt32BE(4))) return false;
  const { clusterSize, l1Offset, refcountOffset, l1Size } = headerOf(head);
  const isPlace = (offset: number): boolean => offset > 0 && offset % clusterSize === 0;
  return headerFault(head) === undefined && l1Size > 0 && isPlace(l1Offset) && isPlace(refcountOffset);
}

/** What is wrong with a header by itself, or that the image is encrypted. @param head its first 112 bytes at least */
export function headerFault(head: Buffer): string | undefined {
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) return `it is qcow2 of a version that QEMU does not know (${version})`;
  const bits = head.readUInt32BE(20);
  if (bits < 9 || bits > 21) return 'its header is damaged: the size of its clusters is none';
  const encryption = head.readUInt32BE(32);
  if (encryption > 2) return 'its header is damaged: its encryption is none';
  if (encryption !== 0) return 'it is encrypted, and a guest on it would need the secret';
  if (head.readUInt32BE(36) > 4 * 1024 ** 2) return 'its header is damaged: its first table has no size';
  if (head.readUInt32BE(56) === 0 || head.readUInt32BE(56) > 8 * 1024)
    return 'its header is damaged: its counts of references have no size';
  const features = featuresOf(head);
  if ((features & ~knownFeatures) !== 0n)
    return 'it needs a newer QEMU: its header tells of what is not known here';
  return (features & 2n) === 0n ? undefined : 'QEMU has marked it as corrupt';
}

function featuresOf(head: Buffer): bigint {
  return head.readUInt32BE(4) >= 3 ? head.readBigUInt64BE(72) : 0n;
}

function headerOf(head: Buffer): Header {
  const bits = Math.min(Math.max(head.readUInt32BE(20), 9), 21);
  return {
    clusterSize: 2 ** bits,
    virtualSize: Number(head.readBigUInt64BE(24)),
    l1Size: head.readUInt32BE(36),
    l1Offset: Number(head.readBigUInt64BE(40)),
    refcountOffset: Number(head.readBigUInt64BE(48)),
    refcountClusters: head.readUInt32BE(56),
    entry: (featuresOf(head) & 16n) === 0n ? 8 : 16,
    compressedBits: BigInt(62 - (bits - 8)),
  };
}

/** Where the last cluster of a table begins, or a compressed one ends at least; an uncompressed one may be short. */
function endOf(table: readonly bigint[], { entry, compressedBits }: Header): bigint {
  let end = 0n;
  for (let index = 0; index < table.length; index += entry / 8) {
    const one = table[index] ?? 0n;
    if (one === 0n) continue;
    const isCompressed = (one & (1n << 62n)) !== 0n;
    const start = isCompressed ? one & ((1n << compressedBits) - 1n) : one & offsetMask;
    if (start !== 0n && start + 1n > end) end = start + 1n;
  }
  return end;
}

async function entriesAt(file: FileHandle, offset: number, length: number): Promise<readonly bigint[]> {
  const { buffer, bytesRead } = await file.read(
    Buffer.alloc(Math.max(length, 0)),
    0,
    Math.max(length, 0),
    offset,
  );
  return Array.from({ length: Math.floor(bytesRead / 8) }, (_, index) => buffer.readBigUInt64BE(index * 8));
}
