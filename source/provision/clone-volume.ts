import { isActive } from '../libvirt/domain-state.js';
import { LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import { filePools, type PoolRef, type VolumeRef, wholeVolumeTimeout } from '../libvirt/storage.js';
import { copyBytes, receive, removeUnfinished } from '../libvirt/transfer.js';
import { type CloneSpec, cloneXml } from '../libvirt/xml/clone-xml.js';
import { describePool } from '../libvirt/xml/pool-xml.js';
import { describeVolume } from '../libvirt/xml/volume-xml.js';
import { usersNow } from './volume-holders.js';

/** What a person decides of a copy. */
export interface CloneWishes extends Omit<CloneSpec, 'files'> {
  readonly preallocateMetadata?: boolean | undefined;
  readonly reflink?: boolean | undefined;
}

/**
 * Copies a volume into a pool, its own or another one: what the original is now, the copy is. An overlay stands on
 * the same volume afterwards, unless it is to be flattened. Takes as long as the storage does, and for an overlay
 * as long as its own bytes take through this machine: libvirt's copy of an overlay is always flat, whatever its
 * XML asks for (`qemu-img convert` is told no backing file; found in libvirt 9.0).
 *
 * @throws LibvirtError
 */
export async function cloneVolume(
  hypervisor: Hypervisor,
  volume: VolumeRef,
  into: PoolRef,
  { preallocateMetadata, reflink, ...spec }: CloneWishes,
  signal?: AbortSignal,
): Promise<VolumeRef> {
  const { pools, volumes } = hypervisor;
  const [original, poolText] = await Promise.all([
    volumes.xml(volume, { signal }),
    pools.xml(into, { signal }),
  ]);
  const { format, backing } = describeVolume(original);
  const files = filePools.has(describePool(poolText).type);
  const same = spec.format === undefined || spec.format === format;
  const overlay = files && same && backing !== undefined && spec.flatten !== true;
  await refuseRunning(hypervisor, volume, overlay);
  if (overlay)
    return cloneOverlay(hypervisor, volume, into, original, cloneXml(original, { ...spec, files }), signal);
  if (backing !== undefined && spec.flatten !== true)
    throw new LibvirtError({
      kind: 'protocol',
      message: `${volume.name} stands on ${backing.path}: a copy ${files ? 'in another format' : 'on a device'} has to hold everything`,
      hint: 'Flatten it: --flatten, or "nothing" in the form.',
    });
  const xml = cloneXml(original, { ...spec, files });
  try {
    const how = { signal, preallocateMetadata, reflink, timeout: wholeVolumeTimeout };
    return await volumes.clone(into, xml, volume, how);
  } catch (error) {
    throw explained(error as LibvirtError, spec.name);
  }
}

/** A new overlay of the same kind with the bytes of the original in it. */
async function cloneOverlay(
  hypervisor: Hypervisor,
  volume: VolumeRef,
  into: PoolRef,
  original: string,
  xml: string,
  signal: AbortSignal | undefined,
): Promise<VolumeRef> {
  const { pools, volumes } = hypervisor;
  const { backing } = describeVolume(original);
  await refuseDataFile(hypervisor, volume, signal);
  const made = await volumes.create(into, xml, { signal });
  try {
    await copyBytes(hypervisor, volume, made, { signal });
    // The host finds out what is in it now: a base that was named by where its overlay lies is another one there.
    await pools.refresh(into, { signal });
    const stands = describeVolume(await volumes.xml(made, { signal })).backing?.path;
    if (stands === backing?.path) return made;
    throw new LibvirtError({
      kind: 'protocol',
      message: `the copy would stand on ${stands ?? 'nothing'}, and not on ${backing?.path ?? 'nothing'}`,
      hint: 'The original names its base by where it lies itself: clone it in its own pool, or flatten it.',
    });
  } catch (error) {
    const left = { reopen: undefined, resumable: false, byHand: undefined, reason: error };
    await removeUnfinished(hypervisor, made, left);
    throw error;
  }
}

/**
 * Bytes that change while they are read make no copy. libvirt's own fails on QEMU's lock, except of a raw volume.
 *
 * @param layer it stands on another one: a job of QEMU's may write to it, though its domain does not
 */
async function refuseRunning(hypervisor: Hypervisor, volume: VolumeRef, layer: boolean): Promise<void> {
  const running = (await hypervisor.listDomains()).filter(isActive);
  if (running.length === 0) return;
  const users = (await usersNow(hypervisor, volume, running)).flatMap(({ domain, writes }) =>
    writes || layer ? [domain] : [],
  );
  if (users.length === 0) return;
  throw new LibvirtError({
    kind: 'protocol',
    message: `${volume.name} is in use by the running domain ${[...new Set(users)].join(', ')}: a copy of it would be torn`,
    hint: 'Shut the domain down first.',
  });
}

/** The bytes of such an image name the file with its data: both would write into that one. */
async function refuseDataFile(
  hypervisor: Hypervisor,
  volume: VolumeRef,
  signal: AbortSignal | undefined,
): Promise<void> {
  const parts: Buffer[] = [];
  await receive(hypervisor, volume, { offset: 0, length: 80 }, signal, async (item) => {
    parts.push('data' in item ? Buffer.from(item.data) : Buffer.alloc(item.hole));
  });
  // qcow2 from version 3 on, incompatible feature bit 2: the data lies in another file.
  const head = Buffer.concat(parts);
  const isQcow2 = head.length >= 80 && head.toString('latin1', 0, 4) === 'QFI\xfb';
  if (!isQcow2 || head.readUInt32BE(4) < 3 || (head.readUInt8(79) & 4) === 0) return;
  throw new LibvirtError({
    kind: 'protocol',
    message: `the data of ${volume.name} lies in another file: a copy of it would write there too`,
    hint: 'Flatten it: --flatten, or "nothing" in the form.',
  });
}

/** What libvirt's message leaves open. */
function explained(error: LibvirtError, copy: string): LibvirtError {
  const { kind, message } = error;
  if (kind === 'aborted')
    return new LibvirtError({
      kind,
      message: `no longer waited for: the host may go on with it and leave ${copy} there`,
      cause: error,
    });
  // A pool that was refreshed knows that a volume is encrypted, and no longer with which secret.
  if (!/<secret.*encryption description/.test(message)) return error;
  return error.withHint(
    'libvirt no longer knows the secret of this volume. Download it and upload the file: that copy opens with the same passphrase.',
  );
}
