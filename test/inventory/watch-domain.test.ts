import { beforeEach, expect, test } from 'vitest';
import { DomainState } from '../../source/libvirt/domain-state.js';
import { LibvirtError } from '../../source/libvirt/errors.js';
import type { InterfaceAddress } from '../../source/libvirt/hypervisor.js';
import { Bed, settled } from './bed.js';
import type { FakeDomain } from './fake-host.js';

let bed: Bed;
let web: FakeDomain;

const xml = (title: string, agent = 'connected') => `<domain><title>${title}</title><devices>
  <interface type="network"><source network="default"/></interface>
  <channel><target type="virtio" name="org.qemu.guest_agent.0" state="${agent}"/></channel></devices></domain>`;

const at = (address: string): InterfaceAddress => ({
  interface: 'eth0',
  mac: undefined,
  family: address.includes(':') ? 'ipv6' : 'ipv4',
  address,
  prefix: 24,
});

beforeEach(async () => {
  bed = new Bed();
  web = bed.host.addRunning('web-1');
  bed.host.xml.set(web.uuid, xml('Shop'));
  bed.host.addresses.set('lease', [at('192.168.122.7')]);
  await bed.connect();
  bed.host.calls.length = 0;
});

const shown = () =>
  bed.domain('web-1').details?.addresses.map(({ address, source }) => `${address} ${source}`);
const looked = () => bed.host.calls.filter((call) => /web-1/.test(call));

test('nothing is asked of a domain until somebody looks, then once for all who do', async () => {
  await bed.clock.advance(4000);
  expect(looked()).toEqual([]);
  expect(bed.domain('web-1').details).toBeUndefined();
  const { revision } = bed.domain('web-1');
  const first = bed.inventory.watchDomain(bed.id, web.uuid);
  const second = bed.inventory.watchDomain(bed.id, web.uuid);
  await settled();
  expect(bed.domain('web-1').details?.title).toBe('Shop');
  expect(bed.domain('web-1').revision).toBeGreaterThan(revision);
  expect(looked()).toEqual(['xml web-1', 'agent web-1', 'lease web-1']);
  first();
  second();
  bed.inventory.watchDomain(bed.id, web.uuid);
  await settled();
  expect(looked()).toHaveLength(3);
});

test("the agent's addresses first, each once, none that lead nowhere", async () => {
  bed.host.addresses.set('agent', [at('127.0.0.1'), at('fe80::1'), at('2001:db8::7'), at('10.0.0.7')]);
  bed.host.addresses.set('lease', [at('10.0.0.7'), at('169.254.1.1'), at('192.168.122.7')]);
  bed.inventory.watchDomain(bed.id, web.uuid);
  await settled();
  expect(shown()).toEqual(['10.0.0.7 agent', '2001:db8::7 agent', '192.168.122.7 lease']);
});

test('the lease is shown while the agent takes its time', async () => {
  bed.inventory.watchDomain(bed.id, web.uuid)();
  await settled();
  const original = bed.host.link.interfaceAddresses;
  bed.host.link.interfaceAddresses = (domain, source) =>
    source === 'agent' ? new Promise(() => {}) : original(domain, source);
  bed.host.tell(web, 'started', 'booted');
  bed.inventory.watchDomain(bed.id, web.uuid);
  await settled();
  expect(shown()).toEqual(['192.168.122.7 lease']);
});

test('an agent that is not there is not asked', async () => {
  bed.host.xml.set(web.uuid, xml('Shop', 'disconnected'));
  bed.inventory.watchDomain(bed.id, web.uuid);
  await settled();
  expect(looked()).toEqual(['xml web-1', 'lease web-1']);
  bed.host.calls.length = 0;
  bed.host.xml.set(web.uuid, xml('Shop'));
  bed.host.emit({ type: 'agent', domain: web, connected: true });
  await settled();
  expect(looked()).toContain('agent web-1');
});

