import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Network } from '../../../../source/inventory/object-types.js';
import { LibvirtError } from '../../../../source/libvirt/errors.js';
import type { NetworkUpdate } from '../../../../source/libvirt/networks.js';
import { defaultNetworkXml } from '../../../../source/libvirt/xml/default-network-xml.js';
import { networkProblems } from '../../../../source/tui/screens/networks/network-form.js';
import type { HarnessOptions } from '../../manager-harness.js';
import { Bed, settle } from '../storage/bed.js';

let bed: Bed;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  bed.dispose();
  vi.useRealTimers();
});

function network(name: string, patch: Partial<Network> = {}): Network {
  return {
    name,
    uuid: `uuid-${name}`,
    connectionId: 'c1',
    active: true,
    autostart: true,
    persistent: true,
    xml: defaultNetworkXml.replace('default', name),
    leases: [],
    pending: undefined,
    ...patch,
  };
}

const second = `<network connections='2'><name>lab</name><forward mode='route' dev='eno1'/><bridge name='virbr7'/>
<domain name='lab.example'/><ip address='10.1.0.1' netmask='255.255.0.0'><dhcp>
<range start='10.1.0.10' end='10.1.255.250'/><host mac='52:54:00:aa:bb:cc' name='mail' ip='10.1.0.9'/></dhcp></ip>
<ip family='ipv6' address='fd00:1::1' prefix='64'/></network>`;

function open(networks: readonly Network[], options: HarnessOptions = {}): void {
  bed = new Bed(options);
  bed.connection.networks = { state: 'ready', items: networks, error: undefined };
  bed.press('enter', '2');
}

const performed = (): string[] => bed.inventory.calls.filter((call) => !/watch|ask/.test(call));

