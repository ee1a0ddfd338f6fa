import { expect, test } from 'vitest';
import { readRoutes } from '../../source/libvirt/host-routes.js';

const table = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
tun0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0
garbage
`;

test('the networks that this machine reaches, the default route left out', () => {
  expect(readRoutes(() => table)).toEqual([
    { device: 'eth0', subnet: '192.168.1.0/24' },
    { device: 'tun0', subnet: '10.0.0.0/8' },
  ]);
});

test('a kernel that tells nothing has no routes', () => {
  const missing = () => {
    throw new Error('ENOENT');
  };
  expect(readRoutes(missing)).toEqual([]);
  expect(readRoutes(() => '')).toEqual([]);
});
