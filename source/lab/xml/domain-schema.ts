import { words } from '../../text/words.js';
import { LabError } from '../errors.js';
import { child, type XmlNode } from './tree.js';

/** virErrorNumber and virErrorDomain of a document that a schema does not allow. */
const invalidSchema = 92;
const fromXml = 5;

const domainElements: ReadonlySet<string> = new Set(
  words(`
  name uuid genid hwuuid title description metadata memory maxMemory currentMemory memoryBacking memtune
  numatune vcpu vcpus iothreads iothreadids defaultiothread cputune blkiotune resource bootloader
  bootloader_args sysinfo os clock features cpu pm on_poweroff on_reboot on_crash on_lockfailure perf idmap
  devices seclabel keywrap launchSecurity`),
);

const deviceElements: ReadonlySet<string> = new Set(
  words(`
  emulator disk controller filesystem lease interface input sound audio video graphics console parallel
  serial channel smartcard hub hostdev redirdev redirfilter memballoon watchdog rng tpm shmem memory nvram
  iommu panic vsock crypto`),
);

/**
 * Throws as libvirt does with VIR_DOMAIN_DEFINE_VALIDATE. Of its schema the lab knows the names of a domain's
 * elements and of its devices (libvirt 9.0).
 */
export function validateDomain(root: XmlNode): void {
  checkChildren(root, domainElements);
  checkChildren(child(root, 'devices'), deviceElements);
}

function checkChildren(parent: XmlNode | undefined, known: ReadonlySet<string>): void {
  for (const { tag } of parent?.children ?? []) {
    // Hypervisors' own namespaces have others, e.g. <qemu:commandline>.
    if (known.has(tag) || tag.includes(':')) continue;
    throw new LabError(
      invalidSchema,
      fromXml,
      `XML document failed to validate against schema: Unable to validate doc against /usr/share/libvirt/schemas/domain.rng\nElement ${parent?.tag} has extra content: ${tag}\n`,
    );
  }
}
