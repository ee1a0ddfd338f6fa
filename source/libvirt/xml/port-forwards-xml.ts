import { attribute, children, type Element } from './element.js';

/** Ports of the host that user-mode networking passes on to the guest. */
export interface PortForward {
  readonly protocol: 'tcp' | 'udp';
  /** The host's address that it listens at; undefined: all of them. */
  readonly address: string | undefined;
  /** The first port of the host, and the guest's that it leads to. */
  readonly host: number;
  readonly guest: number;
  /** How many ports from there on. */
  readonly count: number;
}

const allPorts = 65_535;

/** What a domain's XML forwards: passt's `<portForward>`, and SLIRP's `hostfwd=` of QEMU's own arguments. */
export function readForwards(domain: Element): readonly PortForward[] {
  const devices = children(domain, 'devices')[0];
  const cards = children(devices, 'interface').filter((card) => attribute(card, 'type') === 'user');
  return [
    ...cards.flatMap((card) => children(card, 'portForward').flatMap(ofPasst)),
    ...children(domain, 'qemu:commandline')
      .flatMap((line) => children(line, 'qemu:arg'))
      .flatMap((arg) => ofArgument(attribute(arg, 'value') ?? '')),
  ];
}

function ofPasst(element: Element): readonly PortForward[] {
  const protocol = attribute(element, 'proto') === 'udp' ? 'udp' : 'tcp';
  const address = attribute(element, 'address');
  const ranges = children(element, 'range');
  if (ranges.length === 0) return [{ protocol, address, host: 1, guest: 1, count: allPorts }];
  return ranges.flatMap((range) => {
    const start = portOf(attribute(range, 'start'));
    if (start === undefined || attribute(range, 'exclude') === 'yes') return [];
    const end = portOf(attribute(range, 'end')) ?? start;
    const guest = portOf(attribute(range, 'to')) ?? start;
    return end < start ? [] : [{ protocol, address, host: start, guest, count: end - start + 1 }];
  });
}

/** "user,id=n0,hostfwd=tcp:127.0.0.1:2222-:22" */
function ofArgument(value: string): readonly PortForward[] {
  return value.split(',').flatMap((part) => {
    const [, protocol, address = '', from, to] =
      /^hostfwd=(tcp|udp)?:(\[[^\]]*\]|[^:]*):(\d+)-[^:]*:(\d+)$/.exec(part) ?? [];
    const [host, guest] = [portOf(from), portOf(to)];
    if (host === undefined || guest === undefined) return [];
    const bare = address.replace(/^\[|\]$/g, '');
    return [
      {
        protocol: protocol === 'udp' ? 'udp' : 'tcp',
        address: bare === '' ? undefined : bare,
        host,
        guest,
        count: 1,
      } as const,
    ];
  });
}

function portOf(text: string | undefined): number | undefined {
  const port = /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0;
  return port >= 1 && port <= allPorts ? port : undefined;
}