describe('the list', () => {
  test('shows what virsh net-list and net-info tell, while it is in view', () => {
    open([network('default'), network('lab', { xml: second, active: false, autostart: false })], {
      columns: 120,
      rows: 40,
    });
    expect(bed.line('default ')).toMatch(
      /● default +active +yes +nat +virbr0 +192\.168\.122\.0\/24 +192\.168\.122\.2 - 192\.168\.122\.254 +0/,
    );
    expect(bed.line('lab ')).toMatch(/○ lab +inactive +no +route +virbr7 +10\.1\.0\.0\/16/);
    expect(bed.inventory.calls).toContain('watch networks of c1');
    bed.press('1');
    expect(bed.inventory.calls).toContain('unwatch networks of c1');
  });

  test('on a host that is not connected a key of a network says so, and does nothing to the host', () => {
    open([network('default')]);
    bed.inventory.setStatus(bed.connection, { state: 'disconnected' });
    bed.press('D');
    expect(bed.message).toBe('stardust is not connected.');
    expect(bed.question).toBe('');
    expect(bed.lines.at(-1)).not.toMatch(/D delete|D remove/);
    expect(performed()).toEqual([]);
  });

  test('the summary tells of both families, and of leases', () => {
    open([network('lab', { xml: second })], { columns: 120, rows: 40 });
    expect(bed.text).toContain('route by eno1   bridge virbr7   domain lab.example');
    expect(bed.text).toContain('10.1.0.0/16   host 10.1.0.1   DHCP 10.1.0.10 - 10.1.255.250');
    expect(bed.text).toContain('fd00:1::/64   host fd00:1::1   no DHCP');
  });

  test('start, autostart act at once; stop and delete ask and name the network', async () => {
    open([network('default', { active: false })]);
    bed.press('s', 'A');
    expect(performed()).toEqual(['starting', 'changing']);
    bed.press('d');
    expect(bed.message).toBe('network default is not active');
    bed.press('D');
    expect(bed.question).toContain('Delete the network default?');
    bed.press('n');
    expect(performed()).toEqual(['starting', 'changing']);
    await settle();
  });

  describe('with active guests on it', () => {
    let done: string[];
    const guest = (name: string): string =>
      `<domain><name>${name}</name><devices><interface type='network'><mac address='52:54:00:00:00:01'/>
      <source network='default'/></interface></devices></domain>`;

    const openWithGuests = (patch: Partial<Network> = {}): void => {
      open([network('default', patch)], { columns: 120, rows: 40 });
      done = [];
      const say = (what: string) => async () => void done.push(what);
      const running = [1, 2].map((id) => ({ id, name: `web-${id}`, uuid: `u${id}`, state: 1 }));
      bed.inventory.hypervisor = {
        listDomains: async () => running as never,
        domainXml: async ({ name }) => guest(name),
        updateDevice: async ({ name }, xml) =>
          void done.push(`${name} ${/interface type="(\w+)"/.exec(xml)?.[1]}`),
        networks: {
          xml: async () => defaultNetworkXml,
          undefine: say('undefine'),
          stop: say('stop'),
          start: say('start'),
        } as never,
      };
    };

    test('stopping and deleting name them, and say that they stay cut off', async () => {
      openWithGuests();
      for (const letter of ['d', 'D']) {
        bed.press(letter);
        await settle();
        expect(bed.question).toContain('2 active guests: web-1, web-2.');
        expect(bed.question).toContain('They lose their link');
        if (letter === 'd')
          expect(bed.question).toContain('stay cut off when it is started again, until they are reattached');
        bed.press('n');
      }
      bed.press('D');
      await settle();
      bed.press('y');
      await settle();
      expect(done).toEqual(['undefine', 'stop']);
    });

    test('a transient one is gone, in the question and afterwards', async () => {
      openWithGuests({ persistent: false });
      bed.press('d');
      await settle();
      expect(bed.question).toContain('It is transient: it is gone then.');
      bed.press('y');
      await settle();
      expect(bed.text).toContain('network default: stopped, and gone: it was transient');
    });

    test('its start offers to plug them in again, by the other name of their bridge and back', async () => {
      openWithGuests({ active: false });
      bed.press('s');
      await settle();
      expect(bed.question).toContain('Reattach the guests of default?');
      expect(bed.question).toContain('Still cut off from it: 2 active guests: web-1, web-2.');
      bed.press('y');
      await settle();
      expect(done).toEqual(['start', 'web-1 bridge', 'web-1 network', 'web-2 bridge', 'web-2 network']);
      expect(bed.text).toContain('network default: its active guests are plugged in');
    });

    test('R plugs them in at any time, and says for whom it failed', async () => {
      openWithGuests();
      bed.inventory.hypervisor = {
        ...bed.inventory.hypervisor,
        updateDevice: async ({ name }) => {
          if (name === 'web-2') throw new LibvirtError({ kind: 'libvirt', message: 'no such tap' });
        },
      };
      bed.press('R');
      await settle();
      expect(bed.text).toContain('reattach guests failed: web-2: no such tap');
    });

    test('nothing is asked where nobody can tell who is on it', async () => {
      openWithGuests();
      bed.inventory.hypervisor = {
        ...bed.inventory.hypervisor,
        listDomains: async () => Promise.reject(new LibvirtError({ kind: 'closed', message: 'gone' })),
      };
      bed.press('d');
      await settle();
      expect(bed.question).toBe('');
      expect(bed.text).toContain('who is on it could not be found out: gone');
    });
  });

  test('the missing default network is offered, with its values, and made exactly so', async () => {
    open([network('lab', { xml: second })], { columns: 120, rows: 40 });
    expect(bed.text).toContain(
      'N creates the network default (virbr0, 192.168.122.0/24, DHCP .2 to .254, NAT)',
    );
    const made: string[] = [];
    bed.inventory.hypervisor = {
      networks: {
        define: async (xml: string) => {
          made.push(xml);
          return { name: 'default', uuid: 'x' };
        },
        setAutostart: async () => void made.push('autostart'),
        start: async () => void made.push('start'),
      } as never,
    };
    bed.press('N');
    await settle();
    expect(made).toEqual([defaultNetworkXml, 'autostart', 'start']);
  });

  test('a driver without networks, a list that fails, one that is on its way: each is said', () => {
    open([]);
    expect(bed.text).toContain('There is no network.');
    bed.connection.networks = { state: 'unsupported', items: [], error: undefined };
    expect(bed.text).toContain('This hypervisor has no virtual networks.');
    bed.connection.networks = { state: 'unread', items: [], error: undefined };
    expect(bed.text).toContain('Reading the networks');
    const error = new LibvirtError({ kind: 'timeout', message: 'no answer', hint: 'Look at the host.' });
    bed.connection.networks = { state: 'failed', items: [], error };
    expect(bed.text).toContain('could not be read: no answer');
    expect(bed.text).toContain('Look at the host.');
  });

  test('odd names do nothing, on a small screen too', () => {
    open([network('red\u001B[31m漢字'), network('z'.repeat(200))], { columns: 40, rows: 10 });
    expect(bed.text).not.toMatch(/\u001B/);
    expect(bed.text).toContain('漢字');
  });
});

