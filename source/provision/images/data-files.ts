import { openRegular } from '../../state/read-small-file.js';

/** Header and descriptor lie in the first clusters. */
const headLength = 0x9000;
/** A split disk has one for every 2 GiB. */
const mostFiles = 4096;

/**
 * The other files that hold an image's data, as it names them: a qcow2's external data file (docs/interop/qcow2 of
 * QEMU), the extents of a VMDK. Its backing file is not among them.
 *
 * @throws the system's error where it cannot be read
 */
export async function dataFilesOf(path: string): Promise<readonly string[]> {
  const file = await openRegular(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength), 0, headLength, 0);
    const head = buffer.subarray(0, bytesRead);
    if (head.subarray(0, 4).equals(qcow2Magic)) return qcow2DataFile(head);
    if (head.subarray(0, 4).equals(sparseMagic)) {
      const elsewhere = head.length >= 36 && head.readBigUInt64LE(12) === 0n;
      return elsewhere ? extentsIn(head.toString('utf8', 0x200, 0x200 + 20 * 512)) : [];
    }
    const descriptor = head.toString('utf8');
    return descriptor.startsWith('# Disk DescriptorFile') ? extentsIn(descriptor) : [];
  } finally {
    await file.close();
  }
}

/** `RW 2048 FLAT "disk-flat.vmdk" 0` */
export function extentsIn(descriptor: string): readonly string[] {
  const lines = descriptor.matchAll(/^(?:RW|RDONLY|NOACCESS) \d+ \w+ "([^"]*)"/gm);
  return [...lines].slice(0, mostFiles).flatMap(([, name = '']) => (name === '' ? [] : [name]));
}

const qcow2Magic = Buffer.from('QFI\xfb', 'latin1');
const sparseMagic = Buffer.from('KDMV');
/** Of the header's extension that names the file: "DATA". */
const dataExtension = 0x44415441;

function qcow2DataFile(head: Buffer): readonly string[] {
  // Incompatible feature bit 2: the data lies in another file.
  if (head.length < 104 || head.readUInt32BE(4) < 3 || (head.readUInt8(79) & 4) === 0) return [];
  for (let at = head.readUInt32BE(100); at + 8 <= head.length; ) {
    const kind = head.readUInt32BE(at);
    const length = head.readUInt32BE(at + 4);
    if (kind === 0) break;
    if (kind === dataExtension) return [head.toString('utf8', at + 8, at + 8 + length)];
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return [];
}
