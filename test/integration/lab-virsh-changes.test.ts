import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { LabDomain } from '../../source/lab/world/domain.js';
import { DomainState } from '../../source/libvirt/domain-state.js';
import { openHypervisor } from '../../source/libvirt/open.js';
import { domainWhere } from '../lab/bed.js';
import { requires } from '../support/requirements.js';
import { isWell, rows, VirshEvents, virshBed } from './lab-virsh-bed.js';

/** libvirt's own client changes the lab, is refused in libvirt's words, and hears what others do. */

const bed = virshBed();

requires('libvirtd')('virsh changes', () => {
  it('power, and the world follows', async () => {
    const off = domainWhere(bed.lab, (d) => !d.active && !d.managedSave);
    expect(await bed.virsh('start', off.name)).toContain(`Domain '${off.name}' started`);
    expect(off.state).toBe(DomainState.running);
    await bed.virsh('suspend', off.name);
    expect(off.state).toBe(DomainState.paused);
    await bed.virsh('resume', off.name);
    expect(off.state).toBe(DomainState.running);
    await bed.virsh('reboot', off.name);
    await bed.virsh('destroy', off.name);
    expect([off.state, off.reason]).toEqual([DomainState.shutOff, 2]);
    const on = domainWhere(bed.lab, isWell);
    await bed.virsh('managedsave', on.name);
    expect([on.state, on.managedSave]).toEqual([DomainState.shutOff, true]);
    expect((await bed.virsh('domstate', '--reason', on.name)).trim()).toBe('shut off (saved)');
    await bed.virsh('start', on.name);
    expect((await bed.virsh('domstate', '--reason', on.name)).trim()).toBe('running (restored)');
    await bed.virsh('autostart', on.name);
    expect(on.autostart).toBe(true);
    await bed.virsh('autostart', '--disable', on.name);
    expect(on.autostart).toBe(false);
    const asleep = domainWhere(bed.lab, (d) => d.state === DomainState.pmSuspended);
    await bed.virsh('dompmwakeup', asleep.name);
    expect(asleep.state).toBe(DomainState.running);
  });

  it('definitions, which come back as they were given', async () => {
    const model = domainWhere(bed.lab, (d) => !d.active && d.definition.nics[0]?.kind === 'network');
    const xml = (await bed.virsh('dumpxml', '--inactive', model.name))
      .replaceAll(model.name, 'copy-of-it')
      .replace(/<uuid>.*<\/uuid>/, '<uuid>0e0e0e0e-1111-4222-8333-444444444444</uuid>')
      .replace(/<title>.*<\/title>/, '')
      .replace('<memory', '<title>Näme &amp; more</title>\n  <memory')
      .replace(/^\s*\n/gm, '');
    const file = join(bed.folder, 'copy.xml');
    writeFileSync(file, xml);
    await bed.virsh('define', file);
    const back = await bed.virsh('dumpxml', 'copy-of-it');
    const plain = (text: string) =>
      text
        .replace(/["']/g, '"')
        .replace(/\s+</g, '<')
        .trim()
        .replace(/<title>.*?<\/title>/, '');
    expect(plain(back)).toBe(plain(xml));
    expect(bed.lab.world.domainByName('copy-of-it')?.definition).toMatchObject({
      title: 'Näme & more',
      memory: model.definition.memory,
      disks: [{ source: '/var/lib/libvirt/images/copy-of-it.qcow2' }],
    });
    await bed.virsh('define', file);
    await bed.virsh('start', 'copy-of-it');
    expect(rows(await bed.virsh('domiflist', 'copy-of-it'))[0]?.[0]).toMatch(/^vnet\d+$/);
    await bed.virsh('undefine', 'copy-of-it');
    expect(bed.lab.world.domainByName('copy-of-it')?.persistent).toBe(false);
    await bed.virsh('destroy', 'copy-of-it');
    expect(bed.lab.world.domainByName('copy-of-it')).toBeUndefined();
    await bed.virsh('create', file);
    expect(bed.lab.world.domainByName('copy-of-it')).toMatchObject({ persistent: false, active: true });
  });

  it('titles, descriptions, metadata and memory', async () => {
    const domain = domainWhere(bed.lab, isWell);
    await bed.virsh('desc', domain.name, '--title', 'A new title');
    await bed.virsh('desc', domain.name, '--config', 'A longer text');
    await bed.virsh(
      'metadata',
      domain.name,
      'http://example.org/x',
      '--key',
      'my',
      '--set',
      "<owner name='me'/>",
    );
    expect(await bed.virsh('metadata', domain.name, 'http://example.org/x')).toContain("name='me'");
    expect((await bed.virsh('desc', domain.name, '--title')).trim()).toBe('A new title');
    expect(domain.definition.description).toBe('A longer text');
    const half = domain.definition.memory / 2;
    await bed.virsh('setmem', domain.name, `${half}`, '--live');
    await expect.poll(() => domain.balloon).toBe(half);
  });
});

requires('libvirtd')('virsh is refused', () => {
  it.each<[string, (d: LabDomain) => boolean, string]>([
    ['shutdown', (d) => !d.active, 'Requested operation is not valid: domain is not running'],
    ['destroy', (d) => !d.active, 'Requested operation is not valid: domain is not running'],
    ['reboot', (d) => !d.active, 'Requested operation is not valid: domain is not running'],
    ['resume', isWell, 'Requested operation is not valid: domain is already running'],
    [
      'autostart',
      (d) => !d.persistent,
      'Requested operation is not valid: cannot set autostart for transient domain',
    ],
    [
      'managedsave',
      (d) => !d.persistent,
      'Requested operation is not valid: cannot do managed save for transient domain',
    ],
    ['undefine', (d) => d.managedSave, 'Refusing to undefine while domain managed save image exists'],
    ['dompmwakeup', isWell, 'Unable to wake up: guest is not in suspended state'],
    [
      'domifaddr --source agent',
      (d) => d.state === DomainState.running && d.agent === 'disconnected',
      'Guest agent is not responding: QEMU guest agent is not connected',
    ],
  ])('%s, in libvirt’s words', async (command, test, message) => {
    const [verb = '', ...flags] = command.split(' ');
    await expect(bed.virsh(verb, domainWhere(bed.lab, test).name, ...flags)).rejects.toThrow(message);
  });

  it('what the lab does not have, as an older daemon would', async () => {
    await expect(bed.virsh('nodedev-list')).rejects.toThrow('unknown procedure');
    await expect(bed.virsh('domrename', domainWhere(bed.lab, (d) => !d.active).name, 'x')).rejects.toThrow();
    await expect(bed.virsh('dominfo', 'nobody')).rejects.toThrow("failed to get domain 'nobody'");
  });
});

requires('libvirtd')('virsh hears', () => {
  it('what others do, virsh or this program, in the order in which it happens', async () => {
    const events = new VirshEvents(bed, 'event', '--all');
    const [busy, off] = [
      domainWhere(bed.lab, isWell),
      domainWhere(bed.lab, (d) => !d.active && !d.managedSave && d.definition.agentInstalled),
    ];
    const hypervisor = await openHypervisor(bed.served.uri, { events: true });
    await events.ready('metadata-change', () => bed.virsh('desc', busy.name, 'hello'));
    await hypervisor.suspend(busy.wire);
    await events.hears('Suspended Paused');
    await bed.virsh('resume', busy.name);
    await events.hears('Resumed Unpaused');
    await hypervisor.start(off.wire);
    await events.hears(`agent-lifecycle' for domain '${off.name}': state: 'connected'`);
    await bed.virsh('shutdown', off.name);
    await events.hears('Stopped Shutdown');
    await hypervisor.close();
    const of = (name: string) =>
      events.heard
        .filter((line) => line.includes(`'${name}'`) && !line.includes('metadata'))
        .map((line) => line.replace(/^.*?'([\w-]+)' for domain '[^']*': /, '$1 '));
    expect(of(busy.name)).toEqual(['lifecycle Suspended Paused', 'lifecycle Resumed Unpaused']);
    expect(of(off.name)).toEqual([
      "agent-lifecycle state: 'disconnected' reason: 'domain started'",
      'lifecycle Resumed Unpaused',
      'lifecycle Started Booted',
      "agent-lifecycle state: 'connected' reason: 'channel event'",
      "agent-lifecycle state: 'disconnected' reason: 'channel event'",
      'lifecycle Shutdown Finished after guest request',
      'lifecycle Stopped Shutdown',
    ]);
    await events.end();
  });
});
