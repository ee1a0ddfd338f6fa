import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Hypervisor } from '../../../../source/libvirt/hypervisor.js';
import { type DiskSpec, domainXml } from '../../../../source/libvirt/xml/domain-definition-xml.js';
import { volumeXml } from '../../../../source/libvirt/xml/volume-xml.js';
import { DeletePane } from '../../../../source/tui/screens/delete-domain/delete-pane.js';
import type { Choice } from '../../../../source/tui/screens/delete-domain/delete-rows.js';
import { openDelete } from '../../../../source/tui/screens/delete-domain/open-delete.js';
import type { DomainSelection } from '../../../../source/tui/services/domain-action.js';
import { WizardBed } from '../new-vm/bed.js';

let bed: WizardBed;
const images = '/var/lib/libvirt/images';

const disk = (name: string, device: DiskSpec['device'] = 'disk'): DiskSpec => ({
  device,
  bus: device === 'disk' ? 'virtio' : 'scsi',
  source: { type: 'file', path: `${images}/${name}` },
  format: name.endsWith('.qcow2') ? 'qcow2' : 'raw',
});

async function define(hypervisor: Hypervisor, name: string, disks: readonly DiskSpec[]): Promise<void> {
  const seed = disks.some(({ device }) => device === 'cdrom') ? `${images}/${name}-seed.iso` : undefined;
  const machine = { virtType: 'kvm', arch: 'x86_64', machine: 'q35', vcpus: 1, memory: 2 ** 28 };
  const rest = { cpu: 'default', firmware: 'bios', interfaces: [] } as const;
  const noteMetadata = seed === undefined ? {} : { seed };
  await hypervisor.defineDomain(domainXml({ name, ...machine, ...rest, disks, noteMetadata }));
}

const selected = (...names: readonly string[]): DomainSelection[] => {
  const connection = bed.inventory.connection(bed.connectionId);
  return [...(connection?.domains.values() ?? [])]
    .filter(({ name }) => names.includes(name))
    .map((domain) => ({ connection, domain }) as DomainSelection);
};

/** own-1 on an image, with its seed and a disk that own-2 has as well. */
beforeEach(async () => {
  bed = await WizardBed.make({ columns: 110 });
  await bed.inventory.ask(bed.connectionId, async (hypervisor) => {
    const { pools, volumes } = hypervisor;
    const pool = await pools.lookup('default');
    const base = { path: `${images}/own-base.qcow2`, format: 'qcow2' };
    const capacity = 2 ** 30;
    await volumes.create(pool, volumeXml({ name: 'own-base.qcow2', capacity, format: 'qcow2' }));
    await volumes.create(pool, volumeXml({ name: 'own-1.qcow2', capacity, format: 'qcow2', backing: base }));
    await volumes.create(pool, volumeXml({ name: 'own-1-seed.iso', capacity, format: 'raw' }));
    await volumes.create(pool, volumeXml({ name: 'own-shared.raw', capacity, format: 'raw' }));
    await define(hypervisor, 'own-1', [
      disk('own-1.qcow2'),
      disk('own-shared.raw'),
      disk('own-1-seed.iso', 'cdrom'),
    ]);
    await define(hypervisor, 'own-2', [disk('own-shared.raw')]);
  });
  await bed.until(() => selected('own-1', 'own-2').length === 2);
});

afterEach(() => bed.end());

async function open(...names: readonly string[]): Promise<void> {
  const [first, ...more] = selected(...names);
  if (first === undefined) throw new Error('no such domain');
  await openDelete(bed.host, [first, ...more]);
  expect(bed.text()).toContain('Delete ');
}

const question = (): string => bed.ui.getState().question?.lines.join(' ') ?? '';

