/**
 * The screens on made-up data, for looking at them: npx tsx test/tui/demo.tsx [domains] [scene]
 * Scenes: plain, names (hostile and wide names), trouble (every state of a connection), none,
 * crash, crash-draw, crash-ink, crash-promise (a fault: in a timer, in drawing, in Ink's drawing at `?`, unhandled).
 */
import { DomainState } from '../../../source/libvirt/domain-state.js';
import { LibvirtError } from '../../../source/libvirt/errors.js';
import { runTui } from '../../../source/tui/app/run.js';
import { type DomainSpec, type FakeDomain, FakeInventory } from '../fake-inventory.js';
import { oddNames } from '../odd-names.js';

const count = Number(process.argv[2] ?? 40);
const scene = process.argv[3] ?? 'plain';
const inventory = new FakeInventory();
const states = [
  DomainState.running,
  DomainState.running,
  DomainState.shutOff,
  DomainState.paused,
  DomainState.crashed,
];

const wave = (number: number, at: number): number =>
  Math.max(0, Math.min(100, 30 + 30 * Math.sin(at / 5 + number) + 15 * Math.sin(at * 1.7 + number * 3)));

function specs(names: (number: number) => string): DomainSpec[] {
  return Array.from({ length: count }, (_, i) => {
    const state = scene === 'busy' ? DomainState.running : (states[i % states.length] ?? DomainState.running);
    const cpu = state === DomainState.running ? Array.from({ length: 120 }, (_, at) => wave(i, at)) : [];
    return { name: names(i), state, cpu };
  });
}

if (scene === 'none') {
  // Nothing at all.
} else if (scene === 'names') {
  inventory.addHost(
    'stardust',
    specs((i) => `${oddNames[i % oddNames.length]}${i >= oddNames.length ? i : ''}`),
  );
} else {
  inventory.addHost(
    'stardust',
    specs((i) => `vm-${i}`),
  );
}
if (scene === 'trouble') {
  const error = new LibvirtError({
    kind: 'connect',
    message: "Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied",
    hint: 'Add yourself to the group libvirt: sudo usermod -aG libvirt "$USER", then log in again.',
  });
  const now = Date.now();
  inventory.addHost('lab2', [], {
    uri: 'qemu+ssh://root@lab2/system',
    info: undefined,
    status: { state: 'connecting', since: now, step: 'ssh' },
  });
  inventory.addHost('lab3', [{ name: 'old-values', cpu: [10, 20, 30] }], {
    uri: 'qemu+ssh://root@lab3/system',
    stale: true,
    status: { state: 'reconnecting', attempt: 3, retryAt: now + 30_000, error },
  });
  inventory.addHost('vc', [], {
    uri: 'vpx://admin@vc/DC/host1',
    info: undefined,
    status: { state: 'disconnected' },
  });
  inventory.addHost('lab4', [], {
    uri: 'qemu:///session',
    info: undefined,
    status: { state: 'failed', error },
  });
  inventory.notice('error', `vm-3: ${error.message}`, error.hint);
} else if (scene !== 'none') {
  inventory.notice('success', 'vm-1: shut off (shutdown)');
}
const first = inventory.store.getState().connections[0]?.domains.values().next().value as
  | FakeDomain
  | undefined;
if (first !== undefined) {
  inventory.setDetails(first, {
    title: 'Debian 12',
    interfaces: [{ mac: '52:54:00:00:00:01', source: 'default', model: 'virtio' }],
    addresses: [
      {
        interface: 'eth0',
        mac: undefined,
        family: 'ipv4',
        address: '192.168.122.171',
        prefix: 24,
        source: 'agent',
      },
    ],
  });
}

const fault = (): never => {
  throw new Error('provoked\u001B[2J');
};
const faults: Readonly<Record<string, () => unknown>> = {
  crash: fault,
  'crash-draw': () => {
    if (first !== undefined) Object.defineProperty(first, 'name', { get: fault });
    inventory.notice('info', 'drawn anew');
  },
  'crash-promise': async () => fault(),
};
if (scene === 'crash-ink') {
  // What Ink cuts lines by.
  const segments = Object.getPrototypeOf(new Intl.Segmenter().segment(''));
  Object.defineProperty(segments, 'containing', { value: fault });
}
setTimeout(() => void faults[scene]?.(), 300);

let at = 120;
setInterval(() => {
  at += 1;
  inventory.now = Date.now();
  inventory.tick((_domain, number) => wave(number, at));
}, 2000);
const act = inventory.act.bind(inventory);
inventory.act = async (connectionId, uuid, action) => {
  const outcome = await act(connectionId, uuid, action);
  inventory.notice('info', outcome.text);
  return outcome;
};

// As cli.tsx does.
process.exit(await runTui({ inventory, version: '0.0.0' }));