describe('one network', () => {
  const lease = (address: string, mac: string, hostname?: string) => ({
    interface: 'virbr7',
    expires: 0,
    mac,
    family: 'ipv4' as const,
    address,
    prefix: 16,
    hostname,
    clientId: undefined,
  });

  function openOne(): void {
    open([network('lab', { xml: second, leases: [lease('10.1.0.20', '52:54:00:00:00:01', 'web-1')] })], {
      columns: 120,
      rows: 40,
    });
    bed.inventory.addDomain(bed.connection, { name: 'web-1' });
    bed.press('enter');
  }

  test('of 60,000 leases a key looks at none but those on the screen', () => {
    const address = (at: number) => `10.1.${at >> 8}.${at & 255}`;
    const leases = Array.from({ length: 60_000 }, (_, at) => {
      const one = lease(address((at * 7919) % 60_000), `52:54:00:00:${at >> 8}:${at & 255}`);
      return one;
    });
    let looked = 0;
    const big: Network = {
      ...network('lab', { xml: second }),
      get leases() {
        looked += 1;
        return leases;
      },
    };
    open([big], { columns: 120, rows: 40 });
    bed.press('enter');
    expect(bed.text).toContain('10.1.0.0 ');
    const before = looked;
    bed.press('down', 'pagedown', 'G');
    expect(bed.text).toContain(address(59_999));
    bed.press('up', 'g');
    expect(bed.text).toContain('10.1.0.1 ');
    expect(looked).toBe(before);
  });

  test('leases and static hosts are one list, joined to the domains', () => {
    openOne();
    expect(bed.line('10.1.0.9 ')).toMatch(/10\.1\.0\.9 +52:54:00:aa:bb:cc +mail +static/);
    expect(bed.line('10.1.0.20 ')).toMatch(/10\.1\.0\.20 +52:54:00:00:00:01 +web-1 +web-1 +without end/);
  });

  test('guests are joined by their MAC address, those without an address are listed too', async () => {
    openOne();
    const web = [...bed.connection.domains.values()][0];
    if (web) web.name = 'shop';
    bed.inventory.addDomain(bed.connection, { name: 'silent' });
    const card = (mac: string, network: string) =>
      `<interface type='network'><mac address='${mac}'/><source network='${network}'/></interface>`;
    bed.inventory.hypervisor = {
      domainXml: async ({ name }) =>
        `<domain><devices>${name === 'shop' ? card('52:54:00:00:00:01', 'lab') : card('52:54:00:00:00:02', 'lab') + card('52:54:00:00:00:03', 'other')}</devices></domain>`,
    };
    bed.inventory.changed({ list: true });
    expect(bed.text).toBeTruthy();
    await settle();
    expect(bed.line('10.1.0.20 ')).toMatch(/52:54:00:00:00:01 +shop +web-1/);
    expect(bed.line('silent')).toMatch(/no address yet +52:54:00:00:00:02 +silent/);
    expect(bed.text).not.toContain('52:54:00:00:00:03');
  });

  test('p pins the lease, x removes the static host after a question', async () => {
    openOne();
    const updates: NetworkUpdate[] = [];
    bed.inventory.hypervisor = {
      networks: { update: async (_: unknown, update: NetworkUpdate) => void updates.push(update) } as never,
    };
    bed.press('down', 'p');
    await settle();
    expect(updates[0]).toEqual({
      command: 'add-last',
      section: 'ip-dhcp-host',
      parentIndex: 0,
      xml: '<host mac="52:54:00:00:00:01" name="web-1" ip="10.1.0.20"/>',
    });
    bed.press('up', 'x');
    expect(bed.question).toContain('10.1.0.9');
    bed.press('y');
    await settle();
    expect(updates[1]).toMatchObject({ command: 'delete', parentIndex: 0 });
  });

  test('a new static host is checked at its fields', () => {
    openOne();
    bed.press('n', '"52:54"', 'tab', '"10.2.0.1"', 'tab');
    expect(bed.text).toContain('! write it like 52:54:00:12:34:56');
    expect(bed.text).toContain('! 10.2.0.1 is outside of the network');
  });
});

