import type { FileHandle } from 'node:fs/promises';

const sector = 512;
/** Of a table: more would be a disk of several TiB, or a made-up header. */
const mostBytes = 256 * 1024;

/**
 * Where the furthest block of a sparse VMDK begins, by its grain tables (block/vmdk.c of QEMU).
 *
 * @returns bytes; undefined where the header has no table
 */
export async function vmdkReach(file: FileHandle, head: Buffer): Promise<number | undefined> {
  const grain = Number(head.readBigUInt64LE(20));
  const perTable = head.readUInt32LE(44);
  const directory = head.readBigUInt64LE(56);
  // All ones: the directory is told at the end of a file that was written in one go.
  if (grain === 0 || perTable !== 512 || directory === 0n || directory === 2n ** 64n - 1n) return undefined;
  const tables = Math.ceil(Number(head.readBigUInt64LE(12)) / grain / perTable);
  let furthest = Number(directory) + 1;
  for (const at of words(await read(file, Number(directory) * sector, tables * 4))) {
    if (at === 0) continue;
    // A grain of 1 is one of zeros.
    for (const place of words(await read(file, at * sector, perTable * 4)))
      furthest = Math.max(furthest, place);
    furthest = Math.max(furthest, at);
  }
  return furthest * sector;
}

/** The region table's name of the table of blocks: MS-VHDX 2.2.3. */
const blockTable = Buffer.from('6677c22d23f600429d64115e9bfd4a08', 'hex');
const regionTable = 192 * 1024;

/**
 * Where the furthest block of a VHDX begins, by its table of blocks.
 *
 * @returns bytes; undefined where the file tells of no such table
 */
export async function vhdxReach(file: FileHandle): Promise<number | undefined> {
  const regions = await read(file, regionTable, 4096);
  const at = regions.indexOf(blockTable);
  if (at < 0 || at + 32 > regions.length) return undefined;
  const start = Number(regions.readBigUInt64LE(at + 16));
  const entries = await read(file, start, regions.readUInt32LE(at + 24));
  let furthest = start;
  for (let index = 0; index + 8 <= entries.length; index += 8) {
    const entry = entries.readBigUInt64LE(index);
    // 6 and 7: it is there, whole or in part.
    if ((entry & 7n) >= 6n) furthest = Math.max(furthest, Number(entry & ~0xfffffn));
  }
  return furthest;
}

/** Bytes of a disk that has a GUID partition table: its copy is the last sector. Undefined for other disks. */
export function gptEnd(head: Buffer): number | undefined {
  if (head.length < 2 * sector || head.toString('latin1', sector, sector + 8) !== 'EFI PART')
    return undefined;
  return (Number(head.readBigUInt64LE(sector + 32)) + 1) * sector;
}

/** What is there of it. */
async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  if (!Number.isSafeInteger(at)) return Buffer.alloc(0);
  const wanted = Math.min(length, mostBytes);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, at);
  return buffer.subarray(0, bytesRead);
}

function* words(buffer: Buffer): Generator<number> {
  for (let at = 0; at + 4 <= buffer.length; at += 4) yield buffer.readUInt32LE(at);
}