test('what goes is chosen already; what others use cannot be', async () => {
  await open('own-1');
  const text = bed.text();
  expect(text).toMatch(/\[x\] own-1\.qcow2 +disk, vda, 1 GiB, pool default/);
  expect(text).toMatch(/\[x\] own-1-seed\.iso +seed/);
  expect(text).toMatch(/\[ \] own-base\.qcow2 +base image/);
  expect(text).toMatch(/ {5}own-shared\.raw +disk, stays: used by domain own-2/);
});

test('after a question the domain goes with its volumes, and nothing else', async () => {
  const before = await bed.world();
  await open('own-1');
  bed.press('enter');
  expect(question()).toContain('Deleted with it, and what is in it lost: own-1.qcow2, own-1-seed.iso.');
  bed.press('y');
  await bed.shows('own-1: deleted, with 2 volumes');
  const gone = ['domain own-1', 'volume default/own-1-seed.iso', 'volume default/own-1.qcow2'];
  expect(await bed.world()).toEqual(before.filter((line) => !gone.includes(line)));
});

test('a volume that is left stays; no answer and Esc delete nothing', async () => {
  const before = await bed.world();
  await open('own-1');
  bed.press('space');
  expect(bed.text()).toMatch(/\[ \] own-1\.qcow2/);
  bed.press('enter', 'n', 'escape');
  expect(await bed.world()).toEqual(before);
  await open('own-1');
  bed.press('space', 'enter', 'y');
  await bed.shows('own-1: deleted, with 1 volume');
  expect(await bed.world()).toContain('volume default/own-1.qcow2');
});

test('a volume that cannot be deleted is told by its name, and why', async () => {
  await open('own-1');
  const message = 'the disk is on fire';
  bed.lab.faults.add({ fault: 'error', code: 38, procedure: 'STORAGE_VOL_DELETE', times: 1, message });
  bed.press('enter', 'y');
  await bed.shows('own-1: delete failed');
  const { notices } = bed.inventory.store.getState();
  expect(JSON.stringify(notices)).toContain('the domain is gone, but these stay: own-1.qcow2');
  expect(JSON.stringify(notices)).toContain(message);
});

test('several at once are named in the question, with those that are forced off', async () => {
  await bed.inventory.ask(bed.connectionId, async (hypervisor) =>
    hypervisor.start(await hypervisor.lookupDomain('own-2')),
  );
  await bed.until(() => selected('own-2').some(({ domain }) => domain.id !== -1));
  await open('own-1', 'own-2');
  bed.press('enter');
  expect(question()).toContain('own-1, own-2');
  expect(question()).toContain('Forced off first: own-2.');
  bed.press('y');
  await bed.until(() => selected('own-1', 'own-2').length === 0);
  expect(await bed.world()).toContain('volume default/own-base.qcow2');
});

test('the file with UEFI’s variables goes with it, stays by choice, and stays where somebody else has it', async () => {
  const [first, second] = selected('own-1', 'own-2');
  const choice = (one: DomainSelection | undefined, users: readonly string[]): Choice => {
    if (one === undefined) throw new Error('no such domain');
    const nvram = { path: `/var/lib/libvirt/qemu/nvram/${one.domain.name}_VARS.fd`, users };
    const removal = { domain: { ...one.domain }, volumes: [], nvram, elsewhere: [] };
    return { connectionId: bed.connectionId, removal, chosen: new Set(), keepNvram: false };
  };
  bed.panes.open(new DeletePane(bed.host, [choice(first, []), choice(second, ['domain web-9'])]));
  expect(bed.text()).toMatch(/\[x\] \S+own-1_VARS\.fd +NVRAM/);
  expect(bed.text()).toMatch(/ {6}\S+own-2_VARS\.fd +NVRAM, stays: used by domain web-9/);
  bed.press('enter');
  expect(question()).toContain('NVRAM that goes: /var/lib/libvirt/qemu/nvram/own-1_VARS.fd.');
  bed.press('n', 'g', 'down', 'space');
  expect(bed.text()).toMatch(/\[ \] \S+own-1_VARS\.fd +NVRAM/);
  bed.press('enter');
  expect(question()).not.toContain('NVRAM');
});