test('while it runs the addresses are asked for again, sooner as long as there are none', async () => {
  bed.host.addresses.clear();
  const stop = bed.inventory.watchDomain(bed.id, web.uuid);
  await bed.clock.advance(12_000);
  expect(bed.host.count('lease web-1')).toBe(3);
  expect(bed.host.count('xml web-1')).toBe(1);
  bed.host.addresses.set('lease', [at('192.168.122.9')]);
  await bed.clock.advance(5000);
  expect(shown()).toEqual(['192.168.122.9 lease']);
  await bed.clock.advance(60_000);
  expect(bed.host.count('lease web-1')).toBe(6);
  stop();
  await bed.clock.advance(120_000);
  expect(bed.host.count('lease web-1')).toBe(6);
});

test('an event that changes them brings the details up to date', async () => {
  bed.inventory.watchDomain(bed.id, web.uuid);
  await settled();
  bed.host.xml.set(web.uuid, xml('New title'));
  bed.host.emit({ type: 'metadata', domain: web });
  await settled();
  expect(bed.domain('web-1').details?.title).toBe('New title');
  expect(bed.host.count('lease web-1')).toBe(1);
  bed.host.become(web, DomainState.shutOff);
  bed.host.tell(web, 'stopped', 'shutdown');
  await settled();
  expect(shown()).toEqual([]);
});

test('an event while nobody looks is remembered until somebody does', async () => {
  bed.inventory.watchDomain(bed.id, web.uuid)();
  await settled();
  bed.host.xml.set(web.uuid, xml('Later'));
  bed.host.tell(web, 'defined', 'updated');
  await settled();
  expect(bed.host.count('xml web-1')).toBe(1);
  bed.inventory.watchDomain(bed.id, web.uuid);
  await settled();
  expect(bed.domain('web-1').details?.title).toBe('Later');
});

test('an answer that an event overtook is read again', async () => {
  bed.host.hold('domainXml');
  bed.inventory.watchDomain(bed.id, web.uuid);
  await settled();
  bed.host.xml.set(web.uuid, xml('Second'));
  bed.host.emit({ type: 'metadata', domain: web });
  bed.host.release('domainXml');
  await settled();
  expect(bed.domain('web-1').details?.title).toBe('Second');
});

test('what cannot be read is tried again, without haste', async () => {
  bed.host.failures.set('domainXml', new LibvirtError({ kind: 'libvirt', message: 'busy' }));
  bed.inventory.watchDomain(bed.id, web.uuid);
  await bed.clock.advance(20_000);
  expect(bed.host.count('xml web-1')).toBe(1);
  bed.host.failures.clear();
  await bed.clock.advance(10_000);
  expect(bed.domain('web-1').details?.title).toBe('Shop');
});

test('a reconnection reads them anew', async () => {
  bed.inventory.watchDomain(bed.id, web.uuid);
  await settled();
  bed.host.link.die();
  await settled();
  bed.host.xml.set(web.uuid, xml('Meanwhile'));
  await bed.clock.advance(1000);
  expect(bed.domain('web-1').details?.title).toBe('Meanwhile');
});

test('looking at what is not there is harmless', async () => {
  bed.inventory.watchDomain(bed.id, 'nobody')();
  bed.inventory.watchDomain('nowhere', web.uuid)();
  await settled();
  expect(looked()).toEqual([]);
});

test('a guest without address is asked every 5 s for two minutes, then every 30 s, and anew after a start', async () => {
  bed.host.addresses.clear();
  bed.inventory.watchDomain(bed.id, web.uuid);
  await settled();
  const asked = () => looked().filter((call) => call.startsWith('lease')).length;
  await bed.clock.advance(115_000);
  expect(asked()).toBe(24);
  await bed.clock.advance(120_000);
  expect(asked()).toBe(28);
  bed.host.tell(web, 'started', 'booted');
  await settled();
  await bed.clock.advance(10_000);
  expect(asked()).toBe(31);
});

test('details of many domains looked at in passing are kept for the newest of them only', async () => {
  const many = Array.from({ length: 250 }, (_, i) => bed.host.addRunning(`vm-${i}`));
  await bed.inventory.refresh();
  await settled();
  for (const { uuid } of many) {
    const stop = bed.inventory.watchDomain(bed.id, uuid);
    await settled();
    stop();
  }
  expect(bed.domain('vm-0').details).toBeUndefined();
  expect(bed.domain('vm-249').details).toBeDefined();
  expect(many.filter(({ name }) => bed.domain(name).details !== undefined)).toHaveLength(200);
});
