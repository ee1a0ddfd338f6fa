import { bytes } from '../text/size.js';
import type { BaseImage } from './base-image.js';
import { virtdeckLine } from './by-hand.js';
import { type HostFacts, holdsFiles, type PoolFacts, takesVolumes } from './host-facts.js';
import { volumeKey } from './journal.js';
import { diskFormat, volumeNames } from './new-volumes.js';
import type { Finding } from './plan.js';
import { nameProblem } from './request/names.js';
import type { VmRequest } from './request/vm-request.js';

/** @param left volumes of creations that were cut off, as `leftVolumes` tells them */
export function nameFindings(
  request: VmRequest,
  { domains }: HostFacts,
  pool: PoolFacts | undefined,
  connection: string | undefined,
  left: ReadonlySet<string>,
): readonly Finding[] {
  const { name, source, access } = request;
  const problem = nameProblem(name);
  if (problem !== undefined) return [{ level: 'error', field: 'name', message: problem }];
  const taken = domains.some((domain) => domain.name === name);
  const found: Finding[] = [];
  if (taken)
    found.push({
      level: 'error',
      field: 'name',
      message: `there is a domain ${name} already`,
      fix: 'Choose another name.',
    });
  if (pool === undefined) return found;
  const format = diskFormat(request, { kind: 'there', facts: pool, start: false });
  const names = volumeNames(name, format);
  const wanted = [
    ...(source.kind === 'import' ? [] : [names.disk]),
    ...(access === undefined ? [] : [names.seed]),
  ];
  for (const volume of pool.volumes.filter((one) => wanted.includes(one.name))) {
    const byHand = virtdeckLine(connection, 'vol', 'delete', pool.listing.name, volume.name);
    found.push({
      level: 'error',
      field: 'name',
      message: `the pool ${pool.listing.name} has a volume ${volume.name} already`,
      // Those of the domain are not to be deleted.
      fix: taken
        ? 'Choose another name.'
        : left.has(volumeKey(pool.listing.name, volume.name))
          ? 'A creation that was cut off has left it: virtdeck create --cleanup'
          : `Choose another name, or delete it: ${byHand}`,
    });
  }
  return found;
}

export function diskFindings(
  request: VmRequest,
  size: number,
  base: BaseImage | undefined,
  pool: PoolFacts | undefined,
): readonly Finding[] {
  const { source, disk } = request;
  const findings: Finding[] = [];
  if (source.kind === 'image' && base?.capacity !== undefined && size < base.capacity)
    findings.push({
      level: 'error',
      field: 'disk',
      message: `the image has ${Math.ceil(base.capacity / 1024 ** 2)} MiB: the disk cannot be smaller`,
    });
  if (disk?.allocation !== undefined && disk.allocation > size)
    findings.push({
      level: 'error',
      field: 'disk',
      part: 'disk.allocation',
      message: `more would be taken at once (${bytes(disk.allocation)}) than the disk has (${bytes(size)})`,
    });
  if (pool !== undefined && source.kind !== 'import' && !takesVolumes(pool))
    findings.push({
      level: 'error',
      field: 'pool',
      message: `disks in the pool ${pool.listing.name} (${pool.description.type}) are not offered here`,
      fix: 'Choose a pool of files (dir, fs, netfs) or of logical volumes.',
    });
  const files = pool === undefined || holdsFiles(pool);
  if (source.kind === 'image' && !files && base?.needs !== 0)
    findings.push({
      level: 'error',
      field: 'pool',
      message: `the pool ${pool?.listing.name} (${pool?.description.type}) holds devices: an image cannot be uploaded into it`,
      fix: 'Choose a pool of files, or upload the image to one and make the disk a full copy of it.',
      options: '--image POOL/VOLUME --copy',
    });
  if (source.kind === 'image' && disk?.mode !== 'copy' && (!files || disk?.format === 'raw'))
    findings.push({
      level: 'error',
      field: 'disk',
      part: 'disk.format',
      message: 'a disk that stands on an image is a qcow2 file',
      fix: 'Choose a pool of files and the format qcow2, or a full copy.',
      options: '--copy',
    });
  return findings;
}

export function spaceFor(requests: readonly VmRequest[], size: number, base: BaseImage | undefined) {
  const [request] = requests;
  const count = requests.length;
  const copies = request?.disk?.mode === 'copy' ? (base?.capacity ?? base?.needs ?? 0) : 0;
  const allocation = request?.disk?.allocation ?? 0;
  const later = request?.source.kind === 'import' ? 0 : size * count;
  return { now: (base?.needs ?? 0) + Math.max(copies, allocation) * count, later };
}

export function slowHost(took: number): Finding {
  return {
    level: 'warning',
    field: 'host',
    message: `libvirt took ${Math.round(took / 1000)} s to tell what QEMU can do`,
    fix: 'If /dev/kvm does not belong to the group kvm, libvirt probes QEMU at every question: chgrp kvm /dev/kvm; chmod 660 /dev/kvm',
  };
}
