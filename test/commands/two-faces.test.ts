import { expect, it } from 'vitest';
import { DomainState } from '../../source/libvirt/domain-state.js';
import { domainWhere } from '../lab/bed.js';
import { twoFaces } from '../support/two-faces.js';
import { servedLabs } from './served-lab.js';

const served = servedLabs();

it('list and the Manager say the same of every domain', async () => {
  const { lab, uri } = await served({ domains: 40, seed: 7 });
  const broken = domainWhere(lab, ({ state }) => state === DomainState.running);
  broken.setState(DomainState.paused, 5, 0);
  const off = domainWhere(lab, ({ state }) => state === DomainState.shutOff);
  off.setState(DomainState.shutOff, 6, 0);
  const { command, screen } = await twoFaces(uri);
  expect(Object.keys(command)).toHaveLength(40);
  expect(screen).toEqual(command);
  expect(command[broken.name]).toMatchObject({ State: 'paused (I/O error)' });
  expect(command[broken.name]?.Memory).toMatch(/^[\d.]+ \/ [\d.]+ [MG]iB$/);
  expect(command[off.name]).toMatchObject({ Id: '', State: 'shut off (failed)', Memory: '' });
});