describe('a new network', () => {
  const values = {
    name: 'web',
    forward: 'nat',
    bridge: '',
    device: '',
    ipv4: '192.168.100.0/24',
    dhcp: 'yes',
    start: '',
    end: '',
    ipv6: '',
    domain: '',
    autostart: 'yes',
    started: 'yes',
  };
  const problem = (patch: Partial<typeof values>) =>
    networkProblems({ ...values, ...patch }, [network('lab', { xml: second })]).map(
      ({ field, message }) => `${field}: ${message}`,
    );

  beforeEach(() => {
    bed = new Bed();
  });

  test('bad input is refused at the field', () => {
    expect(problem({})).toEqual([]);
    expect(problem({ name: 'a/b' })).toEqual(['name: libvirt takes no slash in the name of a network']);
    expect(problem({ name: 'lab' })[0]).toContain('already');
    expect(problem({ ipv4: '192.168.1.0' })[0]).toContain('is no network');
    expect(problem({ ipv4: '10.1.77.0/24' })).toEqual(['ipv4: 10.1.0.0/16 belongs to the network lab']);
    expect(problem({ ipv4: '192.168.100.0/31' })[0]).toContain('no sensible number');
    expect(problem({ ipv6: 'fd00:1::/64' })[0]).toContain('belongs to the network lab');
    expect(problem({ start: '192.168.101.5' })).toEqual([
      'start: 192.168.101.5 is outside of 192.168.100.0/24',
    ]);
    expect(problem({ start: '192.168.100.90', end: '192.168.100.80' })[0]).toContain('before it begins');
    expect(problem({ start: '192.168.100.90', end: '192.168.100.90' })).toEqual([]);
    expect(problem({ bridge: 'virbr7' })).toEqual(['bridge: virbr7 belongs to the network lab']);
    expect(problem({ bridge: 'a-name-that-is-too-long' })[0]).toContain('at most 15');
    expect(problem({ domain: 'no good' })[0]).toContain('lab.example');
    expect(problem({ forward: 'bridge' })).toEqual(['bridge: name the bridge of the host']);
  });

  test('what this machine reaches otherwise is refused for networks on it', () => {
    const routes = [
      { device: 'eth0', subnet: '192.168.0.0/16' },
      { device: 'virbr7', subnet: '172.16.0.0/16' },
    ];
    const others = [network('lab', { xml: second })];
    const messages = (ipv4: string) =>
      networkProblems({ ...values, ipv4 }, others, routes).map(({ message }) => message);
    expect(messages('192.168.100.0/24')).toEqual(['the host reaches 192.168.0.0/16 by eth0 already']);
    // The bridge of a network is told by the network itself.
    expect(messages('172.16.5.0/24')).toEqual([]);
  });

  test('the form makes it, started, with the XML shown before', async () => {
    open([], { columns: 120, rows: 40 });
    const made: string[] = [];
    bed.inventory.hypervisor = {
      networks: {
        define: async (xml: string) => {
          made.push(xml);
          return { name: 'web', uuid: 'x' };
        },
        start: async () => void made.push('start'),
        setAutostart: async () => void made.push('autostart'),
      } as never,
    };
    bed.press('n', '"w<&">b"');
    expect(bed.text).toContain('<name>w&lt;&amp;&quot;&gt;b</name>');
    while (!bed.text.includes('[ Create ]')) bed.press('tab');
    bed.press('enter');
    await settle();
    expect(made[0]).toContain('<ip address="192.168.100.1" netmask="255.255.255.0">');
    expect(made[0]).toContain('<range start="192.168.100.2" end="192.168.100.254"/>');
    expect(made.slice(1)).toEqual(['start', 'autostart']);
    bed.panes.redraw();
    expect(bed.text).toContain('Networks');
  });

  test('a network that does not start is not left behind, nor is what was entered', async () => {
    open([], { columns: 120, rows: 40 });
    const undone: string[] = [];
    bed.inventory.hypervisor = {
      networks: {
        define: async () => ({ name: 'web', uuid: 'x' }),
        start: () => Promise.reject(new Error('address already in use')),
        undefine: async () => void undone.push('undefine'),
      } as never,
    };
    bed.press('n', '"web"');
    while (!bed.text.includes('[ Create ]')) bed.press('tab');
    bed.press('enter');
    await settle();
    expect(undone).toEqual(['undefine']);
    expect(bed.text).toContain('network web: create failed: address already in use');
    expect(bed.text).toMatch(/Name +web/);
  });
});
