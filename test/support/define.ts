import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PrivateLibvirtd } from './private-libvirtd.js';

/** Has virsh define a domain from its XML. The file is the daemon's: virsh reads it, as a person would have it. */
export async function defineDomain(
  daemon: PrivateLibvirtd,
  xml: string,
  uri = daemon.testUri,
): Promise<void> {
  const name = /<name>(.*?)<\/name>/.exec(xml)?.[1] ?? 'unnamed';
  const file = join(daemon.folder, `define-${name}.xml`);
  await writeFile(file, xml, { mode: 0o644 });
  const { exitCode, stderr } = await daemon.virsh(['define', file], { uri });
  if (exitCode !== 0) throw new Error(`virsh define ${name}: ${stderr}`);
}
