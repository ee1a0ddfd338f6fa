import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { layersBelow } from '../../source/provision/outer-layers.js';

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'virtdeck-layers-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** The beginning of a qcow2 whose data lies in another file. */
function qcow2With(dataFile: string): Buffer {
  const head = Buffer.alloc(4096);
  head.write('QFI\xfb', 'latin1');
  head.writeUInt32BE(3, 4);
  head.writeUInt8(4, 79);
  head.writeUInt32BE(104, 100);
  // Another extension comes first.
  head.writeUInt32BE(0x6803f857, 104);
  head.writeUInt32BE(3, 108);
  head.writeUInt32BE(0x44415441, 120);
  head.writeUInt32BE(Buffer.byteLength(dataFile), 124);
  head.write(dataFile, 128);
  return head;
}

const descriptor = `# Disk DescriptorFile
version=1
createType="twoGbMaxExtentFlat"
RW 4192256 FLAT "ü disk-f001.vmdk" 0
RW 2048 FLAT "disk-f002.vmdk" 0
`;

test.each([
  ['a qcow2 stands on its external data file', qcow2With('data ü.raw'), ['data ü.raw']],
  ['a VMDK stands on all its extents', descriptor, ['ü disk-f001.vmdk', 'disk-f002.vmdk']],
])('%s, whether libvirt knows it as a volume or not', async (_, contents, names) => {
  const at = await folder();
  const path = join(at, 'disk');
  await writeFile(path, contents);
  const wanted = names.map((name) => join(at, name));
  expect((await layersBelow([], new Set([path]))).get(path)).toEqual({ data: wanted, bases: [] });
  expect((await layersBelow([path], new Set())).get(path)).toMatchObject({ data: wanted });
});

test.each([
  ['short', Buffer.from('QFI\xfb\0\0\0\x03', 'latin1')],
  ['a list of extensions without an end', qcow2With('x').fill(0xff, 104)],
])('an image whose header is %s has no data elsewhere', async (_, contents) => {
  const path = join(await folder(), 'disk');
  await writeFile(path, contents);
  expect(await layersBelow([], new Set([path]))).toEqual(new Map());
});
