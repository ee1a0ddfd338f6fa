import { blockSize } from './block-store.js';

/** What an image says of itself. */
export interface ImageFacts {
  readonly format: string;
  /** Bytes that the guest sees. */
  readonly capacity: number;
  readonly backing: Backing | undefined;
}

/** What an image stands on. */
export interface Backing {
  readonly path: string;
  readonly format: string;
}

const magic = 0x5146_49fb;
const version = 3;
const headerLength = 112;
const cluster = blockSize;
const clusterBits = 16;
/** Header extensions: the end of them, and the backing file's format. */
const Extension = { end: 0, backingFormat: 0xe279_2aca } as const;
/** Guest bytes behind one entry of the first table. */
const bytesPerEntry = (cluster / 8) * cluster;

/** Bytes of an image that holds nothing yet: header, two tables of references, and the first table. */
export function emptyImageLength(capacity: number): number {
  return 3 * cluster + 8 * Math.max(1, Math.ceil(capacity / bytesPerEntry));
}

/** The first cluster of an image, as `qemu-img create` writes it. */
export function imageHeader({
  capacity,
  backing,
}: {
  capacity: number;
  backing?: Backing | undefined;
}): Buffer {
  const header = Buffer.alloc(cluster);
  header.writeUInt32BE(magic, 0);
  header.writeUInt32BE(version, 4);
  header.writeUInt32BE(clusterBits, 20);
  header.writeBigUInt64BE(BigInt(capacity), 24);
  header.writeUInt32BE(Math.max(1, Math.ceil(capacity / bytesPerEntry)), 36);
  header.writeBigUInt64BE(BigInt(3 * cluster), 40);
  header.writeBigUInt64BE(BigInt(cluster), 48);
  header.writeUInt32BE(1, 56);
  // References are counted in 16 bits.
  header.writeUInt32BE(4, 96);
  header.writeUInt32BE(headerLength, 100);
  let offset = headerLength;
  if (backing !== undefined) {
    const format = Buffer.from(backing.format);
    header.writeUInt32BE(Extension.backingFormat, offset);
    header.writeUInt32BE(format.length, offset + 4);
    format.copy(header, offset + 8);
    offset += 8 + 8 * Math.ceil(format.length / 8);
  }
  offset += 8;
  if (backing !== undefined) {
    const path = Buffer.from(backing.path);
    header.writeBigUInt64BE(BigInt(offset), 8);
    header.writeUInt32BE(path.length, 16);
    path.copy(header, offset);
  }
  return header;
}

/** The clusters after the header of an image that holds nothing: each of its own is counted once. */
export function emptyTables(capacity: number): Buffer {
  const tables = Buffer.alloc(2 * cluster);
  tables.writeBigUInt64BE(BigInt(2 * cluster), 0);
  const clusters = Math.ceil(emptyImageLength(capacity) / cluster);
  for (let index = 0; index < clusters; index += 1) tables.writeUInt16BE(1, cluster + 2 * index);
  return tables;
}

/** Reads the beginning of a file; absent when it is no image of this kind. */
export function readImageHeader(header: Buffer): ImageFacts | undefined {
  if (header.length < headerLength || header.readUInt32BE(0) !== magic) return undefined;
  const capacity = Number(header.readBigUInt64BE(24));
  const start = Number(header.readBigUInt64BE(8));
  const length = header.readUInt32BE(16);
  const hasBacking = start > 0 && length > 0 && start + length <= header.length;
  const path = hasBacking ? header.toString('utf8', start, start + length) : '';
  return {
    format: 'qcow2',
    capacity,
    backing: path === '' ? undefined : { path, format: backingFormat(header, start) },
  };
}

function backingFormat(header: Buffer, end: number): string {
  let offset = header.readUInt32BE(4) >= version ? header.readUInt32BE(100) : 72;
  while (offset + 8 <= end) {
    const [type, length] = [header.readUInt32BE(offset), header.readUInt32BE(offset + 4)];
    if (type === Extension.end) break;
    if (type === Extension.backingFormat) return header.toString('utf8', offset + 8, offset + 8 + length);
    offset += 8 + 8 * Math.ceil(length / 8);
  }
  return 'raw';
}
